// Values handed over between two goroutines of one processor: unbuffered, or through a buffer of the second argument's
// size.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"time"
)

func main() {
	runtime.GOMAXPROCS(1)
	count, _ := strconv.Atoi(os.Args[1])
	capacity := 0
	if len(os.Args) > 2 {
		capacity, _ = strconv.Atoi(os.Args[2])
	}
	channel, done := make(chan int, capacity), make(chan int)
	start := time.Now()
	go func() {
		for i := 0; i < count; i++ {
			channel <- i
		}
	}()
	go func() {
		sum := 0
		for i := 0; i < count; i++ {
			sum += <-channel
		}
		done <- sum
	}()
	sum := <-done
	fmt.Println("ns", float64(time.Since(start).Nanoseconds())/float64(count))
	if sum != count*(count-1)/2 {
		os.Exit(1)
	}
}
