//go:build cgo

// What the package documentation and README.md show, run against an emulator.

package chat_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

func Example() {
	service, err := chattest.Run() // the emulator; a real program sets Config.Region instead
	if err != nil {
		fmt.Println(err)
		return
	}
	defer service.Close()

	client, err := chat.New(chat.Config{
		BaseURL:    service.TLSURL,
		CAFile:     service.CAFile,
		SDKAppID:   chattest.SDKAppID,
		Identifier: chattest.Identifier,
		SecretKey:  chat.NewSecret(chattest.SecretKey),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()

	_, err = client.DelContactGroup(context.Background(), "user_0001", "group_0001")
	fmt.Println(errors.Is(err, chat.ErrGroupNotFound))
	// Output: true
}

func ExampleClient_Call() {
	service, err := chattest.Run()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer service.Close()
	client := service.NewClient()
	defer client.Close()

	body := map[string]any{"CheckItem": []any{map[string]string{"UserID": "user_0001"}}}
	answer, err := client.Call(context.Background(), "v4/im_open_login_svc/account_check", body)
	if err != nil {
		fmt.Println(err)
		return
	}
	var checked struct {
		ResultItem []struct{ UserID, AccountStatus string }
	}
	if err := answer.Decode(&checked); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(checked.ResultItem[0].UserID, checked.ResultItem[0].AccountStatus)
	// Output: user_0001 Imported
}

func ExampleError() {
	service, err := chattest.Run()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer service.Close()
	client := service.NewClient()
	defer client.Close()

	service.Fault(chattest.Fault{Hang: true}) // the service takes the request and never answers
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	_, err = client.DelContactGroup(ctx, "user_0001", "group_0001")

	var failure *chat.Error
	if errors.As(err, &failure) {
		fmt.Println(failure.Code, errors.Is(err, context.DeadlineExceeded), failure.InDoubt)
	}
	// Output: ERR_TIMEOUT true true
}

func ExamplePartialError() {
	service, err := chattest.Run()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer service.Close()
	client, ctx := service.NewClient(), context.Background()
	defer client.Close()

	result, err := client.AccountDelete(ctx, []string{"user_0002", "nobody"})
	if errors.Is(err, chat.ErrPartial) {
		for _, account := range result.Accounts {
			fmt.Println(account.UserID, account.ResultCode)
		}
	}
	// Output:
	// user_0002 OK
	// nobody SERVICE_ACCOUNT_NOT_FOUND
}

func ExampleClient_Stats() {
	service, err := chattest.Run()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer service.Close()
	client := service.NewClient()
	defer client.Close()
	client.AccountCheck(context.Background(), []string{"user_0001"})

	http.HandleFunc("/metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		io.WriteString(w, client.Stats().Prometheus)
	})

	answer := httptest.NewRecorder()
	http.DefaultServeMux.ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	fmt.Println(strings.Contains(answer.Body.String(), ",outcome=\"ok\"} 1\n"), client.Stats().Counters["retries"])
	// Output: true 0
}

func ExampleClient_DelContactGroup() {
	service, err := chattest.Run()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer service.Close()
	client, ctx := service.NewClient(), context.Background()
	defer client.Close()
	if _, err := client.CreateContactGroup(ctx, "user_0001", "group_0001", nil); err != nil {
		fmt.Println(err)
		return
	}

	service.Fault(chattest.Fault{Drop: "reset", Applied: true}) // the group is deleted, and the answer is lost
	result, err := client.DelContactGroup(ctx, "user_0001", "group_0001")
	if err == nil {
		fmt.Println(result.Attempts, result.AlreadyDeleted)
	}
	// Output: 2 true
}
