//go:build cgo

// One group of very many users: every item counted once, an end where there is no use, memory that the list does not decide.

package chat_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

// listed goes through items, and counts how many were taken.
func listed(items []chat.UserGroup, taken *int64) func(func(chat.UserGroup) bool) {
	return func(yield func(chat.UserGroup) bool) {
		for _, item := range items {
			atomic.AddInt64(taken, 1)
			if !yield(item) {
				return
			}
		}
	}
}

// endless goes on for ever with a group that no user has.
func endless(taken *int64) func(func(chat.UserGroup) bool) {
	return func(yield func(chat.UserGroup) bool) {
		for {
			atomic.AddInt64(taken, 1)
			if !yield(chat.UserGroup{FromAccount: chattest.User, GroupName: "none"}) {
				return
			}
		}
	}
}

func unlimited(c *chat.Config) { c.RateLimit = chat.NoRateLimit }

// wantAddsUp expects each item taken to be counted once.
func wantAddsUp(t *testing.T, result *chat.BulkResult, taken int64) {
	t.Helper()
	sum := result.Deleted + result.Missing + result.Unknown + result.Failed + result.InDoubt + result.NotDone
	byCode := 0
	for _, count := range result.FailedByCode {
		byCode += count
	}
	if int64(result.Taken) != taken || sum != result.Taken || byCode != result.Failed+result.InDoubt {
		t.Errorf("%d taken, counted %+v", taken, *result)
	}
}

func wantStopped(t *testing.T, err, cause error) *chat.BulkError {
	t.Helper()
	var stopped *chat.BulkError
	if !errors.As(err, &stopped) || !stopped.Stopped || !errors.Is(err, cause) {
		t.Fatalf("got %v, want a run stopped by %v", err, cause)
	}
	return stopped
}

func TestAGroupIsDeletedForManyUsersAndTheOthersAreCounted(t *testing.T) {
	client := chattest.Start(t).NewClient(unlimited)
	items := []chat.UserGroup{{FromAccount: "nobody", GroupName: "team"}, {FromAccount: chattest.User, GroupName: "other"}}
	accounts := make([]chat.Account, 40)
	for i := range accounts {
		accounts[i].UserID = fmt.Sprint("fan_", i)
		items = append(items, chat.UserGroup{FromAccount: accounts[i].UserID, GroupName: "team"})
	}
	if _, err := client.MultiaccountImport(background, accounts); err != nil {
		t.Fatal(err)
	}
	for _, account := range accounts {
		if _, err := client.CreateContactGroup(background, account.UserID, "team", nil); err != nil {
			t.Fatal(err)
		}
	}
	var taken int64
	told := map[chat.UserGroup]error{}
	result, err := client.DelContactGroups(background, listed(items, &taken), chat.Bulk{Progress: func(one chat.BulkProgress) {
		told[one.Item] = one.Err // one at a time: the race detector sees to it
		wantAddsUpSoFar(t, one.Result, len(told))
	}})
	if err != nil || result.Deleted != 40 || result.Missing != 1 || result.Unknown != 1 || result.Attempts != 42 {
		t.Errorf("%v with %+v", err, *result)
	}
	wantAddsUp(t, result, taken)
	if len(told) != len(items) || told[items[5]] != nil || !errors.Is(told[items[1]], chat.ErrGroupNotFound) {
		t.Errorf("told of %d items: %v", len(told), told)
	}
	again, err := client.DelContactGroups(background, listed(items, &taken), chat.Bulk{})
	if err != nil || again.Deleted != 0 || again.Missing != 41 {
		t.Errorf("a second run: %v with %+v", err, *again)
	}
}

func wantAddsUpSoFar(t *testing.T, counts chat.BulkResult, told int) {
	t.Helper()
	if ended := counts.Deleted + counts.Missing + counts.Unknown; ended != told || counts.Taken < told {
		t.Errorf("told %d times: %+v", told, counts)
	}
}

