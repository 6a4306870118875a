// Command client calls a service as programs in Go do: it reads a list, then sends JSON whose length
// is not announced (so in chunks) and waits for `100 Continue` before it sends it. Both calls use
// one connection. It prints the answer to the second.
//
//	go run client.go ADDRESS JSON
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptrace"
	"os"
	"strings"
	"time"
)

var client = http.Client{
	Timeout:   20 * time.Second,
	Transport: &http.Transport{ExpectContinueTimeout: 10 * time.Second},
}

func main() {
	address, body := os.Args[1], os.Args[2]
	isReused, isContinued := false, false
	trace := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{
		GotConn:        func(connection httptrace.GotConnInfo) { isReused = connection.Reused },
		Got100Continue: func() { isContinued = true },
	})

	call(trace, http.MethodGet, address, nil, nil)
	filed := call(trace, http.MethodPost, address, io.MultiReader(strings.NewReader(body)), http.Header{
		"Content-Type":    {"application/json"},
		"Expect":          {"100-continue"},
		"Idempotency-Key": {"5f0c1f7e-8f0a-4d0e-9a51-3f4f0c2d7b10"},
	})

	if !isReused || !isContinued {
		log.Fatalf("kept connection: %t, 100 Continue: %t", isReused, isContinued)
	}
	fmt.Println(filed)
}

func call(trace context.Context, method, address string, body io.Reader, header http.Header) string {
	request, err := http.NewRequestWithContext(trace, method, address, body)
	if err != nil {
		log.Fatal(err)
	}
	if header != nil {
		request.Header = header
	}
	answer, err := client.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		log.Fatal(answer.Status, err, string(content))
	}
	return string(content)
}
