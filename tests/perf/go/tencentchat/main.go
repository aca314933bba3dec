// The library's Go face as a client of the bench: one client for all goroutines, the typed delete, the rate limit off.
package main

import (
	"context"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/tests/perf/go/measure"
)

func main() {
	run := measure.Arguments()
	client, err := chat.New(chat.Config{
		BaseURL:    run.Base(),
		CAFile:     run.CAFile,
		SDKAppID:   1400000000,
		Identifier: "administrator",
		SecretKey:  chat.NewSecret("5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e"),
		Timeout:    measure.Deadline,
		RateLimit:  chat.NoRateLimit,
	})
	measure.Check(err)
	defer client.Close()
	run.Measure(func() func() {
		return func() {
			_, err := client.DelContactGroup(context.Background(), measure.User, measure.Group)
			measure.Check(err)
		}
	})
}
