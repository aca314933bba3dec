//go:build cgo

// Config.AttemptHook: told of every attempt in the context of its call, whatever kind of call that is, and never in the library's way.

package chat_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

type callKey struct{}

// inCall is a context that a hook can tell from others.
func inCall(name any) context.Context { return context.WithValue(background, callKey{}, name) }

// told is what a hook was told, by the value of inCall.
type told struct {
	mutex    sync.Mutex
	attempts map[any][]chat.Attempt
}

func (o *told) hook(ctx context.Context, attempt chat.Attempt) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	if o.attempts == nil {
		o.attempts = map[any][]chat.Attempt{}
	}
	o.attempts[ctx.Value(callKey{})] = append(o.attempts[ctx.Value(callKey{})], attempt)
}

func (o *told) of(name any) []chat.Attempt {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.attempts[name]
}

func hooked(hook func(context.Context, chat.Attempt)) func(*chat.Config) {
	return func(c *chat.Config) { c.AttemptHook = hook }
}

func TestTheHookIsToldOfEachAttemptAsTheTraceHasIt(t *testing.T) {
	service, seen := chattest.Start(t), &told{}
	client := service.NewClient(hooked(seen.hook))
	createGroup(t, service.NewClient(), "one")
	service.Fault(chattest.Fault{Code: 50004})
	response, err := client.DelContactGroup(inCall("repeated"), chattest.User, "one")
	if err != nil {
		t.Fatal(err)
	}
	got := seen.of("repeated")
	if len(got) != 2 || response.Attempts != 2 || got[0].Code != 50004 || got[1].Code != chat.CodeOK {
		t.Fatalf("%+v of a call with the trace %s", got, response.Trace)
	}
	for i, one := range got {
		if one.Number != i+1 || one.HTTPStatus != 200 || one.Reached != "answer_begun" || one.Exchange <= 0 || one.Kept != (i > 0) {
			t.Errorf("attempt %d is %+v, the trace says %s", i+1, one, response.Trace)
		}
		if one.Scheme+"://"+one.Host != service.TLSURL || one.Path != deletePath {
			t.Errorf("it went to %s://%s/%s, not to %s", one.Scheme, one.Host, one.Path, service.TLSURL)
		}
		for _, part := range []string{
			fmt.Sprintf(`"random":%d,"ms":%d`, one.Random, one.Duration.Milliseconds()),
			fmt.Sprintf(`"address":"%s"`, one.Address),
			fmt.Sprintf(`"exchange_ms":%.3f`, one.Exchange.Seconds()*1000),
		} {
			if !strings.Contains(response.Trace, part) {
				t.Errorf("the trace %s has no %s", response.Trace, part)
			}
		}
	}
	if got[0].Connect <= 0 || got[0].TLS <= 0 || got[1].TLS != 0 {
		t.Errorf("a new connection and a kept one took %+v", got)
	}
}

func TestTheHookHasTheContextOfItsCallAmongFifty(t *testing.T) {
	service, seen := chattest.Start(t), &told{}
	service.Fault(chattest.Fault{Code: 50004, Times: 40})
	client := service.NewClient(hooked(seen.hook), unlimited)
	atOnce(t, 50, func(i int) error {
		for round := 0; round < 4; round++ {
			name := fmt.Sprint(i, " ", round)
			_, err := client.DelContactGroup(inCall(name), chattest.User, "none")
			var failure *chat.Error
			if !errors.As(err, &failure) {
				return err
			}
			got := seen.of(name)
			if len(got) != failure.Attempts || len(got) == 0 {
				return fmt.Errorf("call %s made %d attempts and the hook was told of %+v", name, failure.Attempts, got)
			}
			if last := got[len(got)-1]; last.Random != failure.Random || last.Number != failure.Attempts {
				return fmt.Errorf("call %s with random %d was told of %+v", name, failure.Random, got)
			}
		}
		return nil
	})
	if got := seen.of(nil); len(got) != 0 {
		t.Errorf("without a context: %+v", got)
	}
}

