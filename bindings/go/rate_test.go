//go:build cgo

// The rate limit as callers meet it: what leaves in a second, who is turned away, and who may stop waiting.

package chat_test

import (
	"context"
	"errors"
	"testing"
	"time"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

// await polls a counter of the client until it has grown to n.
func await(t *testing.T, client *chat.Client, counter string, n uint64) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); client.Stats().Counters[counter] < n; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s is %d, waited for %d", counter, client.Stats().Counters[counter], n)
		}
	}
}

func TestNoSecondSeesMoreCallsThanTheRateLimit(t *testing.T) {
	service := chattest.Start(t)
	for setting, calls := range map[int]int{20: 50, 0: 2*chat.DefaultRateLimit + 50} {
		service.Reset()
		client := service.NewClient(func(c *chat.Config) { c.RateLimit, c.Timeout = setting, time.Minute })
		atOnce(t, calls, func(int) error {
			_, err := client.DelContactGroup(background, chattest.User, "none")
			if errors.Is(err, chat.ErrGroupNotFound) {
				return nil
			}
			return err
		})
		limit := setting
		if limit == 0 {
			limit = chat.DefaultRateLimit
		}
		// The setting reaches the library, which keeps it to the call: half more is what a busy machine may hold up and let arrive at once.
		if rate := service.Rates()[deletePath]; rate.LargestSecond > limit+limit/2 || rate.Calls != int64(calls) {
			t.Errorf("%+v, the limit is %d and %d calls were made", rate, limit, calls)
		}
		if waits := client.Stats().Counters["rate_waits"]; waits == 0 {
			t.Errorf("none of %d calls waited under a limit of %d", calls, limit)
		}
	}
}

// queued gives a client whose turns are taken for ten seconds, one a second.
func queued(t *testing.T, service *chattest.Service) *chat.Client {
	t.Helper()
	client := service.NewClient(func(c *chat.Config) { c.RateLimit, c.Timeout = 1, time.Minute })
	for i := 0; i < 15; i++ {
		go client.DelContactGroup(background, chattest.User, "none")
	}
	await(t, client, "calls_in_progress", 10)
	return client
}

func TestACommandThatWaitsForItsTurnStandsInNoOtherCommandsWay(t *testing.T) {
	service := chattest.Start(t)
	for _, connections := range []int{1, chat.DefaultMaxConnections} {
		service.Reset()
		client := service.NewClient(func(c *chat.Config) { c.RateLimit, c.Timeout, c.MaxConnections = 1, time.Hour, connections })
		for i := 0; i < 1000; i++ {
			go client.DelContactGroup(background, chattest.User, "none")
		}
		await(t, client, "calls_service", 1) // the first has had its turn
		await(t, client, "calls_in_progress", uint64(connections))
		soon := chat.WithTimeout(20 * time.Second) // only stops a hang
		for name, err := range map[string]error{
			"typed":     refusal(client.GetContactGroup(background, chattest.User, 0, soon)),
			"iteration": firstPage(client, soon),
			"generic":   refusal(client.Call(background, "v4/im_open_login_svc/account_check", map[string]any{"CheckItem": []any{map[string]string{"UserID": "a"}}}, soon)),
		} {
			if err != nil {
				t.Errorf("%s with %d connections: %v", name, connections, err)
			}
		}
		if sent := service.Rates()[deletePath].Calls; sent > 100 {
			t.Errorf("%d of the 1000 calls, one a second, were sent before three calls of other commands", sent)
		}
		client.Close()
	}
}

func refusal[R any](_ R, err error) error { return err }

func firstPage(client *chat.Client, options ...chat.CallOption) error {
	items := client.RecentContactItems(chattest.User, options...)
	defer items.Close()
	items.Next(background)
	return items.Err()
}

func calledIn(ctx context.Context, client *chat.Client, options ...chat.CallOption) error {
	_, err := client.DelContactGroup(ctx, chattest.User, "none", options...)
	return err
}

func TestCancellingEndsTheWaitForATurn(t *testing.T) {
	client := queued(t, chattest.Start(t))
	ctx, cancel := context.WithCancel(background)
	time.AfterFunc(50*time.Millisecond, cancel)
	_, err := client.DelContactGroup(ctx, chattest.User, "none")
	failure := wantFailure(t, err, chat.ErrCancelled, chat.CodeCancelled)
	if !errors.Is(err, context.Canceled) || failure.InDoubt || failure.Attempts != 0 {
		t.Errorf("%v with %+v", err, failure.Response)
	}
}

func TestClosingEndsTheWaitForATurn(t *testing.T) {
	client := queued(t, chattest.Start(t))
	ended := make(chan error, 1)
	go func() {
		_, err := client.DelContactGroup(background, chattest.User, "none")
		ended <- err
	}()
	time.Sleep(20 * time.Millisecond)
	client.Close()
	if failure := wantFailure(t, <-ended, chat.ErrShutdown, chat.CodeShutdown); failure.InDoubt || failure.Attempts != 0 {
		t.Errorf("%+v", failure.Response)
	}
}

func TestCancellingEndsThePauseBeforeARepeat(t *testing.T) {
	service := chattest.Start(t)
	service.Fault(chattest.Fault{Code: 60007, Times: chattest.Forever}) // asks for a second
	client := service.NewClient()
	ctx, cancel := context.WithCancel(background)
	ended := make(chan error, 1)
	go func() {
		_, err := client.DelContactGroup(ctx, chattest.User, "none")
		ended <- err
	}()
	await(t, client, "throttle_answers", 1)
	cancel()
	err := <-ended
	failure := wantFailure(t, err, chat.ErrCancelled, chat.CodeCancelled)
	if !errors.Is(err, context.Canceled) || failure.InDoubt || failure.Attempts != 1 || service.RequestsTotal() != 1 {
		t.Errorf("%d requests, %v with %+v", service.RequestsTotal(), err, failure.Response)
	}
}

func TestClosingEndsThePauseBeforeARepeat(t *testing.T) {
	service := chattest.Start(t)
	service.Fault(chattest.Fault{Code: 60007, Times: chattest.Forever})
	client := service.NewClient()
	ended := make(chan error, 1)
	go func() {
		_, err := client.DelContactGroup(background, chattest.User, "none")
		ended <- err
	}()
	await(t, client, "throttle_answers", 1)
	client.Close()
	if failure := wantFailure(t, <-ended, chat.ErrShutdown, chat.CodeShutdown); failure.InDoubt || failure.Attempts != 1 {
		t.Errorf("%+v", failure.Response)
	}
}

func TestTheServicesOwnLimitIsSurvived(t *testing.T) {
	service := chattest.Start(t)
	service.Change(func(s *chattest.Settings) { s.RateLimit, s.RateWindow = 5, "sliding" })
	client := service.NewClient(func(c *chat.Config) { c.RateLimit, c.MaxAttempts, c.Timeout = 20, 10, time.Minute })
	atOnce(t, 12, func(int) error {
		_, err := client.DelContactGroup(background, chattest.User, "none")
		if errors.Is(err, chat.ErrGroupNotFound) {
			return nil
		}
		return err
	})
	if counters := client.Stats().Counters; counters["throttle_answers"] == 0 || counters["retries"] == 0 {
		t.Errorf("nobody was asked to slow down: %v", counters)
	}
}
