//go:build cgo && go1.21

// What README.md shows of log/slog, run against an emulator.

package chat_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

func ExampleClient_LogTo() {
	service, err := chattest.Run()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer service.Close()
	client := service.NewClient()
	defer client.Close()

	steady := func(_ []string, a slog.Attr) slog.Attr { // leaves out what differs each time
		if a.Key == slog.TimeKey || a.Key == "ms" || a.Key == "trace" {
			return slog.Attr{}
		}
		return a
	}
	defer slog.SetDefault(slog.Default())
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: steady})))

	client.LogTo(slog.Default())

	client.AccountCheck(context.Background(), []string{"user_0001"})
	// Output: {"level":"INFO","msg":"tencent-chat call","command":"account_check","code":0,"attempts":1,"in_doubt":false}
}
