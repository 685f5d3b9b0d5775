// Two goroutines of one processor that meet, round after round. Go has no barrier: a mutex, a condition and a count, as one
// writes it there.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"time"
)

type barrier struct {
	mutex          sync.Mutex
	full           *sync.Cond
	arrived, round int
}

func (b *barrier) wait() {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	round := b.round
	b.arrived++
	if b.arrived == 2 {
		b.arrived = 0
		b.round++
		b.full.Broadcast()
		return
	}
	for round == b.round {
		b.full.Wait()
	}
}

func main() {
	runtime.GOMAXPROCS(1)
	count, _ := strconv.Atoi(os.Args[1])
	b := &barrier{}
	b.full = sync.NewCond(&b.mutex)
	var done sync.WaitGroup
	start := time.Now()
	for i := 0; i < 2; i++ {
		done.Add(1)
		go func() {
			for j := 0; j < count; j++ {
				b.wait()
			}
			done.Done()
		}()
	}
	done.Wait()
	fmt.Println("ns", float64(time.Since(start).Nanoseconds())/float64(count))
}
