//go:build cgo

// What the library repeats and what it does not, as far as this package has a say: settings, options,
// and what a caller is told.

package chat_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

// attemptsOf are the codes in a response's trace.
func attemptsOf(t *testing.T, response chat.Response) (codes []int, standby []bool) {
	t.Helper()
	var attempts []struct {
		Code    int
		Standby bool
	}
	if err := json.Unmarshal([]byte(response.Trace), &attempts); err != nil {
		t.Fatalf("trace %s: %v", response.Trace, err)
	}
	for _, one := range attempts {
		codes, standby = append(codes, one.Code), append(standby, one.Standby)
	}
	return codes, standby
}

func TestOptionsOutOfRangeAreRefusedByNameWithoutARequest(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	for word, option := range map[string]chat.CallOption{
		"WithMaxAttempts is 0":        chat.WithMaxAttempts(0),
		"WithMaxAttempts is -1":       chat.WithMaxAttempts(-1),
		"max_attempts":                chat.WithMaxAttempts(11),
		"WithAttemptTimeout is 0s":    chat.WithAttemptTimeout(0),
		"WithConnectTimeout is -1s":   chat.WithConnectTimeout(-time.Second),
		"WithTimeout is -1ns; give a": chat.WithTimeout(-1),
		"at most 1193h2m47.295s":      chat.WithConnectTimeout(1194 * time.Hour),
	} {
		_, err := client.DelContactGroup(background, chattest.User, "none", option)
		if failure := wantFailure(t, err, chat.ErrInvalidArgument, chat.CodeInvalidArgument); !strings.Contains(failure.Message, word) {
			t.Errorf("%q does not say %q", failure.Message, word)
		}
	}
	if total := service.RequestsTotal(); total != 0 {
		t.Errorf("%d requests were sent", total)
	}
}

func TestTheContextsDeadlineEndsTheRepeats(t *testing.T) {
	service := chattest.Start(t)
	service.Fault(chattest.Fault{Hang: true, Times: chattest.Forever})
	client := service.NewClient(func(c *chat.Config) {
		c.AttemptTimeout, c.MaxAttempts, c.Timeout = 150*time.Millisecond, 10, time.Minute
	})
	ctx, cancel := context.WithTimeout(background, time.Second)
	defer cancel()
	_, err := client.DelContactGroup(ctx, chattest.User, "none")
	failure := wantFailure(t, err, chat.ErrTimeout, chat.CodeTimeout)
	if sent := service.RequestsTotal(); failure.Attempts < 2 || sent > int64(failure.Attempts) || !failure.InDoubt {
		t.Errorf("%d requests of %+v", sent, failure.Response)
	}
}
