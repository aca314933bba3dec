//go:build cgo && go1.20

// Why a context ended reaches the caller, wherever the call was, and no failure speaks of what is inside this package.

package chat_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

func TestTheCauseOfAContextReachesTheCallerWhereverItsCallWas(t *testing.T) {
	cause := errors.New("tenant is\x1b[2J moved")
	for name, call := range map[string]func(ctx context.Context, client *chat.Client) error{
		"call": func(ctx context.Context, client *chat.Client) error { return calledIn(ctx, client) },
		"iteration": func(ctx context.Context, client *chat.Client) error {
			return next(ctx, client.ContactGroupItems(chattest.User))
		},
		"stand-in": func(ctx context.Context, _ *chat.Client) error {
			<-ctx.Done()
			return next(ctx, chat.ItemsOf([]int{1}, nil))
		},
		"split": func(ctx context.Context, client *chat.Client) error {
			_, err := client.AccountCheck(ctx, names("a", 150), chat.Split())
			return err
		},
		"many": func(ctx context.Context, client *chat.Client) error {
			taken := int64(0)
			_, err := client.DelContactGroups(ctx, endless(&taken), chat.Bulk{})
			return err
		},
	} {
		for place, prepare := range map[string]func(*chattest.Service, *chat.Config){
			"before it began": nil,
			"the peer hangs": func(s *chattest.Service, _ *chat.Config) {
				s.Fault(chattest.Fault{Hang: true, Times: chattest.Forever})
			},
			"it waits for a turn": func(_ *chattest.Service, c *chat.Config) { c.RateLimit = 1 },
			"it waits for a place": func(s *chattest.Service, c *chat.Config) {
				s.Fault(chattest.Fault{Hang: true, Times: chattest.Forever})
				c.MaxConnections = 1
			},
		} {
			service := chattest.Start(t)
			ctx, cancel := context.WithCancelCause(context.Background())
			client := service.NewClient(func(c *chat.Config) {
				c.Timeout, c.AttemptTimeout = time.Minute, time.Minute
				if prepare == nil {
					cancel(cause)
				} else {
					prepare(service, c)
				}
			})
			if prepare != nil {
				for i := 0; i < 4; i++ { // so that the call has to wait where there is something to wait for
					go call(background, client)
				}
				if name != "stand-in" {
					service.AwaitRequests(1)
				}
				time.AfterFunc(50*time.Millisecond, func() { cancel(cause) })
			}
			err := call(ctx, client)
			wantFailure(t, err, chat.ErrCancelled, chat.CodeCancelled)
			if !errors.Is(err, cause) || !errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s, %s: %v", name, place, err)
			}
			if text := err.Error(); strings.Contains(text, "token") || !strings.Contains(text, `tenant is\u001b[2J moved`) {
				t.Errorf("%s, %s: says %q", name, place, text)
			}
			client.Close()
		}
	}
}

func next[T any](ctx context.Context, items *chat.Items[T]) error {
	defer items.Close()
	for items.Next(ctx) {
	}
	return items.Err()
}

func TestTheCauseOfAPassedDeadlineReachesTheCaller(t *testing.T) {
	service := chattest.Start(t)
	service.Fault(chattest.Fault{Hang: true, Times: chattest.Forever})
	cause := errors.New("the budget is spent")
	for _, d := range []time.Duration{-time.Second, 30 * time.Millisecond} {
		parent, cancel := context.WithCancelCause(context.Background())
		ctx, end := context.WithTimeout(parent, d)
		err := calledIn(ctx, service.NewClient())
		wantFailure(t, err, chat.ErrTimeout, chat.CodeTimeout)
		if !errors.Is(err, context.Cause(ctx)) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v: %v", d, err)
		}
		end()
		cancel(cause)
	}
}
