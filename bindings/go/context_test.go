//go:build cgo

// What a context does to a call: nothing is sent when it has ended, cancelling ends a call
// whose peer still hangs, and the error is both Go's and ours.

package chat_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

func TestAnEndedContextSendsNothing(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	expired, cancel := context.WithDeadline(context.Background(), time.Now().Add(-time.Second))
	defer cancel()
	for _, one := range []struct {
		ctx   context.Context
		cause error
		class error
		code  chat.Code
	}{
		{cancelled, context.Canceled, chat.ErrCancelled, chat.CodeCancelled},
		{expired, context.DeadlineExceeded, chat.ErrTimeout, chat.CodeTimeout},
	} {
		_, err := client.DelContactGroup(one.ctx, chattest.User, "one")
		failure := wantFailure(t, err, one.class, one.code)
		if !errors.Is(err, one.cause) || failure.InDoubt || failure.Attempts != 0 {
			t.Errorf("%v: %+v", err, failure.Response)
		}
	}
	if total := service.RequestsTotal(); total != 0 {
		t.Errorf("%d requests were sent", total)
	}
}

func TestTheContextsDeadlineEndsACallWhileThePeerHangs(t *testing.T) {
	service := chattest.Start(t)
	service.Fault(chattest.Fault{Hang: true, Times: chattest.Forever})
	client := service.NewClient()
	for i := 0; i < 5; i++ { // the library's and the context's timers race; the answer must not
		begun := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), 60*time.Millisecond)
		_, err := client.DelContactGroup(ctx, chattest.User, "one")
		spent := time.Since(begun)
		cancel()
		failure := wantFailure(t, err, chat.ErrTimeout, chat.CodeTimeout)
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
			t.Errorf("%v is not the context's deadline", err)
		}
		if spent < 60*time.Millisecond || !failure.InDoubt {
			t.Errorf("ended after %v with %+v", spent, failure.Response)
		}
	}
}

