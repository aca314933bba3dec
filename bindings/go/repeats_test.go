//go:build cgo

// What the library repeats and what it does not, as far as this package has a say: settings, options,
// and what a caller is told.

package chat_test

import (
	"context"
	"encoding/json"
	"net"
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

func TestAPassingErrorIsRepeatedAndTheTraceTellsBothAttempts(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	createGroup(t, client, "one")
	service.Fault(chattest.Fault{Code: 50004})
	result := deleteGroup(t, client, "one")
	if codes, _ := attemptsOf(t, *result.Response); len(codes) != 2 || codes[0] != 50004 || codes[1] != 0 || result.Attempts != 2 {
		t.Errorf("%d attempts: %s", result.Attempts, result.Trace)
	}
	if total := service.RequestsTotal(); total != 3 {
		t.Errorf("%d requests, want 3", total)
	}
}

func TestMaxAttemptsBoundsThemAndAnOptionReplacesItBothWays(t *testing.T) {
	service := chattest.Start(t)
	service.Fault(chattest.Fault{Code: 50004, Times: chattest.Forever})
	for _, one := range []struct {
		setting int
		options []chat.CallOption
		want    int
	}{
		{0, nil, chat.DefaultMaxAttempts},
		{1, nil, 1},
		{5, nil, 5},
		{1, []chat.CallOption{chat.WithMaxAttempts(2)}, 2},
		{5, []chat.CallOption{chat.WithMaxAttempts(1)}, 1},
	} {
		service.ForgetRequests()
		client := service.NewClient(func(c *chat.Config) { c.MaxAttempts, c.Timeout = one.setting, time.Minute })
		_, err := client.DelContactGroup(background, chattest.User, "none", one.options...)
		failure := wantFailure(t, err, chat.ErrServiceUnavailable, 50004)
		if sent := len(service.Requests()); failure.Attempts != one.want || sent != one.want {
			t.Errorf("%d attempts and %d requests with %d and %d options, want %d", failure.Attempts, sent, one.setting, len(one.options), one.want)
		}
	}
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

func TestADeleteWhoseAnswerWasLostSucceedsAsAlreadyDeleted(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	for _, fault := range []chattest.Fault{{Applied: true, Drop: "reset"}, {Applied: true, Drop: "fin"}, {Applied: true, Cut: 10}} {
		createGroup(t, client, "one")
		service.Fault(fault)
		result := deleteGroup(t, client, "one")
		if !result.AlreadyDeleted || !result.Response.AlreadyDeleted || result.Code != chat.CodeOK || result.InDoubt || len(result.Groups) != 0 {
			t.Errorf("%+v: %+v", fault, result.Response)
		}
		if codes, _ := attemptsOf(t, *result.Response); len(codes) != 2 || codes[1] != 51009 {
			t.Errorf("%+v: %s", fault, result.Trace)
		}
	}
	createGroup(t, client, "one")
	if result := deleteGroup(t, client, "one"); result.AlreadyDeleted {
		t.Errorf("the first attempt deleted it, yet %+v", result.Response)
	}
	_, err := client.DelContactGroup(background, chattest.User, "one")
	if failure := wantFailure(t, err, chat.ErrGroupNotFound, 51009); failure.AlreadyDeleted {
		t.Errorf("a failure says so: %+v", failure.Response)
	}
}

func TestACallInDoubtIsRepeatedByItsCommandUnlessToldOtherwise(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	create := func(options ...chat.CallOption) error {
		_, err := client.CreateContactGroup(background, chattest.User, "one", nil, options...)
		return err
	}
	remove := func(options ...chat.CallOption) error {
		_, err := client.DelContactGroup(background, chattest.User, "one", options...)
		return err
	}
	generic := func(options ...chat.CallOption) error {
		_, err := client.Call(background, deletePath, map[string]any{"From_Account": chattest.User, "GroupName": []string{"one"}}, options...)
		return err
	}
	for _, one := range []struct {
		name     string
		call     func(...chat.CallOption) error
		options  []chat.CallOption
		requests int
		doubt    bool
	}{
		{"create", create, nil, 1, true},
		{"create, repeated", create, []chat.CallOption{chat.WithRepeatInDoubt(true)}, 2, true}, // meets its own first effect
		{"delete", remove, nil, 2, false},
		{"delete, not repeated", remove, []chat.CallOption{chat.WithRepeatInDoubt(false)}, 1, true},
		{"generic", generic, nil, 1, true},
		{"generic, repeated", generic, []chat.CallOption{chat.WithRepeatInDoubt(true)}, 2, true},
	} {
		service.Reset()
		if !strings.HasPrefix(one.name, "create") {
			createGroup(t, client, "one")
		}
		service.ForgetRequests()
		service.Fault(chattest.Fault{Applied: true, Drop: "reset"})
		err := one.call(one.options...)
		failure, failed := err.(*chat.Error)
		if failed != one.doubt || failed && !failure.InDoubt {
			t.Errorf("%s: %v", one.name, err)
		}
		if sent := len(service.Requests()); sent != one.requests {
			t.Errorf("%s: %d requests, want %d", one.name, sent, one.requests)
		}
	}
}

func TestAnAttemptThatHangsEndsAtItsOwnTimeAndTheNextOneAnswers(t *testing.T) {
	service := chattest.Start(t)
	const short = 700 * time.Millisecond
	const whole = chat.DefaultAttemptTimeout - 100*time.Millisecond // not enough for a second attempt unless the first is short
	for name, made := range map[string]struct {
		change func(*chat.Config)
		option chat.CallOption
	}{
		"setting": {func(c *chat.Config) { c.AttemptTimeout = short }, chat.WithMaxAttempts(3)},
		"option":  {func(c *chat.Config) { c.AttemptTimeout = time.Minute }, chat.WithAttemptTimeout(short)},
	} {
		client := service.NewClient(func(c *chat.Config) { c.Timeout = whole }, made.change)
		createGroup(t, service.NewClient(), "one")
		service.Fault(chattest.Fault{Hang: true})
		begun := time.Now()
		result, err := client.DelContactGroup(background, chattest.User, "one", made.option)
		if err != nil || result.Attempts < 2 || time.Since(begun) < short {
			t.Errorf("%s: %+v after %v: %v", name, result, time.Since(begun), err)
		}
		service.ClearFaults() // lets the request go that hangs
		service.Fault(chattest.Fault{Hang: true})
		_, err = client.DelContactGroup(background, chattest.User, "one", made.option, chat.WithMaxAttempts(1))
		if failure := wantFailure(t, err, chat.ErrTimeout, chat.CodeTimeout); !strings.Contains(failure.Message, "attempt") || !failure.InDoubt {
			t.Errorf("%s: %q does not say whose time it was", name, failure.Message)
		}
	}
}

func TestWithConnectTimeoutReplacesTheClients(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	client, err := chat.New(chat.Config{
		BaseURL: "https://" + silent.Addr().String(), SDKAppID: 1, Identifier: "administrator", SecretKey: chat.NewSecret("key"),
		ConnectTimeout: time.Minute, AttemptTimeout: time.Minute, Timeout: time.Minute, MaxAttempts: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	begun := time.Now()
	_, err = client.DelContactGroup(background, "user", "group", chat.WithConnectTimeout(100*time.Millisecond))
	failure := wantFailure(t, err, chat.ErrTimeout, chat.CodeTimeout)
	if spent := time.Since(begun); spent < 100*time.Millisecond || spent > 30*time.Second || failure.InDoubt {
		t.Errorf("ended after %v with %+v; the client's own time is a minute", spent, failure.Response)
	}
}

func TestAStandbyIsTriedWhenTheFirstHostCannotBeReached(t *testing.T) {
	service := chattest.Start(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close() // nobody listens here now
	client := service.NewClient(func(c *chat.Config) { c.BaseURL, c.StandbyURL = "https://"+listener.Addr().String(), service.TLSURL })
	_, err = client.DelContactGroup(background, chattest.User, "none")
	failure := wantFailure(t, err, chat.ErrGroupNotFound, 51009)
	if codes, standby := attemptsOf(t, failure.Response); len(codes) != 2 || codes[0] != int(chat.CodeTransport) || standby[0] || !standby[1] {
		t.Errorf("the trace is %s", failure.Trace)
	}
	if tried := client.Stats().Counters["standby_attempts"]; tried != 1 {
		t.Errorf("%d attempts at the standby, want 1", tried)
	}
}

func TestARegionsStandbyIsItsSecondHost(t *testing.T) {
	proxy, asked := refusingProxy(t)
	client, err := chat.New(chat.Config{
		Region: "singapore", UseStandby: true, SDKAppID: 1, Identifier: "administrator", SecretKey: chat.NewSecret("key"), Proxy: chat.NewSecret(proxy),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	_, err = client.DelContactGroup(background, "user", "group", chat.WithMaxAttempts(2))
	wantFailure(t, err, chat.ErrTransport, chat.CodeTransport)
	want := "adminapisgp.im.qcloud.com:443 adminapisgp.my-imcloud.com:443" // 269/1519
	if got := strings.Join(asked(), " "); got != want {
		t.Errorf("asked for %s, want %s", got, want)
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
