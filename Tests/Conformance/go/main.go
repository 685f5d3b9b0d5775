// What Go's net/http makes of the server: go run main.go URL CA-FILE PROTOCOL
package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

func check(condition bool, format string, arguments ...any) {
	if !condition {
		fmt.Fprintf(os.Stderr, format+"\n", arguments...)
		os.Exit(1)
	}
}

func read(answer *http.Response, err error) string {
	check(err == nil, "%v", err)
	body, err := io.ReadAll(answer.Body)
	check(err == nil, "%v", err)
	answer.Body.Close()
	return string(body)
}

// Hides how long the text is, so that it is sent in chunks.
type unknown struct{ io.Reader }

func main() {
	url, authority, protocol := os.Args[1], os.Args[2], os.Args[3]
	pool := x509.NewCertPool()
	if pem, err := os.ReadFile(authority); err == nil {
		pool.AppendCertsFromPEM(pem)
	}
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: protocol == "HTTP/2.0",
		ExpectContinueTimeout: 5 * time.Second,
	}
	client := &http.Client{Transport: transport, Timeout: 20 * time.Second}

	answer, err := client.Get(url + "/version")
	check(strings.HasPrefix(read(answer, err), protocol), "not %s", protocol)
	check(answer.Proto == protocol, "%s", answer.Proto)

	text := strings.Repeat("0123456789", 50_000)
	for _, body := range []io.Reader{strings.NewReader(text), unknown{strings.NewReader(text)}} {
		check(read(client.Post(url+"/echo", "text/plain", body)) == text, "the body has changed")
	}
	request, _ := http.NewRequest("POST", url+"/echo", bytes.NewReader([]byte(text)))
	request.Header.Set("Expect", "100-continue")
	check(read(client.Do(request)) == text, "the body has changed after 100")

	request, _ = http.NewRequest("POST", url+"/trailers", unknown{strings.NewReader("12345")})
	request.Trailer = http.Header{"Checksum": {"abc"}}
	check(strings.EqualFold(read(client.Do(request)), "5 checksum=abc"), "the trailers are not there")

	request, _ = http.NewRequest("GET", url+"/alphabet", nil)
	request.Header.Set("Range", "bytes=1-3")
	check(read(client.Do(request)) == "bcd", "another range")
	check(len(read(client.Get(url+"/stream/5"))) == 5<<20, "the stream is cut")
	answer, err = client.Head(url + "/plain")
	check(read(answer, err) == "" && answer.ContentLength == 12, "HEAD has content")
	answer, err = client.Get(url + "/no-content")
	check(read(answer, err) == "" && answer.StatusCode == 204, "204 has content")
	// Over HTTP/2 the reset may come together with the head.
	answer, err = client.Get(url + "/torn")
	if err == nil {
		_, err = io.ReadAll(answer.Body)
	}
	check(err != nil, "a body that is cut was taken for a whole one")

	var group sync.WaitGroup
	for i := 0; i < 50; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for j := 0; j < 20; j++ {
				check(read(client.Get(url+"/plain")) == "Hello World!", "another answer")
			}
		}()
	}
	group.Wait()
	fmt.Println("ok")
}
