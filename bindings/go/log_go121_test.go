//go:build cgo && go1.21

// What LogTo writes, read back from the JSON of log/slog's own handler.

package chat_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"testing"
	"time"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

// logged is one record.
type logged struct {
	Level, Msg, Command, Error string
	Code                       int
	MS                         *float64 `json:"ms"`
	Attempts                   int
	InDoubt                    bool `json:"in_doubt"`
	Trace                      []struct{ Code, Attempt, MS int }
	Asked                      string // by askedHandler
}

// logBuffer is a log that may be read while it is written.
type logBuffer struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (b *logBuffer) Write(line []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.text.Write(line)
}

func (b *logBuffer) String() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.text.String()
}

// records gives what was written, and empties it.
func (b *logBuffer) records(t *testing.T) (all []logged) {
	t.Helper()
	b.mutex.Lock()
	defer b.mutex.Unlock()
	for decoder := json.NewDecoder(&b.text); decoder.More(); {
		var one logged
		if err := decoder.Decode(&one); err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	b.text.Reset()
	return all
}

func logTo(client *chat.Client) *logBuffer {
	written := &logBuffer{}
	client.LogTo(slog.New(slog.NewJSONHandler(written, nil)))
	return written
}

func TestEachCallWritesOneRecordWithCommandCodeAndAttempts(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	written := logTo(client)
	createGroup(t, client, "one")
	service.Fault(chattest.Fault{Code: 50004})
	deleteGroup(t, client, "one")
	client.DelContactGroup(background, chattest.User, "one")
	client.DelContactGroup(background, chattest.User, "")
	cancelled, cancel := context.WithCancel(background)
	cancel()
	client.MarkContact(cancelled, chattest.User, marksOf([]chat.Contact{peer}))
	want := []struct {
		level, command string
		code           int
		trace          []int
	}{
		{"INFO", createPath, 0, []int{0}},
		{"INFO", "del_contact_group", 0, []int{50004, 0}},
		{"WARN", "del_contact_group", 51009, []int{51009}},
		{"WARN", "del_contact_group", -1, nil},
		{"WARN", "mark_contact", -13, nil},
	}
	got := written.records(t)
	if len(got) != len(want) {
		t.Fatalf("%d records, want %d: %+v", len(got), len(want), got)
	}
	for i, one := range want {
		record := got[i]
		if record.Level != one.level || record.Command != one.command || record.Code != one.code || record.MS == nil || *record.MS < 0 || record.Msg != "tencent-chat call" {
			t.Errorf("record %d is %+v, want %+v", i, record, one)
		}
		if (record.Error == "") != (one.code == 0) {
			t.Errorf("record %d of code %d says %q", i, one.code, record.Error)
		}
		if record.Trace == nil || len(record.Trace) != len(one.trace) || record.Attempts != len(one.trace) {
			t.Errorf("record %d has the trace %+v, want the codes %v", i, record.Trace, one.trace)
			continue
		}
		for n, code := range one.trace {
			if record.Trace[n].Code != code || record.Trace[n].Attempt != n+1 {
				t.Errorf("record %d has the trace %+v, want the codes %v", i, record.Trace, one.trace)
			}
		}
	}
}

func TestTheTimeInARecordIsTheCalls(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	written := logTo(client)
	service.Fault(chattest.Fault{Hang: true})
	begun := time.Now()
	client.DelContactGroup(background, chattest.User, "one", chat.WithTimeout(120*time.Millisecond))
	spent := time.Since(begun).Seconds() * 1000
	one := written.records(t)[0]
	if *one.MS < 120 || *one.MS > spent || one.Code != int(chat.CodeTimeout) || !one.InDoubt {
		t.Errorf("%+v of a call that took %v ms: %v", one, spent, *one.MS)
	}
}

func TestASplitCallWritesARecordForEachPart(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	written := logTo(client)
	client.AccountCheck(background, names("p", 250), chat.Split())
	if got := written.records(t); len(got) != 3 || got[0].Command != "account_check" || len(service.Requests()) != 3 {
		t.Errorf("%d records of %d requests: %+v", len(got), len(service.Requests()), got)
	}
}

func TestAnIterationWritesARecordForEachPageAndEachFailure(t *testing.T) {
	service, client := paged(t)
	written := logTo(client)
	for command, next := range map[string]func() (bool, error){
		"get_contact_group":       nexts(client.ContactGroupItems("user_0001", chat.WithMaxAttempts(1))),
		"recent_contact_get_list": nexts(client.RecentContactItems("user_0001", chat.WithMaxAttempts(1))),
	} {
		service.ForgetRequests()
		service.Fault(chattest.Fault{Code: 50004, Skip: 1})
		for failed := false; ; {
			more, err := next()
			if err != nil && failed {
				t.Fatal(err)
			}
			if failed = failed || err != nil; !more && err == nil {
				break
			}
		}
		requests, got := service.Requests(), written.records(t)
		if len(got) != len(requests) || len(got) != 4 { // three pages, one of them asked for twice
			t.Errorf("%s: %d records of %d requests", command, len(got), len(requests))
			continue
		}
		for i, one := range got {
			if one.Command != command || one.Code != *requests[i].Code || len(one.Trace) != 1 {
				t.Errorf("%s: record %d is %+v", command, i, one)
			}
		}
	}
}

func nexts[T any](items *chat.Items[T]) func() (bool, error) {
	return func() (bool, error) { return items.Next(background), items.Err() }
}

func TestLoggingEndsWhenToldSoAndMayChangeWhileCallsRun(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	written := logTo(client)
	client.LogTo(nil)
	createGroup(t, client, "one")
	if text := written.String(); text != "" {
		t.Errorf("still written: %s", text)
	}
	atOnce(t, 8, func(i int) error {
		for n := 0; n < 10; n++ {
			if i == 0 {
				logTo(client)
			}
			removeNone(client)
		}
		return nil
	})
}

// askedHandler writes a value of the call's context, as tracing handlers do.
type askedHandler struct{ slog.Handler }

type askedKey struct{}

func (h askedHandler) Handle(ctx context.Context, record slog.Record) error {
	record.AddAttrs(slog.Any("asked", ctx.Value(askedKey{})))
	return h.Handler.Handle(ctx, record)
}

func TestTheHandlerSeesTheCallsContextAndMayUseTheClient(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient(func(c *chat.Config) { c.MaxConnections = 1 })
	written := &logBuffer{}
	client.LogTo(slog.New(askedHandler{slog.NewJSONHandler(written, nil)}))
	client.DelContactGroup(context.WithValue(background, askedKey{}, "by a test"), chattest.User, "one")
	if got := written.records(t); len(got) != 1 || got[0].Asked != "by a test" {
		t.Errorf("%+v", got)
	}
	client.LogTo(slog.New(callingHandler{askedHandler{slog.NewJSONHandler(written, nil)}, client}))
	client.DelContactGroup(background, chattest.User, "one", chat.WithTimeout(20*time.Second))
	if got := written.records(t); len(got) != 1 || got[0].Code != 51009 {
		t.Errorf("%+v", got)
	}
}

// callingHandler makes a call for each record of a failure, as one that sends alarms might.
type callingHandler struct {
	slog.Handler
	client *chat.Client
}

func (h callingHandler) Handle(ctx context.Context, record slog.Record) error {
	h.client.LogTo(nil)
	h.client.Stats()
	if _, err := h.client.AccountCheck(ctx, []string{"a"}); err != nil {
		return err
	}
	return h.Handler.Handle(ctx, record)
}