func TestABulkRunStopsAtOnceWhenNoCallCanSucceed(t *testing.T) {
	for code, cause := range map[int]error{51013: chat.ErrFeatureNotInPlan, 60010: chat.ErrAdminRequired, 60020: chat.ErrPlanNotActive, 60021: chat.ErrIPNotAllowed, 70009: chat.ErrUserSig} {
		service := chattest.Start(t)
		service.Fault(chattest.Fault{Code: code, Skip: 20, Times: chattest.Forever})
		var taken int64
		result, err := service.NewClient(unlimited).DelContactGroups(background, endless(&taken), chat.Bulk{Workers: 4})
		wantStopped(t, err, cause)
		wantAddsUp(t, result, taken)
		if result.Missing != 20 || result.Failed != 0 || result.NotDone == 0 || taken > 20+2*4+1 {
			t.Errorf("%d: %d taken, %+v", code, taken, *result)
		}
	}
}

func TestABulkRunStopsAfterManyFailuresOrNeverIfTold(t *testing.T) {
	service := chattest.Start(t)
	service.Fault(chattest.Fault{Code: 50002, Times: chattest.Forever})
	client := service.NewClient(unlimited)
	for given, want := range map[int]int{0: chat.DefaultBulkMaxFailures, 7: 7} {
		var taken int64
		result, err := client.DelContactGroups(background, endless(&taken), chat.Bulk{Workers: 4, MaxFailures: given})
		wantStopped(t, err, chat.ErrInvalidParameter)
		wantAddsUp(t, result, taken)
		if result.Failed < want || result.Failed > want+4 || result.FailedByCode[50002] != result.Failed {
			t.Errorf("%d: %+v", given, *result)
		}
	}
	var taken int64
	items := make([]chat.UserGroup, 150)
	for i := range items {
		items[i] = chat.UserGroup{FromAccount: chattest.User, GroupName: "none"}
	}
	result, err := client.DelContactGroups(background, listed(items, &taken), chat.Bulk{MaxFailures: chat.NoFailureLimit})
	var failed *chat.BulkError
	if !errors.As(err, &failed) || failed.Stopped || failed.Result != result || result.Failed != 150 {
		t.Errorf("%v with %+v", err, *result)
	}
}

func TestCancellingEndsABulkRunAndEveryItemIsAccountedFor(t *testing.T) {
	client := chattest.Start(t).NewClient(unlimited)
	ctx, cancel := context.WithCancel(background)
	defer cancel()
	var taken int64
	result, err := client.DelContactGroups(ctx, endless(&taken), chat.Bulk{Progress: func(one chat.BulkProgress) {
		if one.Result.Missing == 30 {
			cancel()
		}
	}})
	wantStopped(t, err, context.Canceled)
	wantAddsUp(t, result, taken)
	if result.Missing < 30 || result.Missing > 30+chat.DefaultBulkWorkers {
		t.Errorf("%+v", *result)
	}
}

func TestCancellingEndsCallsOnTheWayWhichAreInDoubt(t *testing.T) {
	service := chattest.Start(t)
	service.Fault(chattest.Fault{Hang: true, Times: chattest.Forever})
	ctx, cancel := context.WithCancel(background)
	defer cancel()
	client, ended := service.NewClient(unlimited), make(chan struct{})
	var taken int64
	go func() {
		defer close(ended)
		result, err := client.DelContactGroups(ctx, endless(&taken), chat.Bulk{Workers: 3})
		wantAddsUp(t, result, taken)
		if !errors.Is(err, context.Canceled) || result.InDoubt != 3 || result.NotDone != 1 {
			t.Errorf("%v with %+v", err, *result)
		}
	}()
	for service.RequestsTotal() < 3 {
		time.Sleep(time.Millisecond)
	}
	// Three are on the way, and one more waits for a worker: the list is asked for nothing else.
	if now := atomic.LoadInt64(&taken); now > 4 {
		t.Errorf("%d items were taken for 3 workers", now)
	}
	for atomic.LoadInt64(&taken) < 4 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	<-ended
}