func TestTheHookIsToldOfPartsPagesAndBulkRuns(t *testing.T) {
	service, _ := paged(t)
	seen := &told{}
	client := service.NewClient(hooked(seen.hook))
	if err := client.WarmUp(inCall("warm"), 2); err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]func(context.Context){
		"split": func(ctx context.Context) { client.AccountCheck(ctx, names("p", 250), chat.Split()) },
		"pages": func(ctx context.Context) {
			for items := client.RecentContactItems("user_0001"); items.Next(ctx); {
			}
		},
		"bulk": func(ctx context.Context) {
			client.DelContactGroups(ctx, func(yield func(chat.UserGroup) bool) {
				for i := 0; i < 20 && yield(chat.UserGroup{FromAccount: chattest.User, GroupName: "none"}); i++ {
				}
			}, chat.Bulk{Workers: 4})
		},
		"path": func(ctx context.Context) { client.Call(ctx, createPath, creation("any")) },
	} {
		service.ForgetRequests()
		call(inCall(name))
		if got, sent := seen.of(name), service.Requests(); len(got) != len(sent) || len(got) == 0 {
			t.Errorf("%s: told of %d attempts, the service saw %d", name, len(got), len(sent))
		}
	}
	if got := seen.of("warm"); len(got) != 0 {
		t.Errorf("WarmUp makes no attempt, and the hook was told of %+v", got)
	}
}

func TestWhatAHookDoesInsteadOfReturningReachesTheCallerAndTheClientWorksOn(t *testing.T) {
	service, boom := chattest.Start(t), errors.New("boom")
	for how, leave := range map[string]func(){"panic": func() { panic(boom) }, "exit": runtime.Goexit} {
		told := 0
		client := service.NewClient(func(c *chat.Config) { c.MaxConnections = 1 }, hooked(func(ctx context.Context, _ chat.Attempt) {
			if ctx.Value(callKey{}) == "bad" {
				told++
				leave()
			}
		}))
		for what, call := range map[string]func(context.Context){
			"call":  func(ctx context.Context) { client.DelContactGroup(ctx, chattest.User, "none") },
			"pages": func(ctx context.Context) { client.ContactGroupItems(chattest.User).Next(ctx) },
			"bulk": func(ctx context.Context) {
				client.DelContactGroups(ctx, func(yield func(chat.UserGroup) bool) {
					yield(chat.UserGroup{FromAccount: chattest.User, GroupName: "none"})
				}, chat.Bulk{})
			},
		} {
			service.Fault(chattest.Fault{Code: 50004})
			ctx, cancel := context.WithCancel(inCall("bad"))
			ended, value, returned := make(chan struct{}), any(nil), false
			told = 0
			go func() {
				defer close(ended)
				defer func() { value = recover() }()
				call(ctx)
				returned = true
			}()
			<-ended
			cancel()
			if want := map[string]any{"panic": boom, "exit": nil}[how]; value != want || returned || told != 1 {
				t.Errorf("%s, %s: recovered %v, returned: %v, told %d times", what, how, value, returned, told)
			}
			if inside := client.Stats().Counters["calls_in_progress"]; inside != 0 {
				t.Errorf("%s, %s: %d calls go on", what, how, inside)
			}
			wantFailure(t, removeNone(client), chat.ErrGroupNotFound, 51009)
		}
		client.Close() // would wait for ever for a call inside
	}
}

func TestTheHookMayUseTheClientAlsoWhileItCloses(t *testing.T) {
	service := chattest.Start(t)
	inside, waiting := make(chan struct{}), make(chan struct{})
	var client *chat.Client
	var checked, late error
	var counters map[string]uint64
	client = service.NewClient(hooked(func(ctx context.Context, _ chat.Attempt) {
		if ctx.Value(callKey{}) != "outer" {
			return
		}
		_, checked = client.AccountCheck(within(ctx), []string{chattest.User})
		close(inside)
		<-waiting
		counters = client.Stats().Counters
		_, late = client.AccountCheck(within(ctx), []string{chattest.User})
	}))
	ended := make(chan error, 2)
	go func() {
		_, err := client.DelContactGroup(inCall("outer"), chattest.User, "none")
		ended <- err
	}()
	<-inside
	go func() { ended <- client.Close() }()
	for { // until Close refuses calls, and then until it waits
		if err := removeNone(client); errors.Is(err, chat.ErrShutdown) {
			break
		}
	}
	time.Sleep(20 * time.Millisecond)
	close(waiting)
	<-ended
	<-ended
	if checked != nil || counters["attempts"] == 0 {
		t.Errorf("a call in the hook: %v; counters while it closes: %v", checked, counters)
	}
	wantFailure(t, late, chat.ErrShutdown, chat.CodeShutdown)
}

