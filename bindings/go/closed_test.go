//go:build cgo

// The end of a client: Close ends what is inside, waits for it, and what comes after is told.

package chat_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

func TestCloseEndsHangingCallsAndWaitsForThem(t *testing.T) {
	service := chattest.Start(t)
	service.Fault(chattest.Fault{Hang: true, Times: chattest.Forever})
	client := service.NewClient(func(c *chat.Config) { c.Timeout = time.Minute })
	ended := make(chan error, 8)
	for i := 0; i < cap(ended); i++ {
		go func() {
			_, err := client.DelContactGroup(context.Background(), chattest.User, "one")
			ended <- err
		}()
	}
	service.AwaitRequests(cap(ended))
	client.Close()
	for i := 0; i < cap(ended); i++ {
		if failure := wantFailure(t, <-ended, chat.ErrShutdown, chat.CodeShutdown); !failure.InDoubt {
			t.Errorf("the request was sent, yet %+v", failure.Response)
		}
	}
}

func TestCloseEndsCallsThatWaitForAConnection(t *testing.T) {
	service := chattest.Start(t)
	service.Fault(chattest.Fault{Hang: true, Times: chattest.Forever})
	client := service.NewClient(func(c *chat.Config) { c.MaxConnections = 1; c.Timeout, c.AttemptTimeout = time.Minute, time.Minute })
	ended := make(chan error, 4)
	for i := 0; i < cap(ended); i++ {
		go func() {
			_, err := client.DelContactGroup(context.Background(), chattest.User, "one")
			ended <- err
		}()
	}
	service.AwaitRequests(1)
	client.Close()
	for i := 0; i < cap(ended); i++ {
		wantFailure(t, <-ended, chat.ErrShutdown, chat.CodeShutdown)
	}
	if total := service.RequestsTotal(); total != 1 {
		t.Errorf("%d requests, want 1", total)
	}
}

func TestAClosedClientSaysSo(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	createGroup(t, client, "one")
	client.Close()
	client.Close()
	client.Shutdown()
	_, err := client.DelContactGroup(context.Background(), chattest.User, "one")
	wantFailure(t, err, chat.ErrShutdown, chat.CodeShutdown)
	_, err = client.Call(context.Background(), createPath, nil)
	wantFailure(t, err, chat.ErrShutdown, chat.CodeShutdown)
	for _, call := range accounted(client) {
		wantFailure(t, call("user_0001"), chat.ErrShutdown, chat.CodeShutdown)
	}
	wantFailure(t, client.SetSecretKey(chat.NewSecret("key")), chat.ErrShutdown, chat.CodeShutdown)
	wantFailure(t, client.SetUserSig(chat.NewSecret("signature")), chat.ErrShutdown, chat.CodeShutdown)
	if total := service.RequestsTotal(); total != 1 {
		t.Errorf("%d requests, want 1", total)
	}
}

func TestCloseContextEndsWhatIsLeftWhenItsContextEnds(t *testing.T) {
	service := chattest.Start(t)
	service.Fault(chattest.Fault{Hang: true, Times: chattest.Forever})
	for name, end := range map[string]func() (context.Context, context.CancelFunc){
		"deadline": func() (context.Context, context.CancelFunc) {
			return context.WithTimeout(background, 50*time.Millisecond)
		},
		"cancel": func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(background)
			time.AfterFunc(50*time.Millisecond, cancel)
			return ctx, cancel
		},
	} {
		service.ForgetRequests()
		client := service.NewClient(func(c *chat.Config) { c.Timeout, c.AttemptTimeout = time.Minute, time.Minute })
		ended := make(chan error, 1)
		go func() { ended <- removeNone(client) }()
		service.AwaitRequests(1)
		ctx, cancel := end()
		err := client.CloseContext(ctx)
		if !errors.Is(err, ctx.Err()) || ctx.Err() == nil {
			t.Errorf("%s: %v", name, err)
		}
		wantFailure(t, <-ended, chat.ErrShutdown, chat.CodeShutdown)
		cancel()
	}
}

func TestClosingFromManyGoroutinesWhileCallsRunIsSafe(t *testing.T) {
	service := chattest.Start(t)
	for round := 0; round < 10; round++ {
		client := service.NewClient()
		var all sync.WaitGroup
		for i := 0; i < 12; i++ {
			all.Add(2)
			go func() {
				defer all.Done()
				for {
					if _, err := client.DelContactGroup(context.Background(), chattest.User, "none"); isShutdown(err) {
						return
					}
				}
			}()
			go func() {
				defer all.Done()
				time.Sleep(5 * time.Millisecond)
				client.Close()
			}()
		}
		all.Wait()
	}
}

func isShutdown(err error) bool {
	failure, ok := err.(*chat.Error)
	return ok && failure.Code == chat.CodeShutdown
}

func TestADroppedClientIsClosedByTheCollector(t *testing.T) {
	service := chattest.Start(t)
	before := openFiles(t)
	func() {
		for i := 0; i < 8; i++ {
			client, err := chat.New(service.Config())
			if err != nil {
				t.Fatal(err)
			}
			client.DelContactGroup(context.Background(), chattest.User, "none")
		}
	}()
	for end := time.Now().Add(20 * time.Second); openFiles(t) > before; time.Sleep(10 * time.Millisecond) {
		runtime.GC()
		if time.Now().After(end) {
			t.Fatalf("%d files are open, were %d", openFiles(t), before)
		}
	}
}

func TestAClosedClientKeepsItsLastCounters(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	createGroup(t, client, "one")
	service.Fault(chattest.Fault{Hang: true})
	ended := make(chan error)
	go func() {
		_, err := client.DelContactGroup(background, chattest.User, "one")
		ended <- err
	}()
	service.AwaitRequests(2)
	client.Close()
	wantFailure(t, <-ended, chat.ErrShutdown, chat.CodeShutdown)
	last := client.Stats()
	if last.Counters["calls"] != 2 || last.Counters["calls_shutdown"] != 1 || last.Counters["in_doubt"] != 1 || last.Counters["calls_in_progress"] != 0 {
		t.Errorf("the last counters are %v", last.Counters)
	}
	if !strings.Contains(last.Prometheus, `outcome="shutdown"} 1`) {
		t.Errorf("the last text is\n%s", last.Prometheus)
	}
}