func TestAnItemWithoutATurnInTimeWaitsForOne(t *testing.T) {
	service := chattest.Start(t)
	// Sixteen at a time wait for more than a second.
	client := service.NewClient(func(c *chat.Config) { c.RateLimit, c.Timeout = 10, 700*time.Millisecond })
	items := make([]chat.UserGroup, 25)
	for i := range items {
		items[i] = chat.UserGroup{FromAccount: chattest.User, GroupName: "none"}
	}
	var taken int64
	result, err := client.DelContactGroups(background, listed(items, &taken), chat.Bulk{})
	// A turn may come so late that the call's time is over on a busy machine; that is a failure, and to have no turn is none.
	if result.Missing == 0 || result.NotDone != 0 || result.FailedByCode[chat.CodeThrottled] != 0 {
		t.Errorf("%v with %+v", err, *result)
	}
	if client.Stats().Counters["calls_throttled"] == 0 {
		t.Error("every item had its turn at once: this test shows nothing")
	}
}

func TestAPanicInTheListReachesTheCallerAndLeavesNobodyBehind(t *testing.T) {
	client := chattest.Start(t).NewClient(unlimited)
	defer func() {
		if recover() != "no more paper" {
			t.Error("the panic did not come through")
		}
		client.Close() // would wait for ever for a worker inside
	}()
	client.DelContactGroups(background, func(yield func(chat.UserGroup) bool) {
		yield(chat.UserGroup{FromAccount: chattest.User, GroupName: "none"})
		panic("no more paper")
	}, chat.Bulk{})
}

func TestABulkRunWithoutListOrContextIsRefused(t *testing.T) {
	client := chattest.Start(t).NewClient()
	result, err := client.DelContactGroups(background, nil, chat.Bulk{})
	if wantFailure(t, err, chat.ErrInvalidArgument, 0); result.Taken != 0 {
		t.Errorf("%+v", *result)
	}
}

func ExampleClient_DelContactGroups() {
	client, _, done := emulated()
	defer done()
	ctx := context.Background()
	client.CreateContactGroup(ctx, "user_0001", "team", nil)

	users := func(yield func(chat.UserGroup) bool) { // a file, a query; with Go 1.23 any iter.Seq, such as slices.Values(list)
		for _, user := range []string{"user_0001", "user_0002"} {
			if !yield(chat.UserGroup{FromAccount: user, GroupName: "team"}) {
				return
			}
		}
	}
	bar := func(one chat.BulkProgress) { fmt.Println("done:", one.Result.Deleted+one.Result.Missing) }
	result, err := client.DelContactGroups(ctx, users, chat.Bulk{Workers: 8, Progress: bar})
	fmt.Println(result.Deleted, "deleted,", result.Missing, "not there,", err)
	// Output:
	// done: 1
	// done: 2
	// 1 deleted, 1 not there, <nil>
}

func TestWhatTheCallersCodeDoesInARunReachesTheCallerAndNoCallGoesOn(t *testing.T) {
	service := chattest.Start(t)
	boom := errors.New("boom")
	for name, bulk := range map[string]func(leave func()) (func(func(chat.UserGroup) bool), func(chat.BulkProgress)){
		"progress": func(leave func()) (func(func(chat.UserGroup) bool), func(chat.BulkProgress)) {
			return endless(new(int64)), func(one chat.BulkProgress) {
				if one.Result.Taken > 5 {
					leave()
				}
			}
		},
		"list": func(leave func()) (func(func(chat.UserGroup) bool), func(chat.BulkProgress)) {
			return func(yield func(chat.UserGroup) bool) {
				yield(chat.UserGroup{FromAccount: chattest.User, GroupName: "none"})
				leave()
			}, nil
		},
	} {
		for how, leave := range map[string]func(){"panic": func() { panic(boom) }, "exit": runtime.Goexit} {
			client := service.NewClient(unlimited)
			items, progress := bulk(leave)
			ended, value, returned := make(chan struct{}), any(nil), false
			go func() {
				defer close(ended)
				defer func() { value = recover() }()
				client.DelContactGroups(background, items, chat.Bulk{Progress: progress})
				returned = true
			}()
			<-ended
			if want := map[string]any{"panic": boom, "exit": nil}[how]; value != want || returned {
				t.Errorf("%s, %s: recovered %v, returned: %v", name, how, value, returned)
			}
			if inside := client.Stats().Counters["calls_in_progress"]; inside != 0 {
				t.Errorf("%s, %s: %d calls go on", name, how, inside)
			}
			if _, err := client.GetContactGroup(background, chattest.User, 0); err != nil {
				t.Errorf("%s, %s: %v", name, how, err)
			}
		}
	}
}