// within is the context of a call within a call.
func within(ctx context.Context) context.Context { return context.WithValue(ctx, callKey{}, "inner") }

// stepsIntoC of a call. Others may take some in between (a finalizer does), so the fewest of several calls count.
func stepsIntoC(ctx context.Context, client *chat.Client) int64 {
	least := int64(1 << 40)
	for i := 0; i < 10; i++ {
		before := runtime.NumCgoCall()
		client.DelContactGroup(ctx, chattest.User, "none")
		if spent := runtime.NumCgoCall() - before; spent < least {
			least = spent
		}
	}
	return least
}

func TestACallWithoutAHookPaysNothingForIt(t *testing.T) {
	service, seen := chattest.Start(t), &told{}
	told, plain := service.NewClient(hooked(seen.hook)), service.NewClient()
	more := stepsIntoC(inCall(false), told) - stepsIntoC(inCall(true), plain)
	if len(seen.of(false)) != 10 || len(seen.of(true)) != 0 {
		t.Errorf("told of %d attempts with a hook, of %d without", len(seen.of(false)), len(seen.of(true)))
	}
	if more != 1 { // the attempt asks which call it is of
		t.Errorf("a hook costs %d calls of C, so one that is not there costs %d", more, 1-more)
	}
}

func TestAConfigWithAHookIsPrintedAndWrittenAsJSONLikeAnyOther(t *testing.T) {
	config := chat.Config{Region: "tokyo", AttemptHook: (&told{}).hook}
	text, err := json.Marshal(config)
	if err != nil || !strings.Contains(string(text), `"Region":"tokyo"`) || strings.Contains(string(text), "AttemptHook") {
		t.Errorf("%s: %v", text, err)
	}
	if text := fmt.Sprintf("%v %+v %#v", config, config, config); strings.Count(text, "tokyo") != 3 {
		t.Error(text)
	}
}

func TestTheCallHookIsToldOfEachCallThatEndedWithItsAttempts(t *testing.T) {
	service, seen := chattest.Start(t), &told{}
	var calls []chat.CallRecord
	var names []any
	client := service.NewClient(hooked(seen.hook), func(c *chat.Config) {
		c.CallHook = func(ctx context.Context, call chat.CallRecord) {
			calls, names = append(calls, call), append(names, ctx.Value(callKey{}))
		}
	})
	service.Fault(chattest.Fault{Code: 50004})
	client.DelContactGroup(inCall("one"), chattest.User, "none")
	ended, cancel := context.WithCancel(inCall("two"))
	cancel()
	client.DelContactGroup(ended, chattest.User, "none")
	if len(calls) != 2 || fmt.Sprint(names) != "[one two]" {
		t.Fatalf("told of %+v in %v", calls, names)
	}
	whole, refused := calls[0], calls[1]
	if whole.Command != "del_contact_group" || whole.Code != 51009 || whole.Duration <= 0 || refused.Code != chat.CodeCancelled {
		t.Errorf("%+v and %+v", whole, refused)
	}
	if got := whole.EachAttempt(); len(got) != 2 || fmt.Sprint(got) != fmt.Sprint(seen.of("one")) {
		t.Errorf("the record has the attempts %+v, the hook was told of %+v", got, seen.of("one"))
	} else if got[0].At <= 0 || got[1].At < got[0].At+got[0].Duration || got[1].At > whole.Duration {
		t.Errorf("they began at %v and %v of %v", got[0].At, got[1].At, whole.Duration)
	}
	if got := refused.EachAttempt(); got != nil {
		t.Errorf("a call that was refused made %+v", got)
	}
}
