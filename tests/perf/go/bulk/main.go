// Deletes one group of each of many users through the Go face: BASE_URL CA_FILE USERS WORKERS LIMIT (calls a second, 0: off).
package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/tests/perf/go/measure"
)

func number(text string) int {
	n, err := strconv.Atoi(text)
	measure.Check(err)
	return n
}

func main() {
	users, workers, limit := number(os.Args[3]), number(os.Args[4]), number(os.Args[5])
	if limit == 0 {
		limit = chat.NoRateLimit
	}
	client, err := chat.New(chat.Config{
		BaseURL:    os.Args[1],
		CAFile:     os.Args[2],
		SDKAppID:   1400000000,
		Identifier: "administrator",
		SecretKey:  chat.NewSecret("5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e"),
		Timeout:    time.Minute,
		RateLimit:  limit,
	})
	measure.Check(err)
	defer client.Close()
	var done sync.WaitGroup
	next := make(chan int)
	done.Add(workers)
	began := time.Now()
	for i := 0; i < workers; i++ {
		go func() {
			defer done.Done()
			for user := range next {
				_, err := client.DelContactGroup(context.Background(), fmt.Sprintf("user_%04d", user), measure.Group)
				measure.Check(err)
			}
		}()
	}
	for user := 1; user <= users; user++ {
		next <- user
	}
	close(next)
	done.Wait()
	fmt.Printf("{\"calls\":%d,\"wall_us\":%d}\n", users, time.Since(began).Microseconds())
}