func TestATimeoutIsDeadlineExceededWhoeverSetIt(t *testing.T) {
	service := chattest.Start(t)
	service.Fault(chattest.Fault{Hang: true, Times: chattest.Forever})
	short := service.NewClient(func(c *chat.Config) { c.Timeout = 60 * time.Millisecond })
	long, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for name, err := range map[string]error{
		"Config.Timeout": calledIn(long, short),
		"WithTimeout":    calledIn(long, service.NewClient(), chat.WithTimeout(60*time.Millisecond)),
		"tiny":           calledIn(long, service.NewClient(), chat.WithTimeout(time.Nanosecond)),
		"attempt":        calledIn(long, service.NewClient(), chat.WithAttemptTimeout(60*time.Millisecond), chat.WithMaxAttempts(1)),
	} {
		wantFailure(t, err, chat.ErrTimeout, chat.CodeTimeout)
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || errors.Unwrap(err) != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestATimeThatIsOverBeforeTheCallBlamesNoSetting(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	createGroup(t, client, "warm")
	for _, d := range []time.Duration{time.Nanosecond, time.Microsecond, 10 * time.Microsecond} {
		ctx, cancel := context.WithTimeout(context.Background(), d)
		for _, err := range []error{calledIn(context.Background(), client, chat.WithTimeout(d)), calledIn(ctx, client)} {
			// Ten microseconds may be enough to reach the library, which gives a call a millisecond.
			if strings.Contains(err.Error(), "MaxConnections") {
				t.Errorf("%v with every place free: %v", d, err)
			}
		}
		cancel()
	}
}

// stranger is a context of somebody else's making, which says that its time is over and tells no deadline.
type stranger struct {
	context.Context
	done chan struct{}
}

func (s stranger) Done() <-chan struct{} { return s.done }

func (s stranger) Err() error {
	select {
	case <-s.done:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

func TestAContextOfAnotherMakeEndsACallAsItSays(t *testing.T) {
	service := chattest.Start(t)
	service.Fault(chattest.Fault{Hang: true, Times: chattest.Forever})
	ctx := stranger{context.Background(), make(chan struct{})}
	go func() {
		service.AwaitRequests(1)
		close(ctx.done)
	}()
	err := calledIn(ctx, service.NewClient())
	wantFailure(t, err, chat.ErrTimeout, chat.CodeTimeout)
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestCancellingEndsACallWhileThePeerHangs(t *testing.T) {
	service := chattest.Start(t)
	service.Fault(chattest.Fault{Hang: true, Times: chattest.Forever})
	client := service.NewClient()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() {
		_, err := client.DelContactGroup(ctx, chattest.User, "one")
		ended <- err
	}()
	service.AwaitRequests(1)
	cancel()
	err := <-ended
	failure := wantFailure(t, err, chat.ErrCancelled, chat.CodeCancelled)
	if !errors.Is(err, context.Canceled) || !failure.InDoubt || failure.Timeout() {
		t.Errorf("%v with %+v", err, failure.Response)
	}
}

func TestCancellingEndsTheWaitForAFreeConnection(t *testing.T) {
	service := chattest.Start(t)
	service.Fault(chattest.Fault{Hang: true, Times: chattest.Forever})
	client := service.NewClient(func(c *chat.Config) {
		c.MaxConnections, c.Timeout, c.AttemptTimeout = 1, 20*time.Second, 20*time.Second
	})
	go client.DelContactGroup(context.Background(), chattest.User, "one")
	service.AwaitRequests(1)
	begun := time.Now()
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(30*time.Millisecond, cancel)
	_, err := client.DelContactGroup(ctx, chattest.User, "one")
	if failure := wantFailure(t, err, chat.ErrCancelled, chat.CodeCancelled); failure.InDoubt || !errors.Is(err, context.Canceled) {
		t.Errorf("%v with %+v", err, failure.Response)
	}
	if spent := time.Since(begun); spent > 10*time.Second {
		t.Errorf("the wait ended after %v, with the call that held the connection", spent)
	}
	if total := service.RequestsTotal(); total != 1 {
		t.Errorf("%d requests, want 1", total)
	}
}

func TestASuccessIsNotTurnedIntoAnErrorByALateCancel(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	for i := 0; i < 20; i++ {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		if _, err := client.Call(ctx, createPath, creation("one")); err != nil {
			t.Fatal(err)
		}
		cancel()
		deleteGroup(t, client, "one")
	}
}

func TestNoGoroutineOutlivesItsCall(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	createGroup(t, client, "one")
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for i := 0; i < 50; i++ { // a success, a failure, a timeout, a cancel
		client.Call(ctx, "v4/recentcontact/get_contact_group", map[string]any{"From_Account": chattest.User, "StartIndex": 0})
		client.DelContactGroup(ctx, chattest.User, "none")
	}
	service.Fault(chattest.Fault{Hang: true, Times: chattest.Forever})
	for i := 0; i < 5; i++ {
		short, cancel := context.WithTimeout(ctx, 5*time.Millisecond)
		client.DelContactGroup(short, chattest.User, "none")
		cancel()
	}
	for end := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			stacks := make([]byte, 1<<16)
			t.Fatalf("%d goroutines, were %d:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
	}
}

func TestACancelledContextEndsASplitBetweenItsParts(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	service.Fault(chattest.Fault{Hang: true, Skip: 1, Times: chattest.Forever})
	ctx, cancel := context.WithCancel(background)
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := client.AccountCheck(ctx, names("p", 350), chat.Split())
		ended <- err
	}()
	service.AwaitRequests(2)
	cancel()
	err := <-ended
	wantFailure(t, err, chat.ErrCancelled, chat.CodeCancelled)
	var split *chat.SplitError
	if !errors.Is(err, context.Canceled) || !errors.As(err, &split) || split.Done != 100 || !split.Failure.InDoubt {
		t.Errorf("%v", err)
	}
	if total := len(service.Requests()); total != 2 {
		t.Errorf("%d requests", total)
	}
}
