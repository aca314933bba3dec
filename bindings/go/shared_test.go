//go:build cgo

// One client in many hands: goroutines, keys that change, a collector that runs all the
// time; and several clients on one page of metrics.

package chat_test

import (
	"context"
	"fmt"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

// atOnce runs work in n goroutines and waits; an error ends the test.
func atOnce(t *testing.T, n int, work func(i int) error) {
	t.Helper()
	errs := make(chan error, n)
	for i := 0; i < n; i++ {
		go func(i int) { errs <- work(i) }(i)
	}
	for i := 0; i < n; i++ {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

// importUsers makes one account for each goroutine: a user holds at most 20 groups.
func importUsers(t *testing.T, client *chat.Client, n int) {
	t.Helper()
	accounts := make([]map[string]string, n)
	for i := range accounts {
		accounts[i] = map[string]string{"UserID": fmt.Sprintf("shared_%d", i)}
	}
	if _, err := client.Call(context.Background(), "v4/im_open_login_svc/multiaccount_import", map[string]any{"AccountList": accounts}); err != nil {
		t.Fatal(err)
	}
}

// liveOnce creates and deletes a group of user i and checks that the answer is its own.
func liveOnce(client *chat.Client, i, round int) error {
	user, group := fmt.Sprintf("shared_%d", i), fmt.Sprintf("設計_%d_%d", i, round)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	body := map[string]any{"From_Account": user, "GroupContactItem": []any{map[string]any{"GroupName": group}}}
	if _, err := client.Call(ctx, createPath, body); err != nil {
		return fmt.Errorf("%s creates %s: %w", user, group, err)
	}
	result, err := client.DelContactGroup(ctx, user, group)
	if err != nil {
		return fmt.Errorf("%s deletes %s: %w", user, group, err)
	}
	if len(result.Groups) != 1 || result.Groups[0].Name != group || result.Groups[0].ID != int64(round+1) {
		return fmt.Errorf("%s deleted %v, want %s with id %d", user, result.Groups, group, round+1)
	}
	_, err = client.DelContactGroup(ctx, user, group)
	if failure, ok := err.(*chat.Error); !ok || failure.Code != chat.CodeServiceGroupNotFound || !strings.Contains(failure.Body, "51009") {
		return fmt.Errorf("%s deletes %s again: %v", user, group, err)
	}
	return nil
}

func TestAHundredGoroutinesShareOneClientAndGetTheirOwnAnswers(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	importUsers(t, client, 100)
	atOnce(t, 100, func(i int) error {
		for round := 0; round < 5; round++ {
			if err := liveOnce(client, i, round); err != nil {
				return err
			}
		}
		return nil
	})
	if total, want := service.RequestsTotal(), int64(1+100*5*3); total != want {
		t.Errorf("%d requests, want %d", total, want)
	}
	connections := map[int64]bool{}
	for _, seen := range service.Requests() {
		connections[seen.Connection] = true
	}
	if len(connections) > chat.DefaultMaxConnections {
		t.Errorf("%d connections, the cap is %d", len(connections), chat.DefaultMaxConnections)
	}
}

func TestTheCollectorFreesNothingThatACallUses(t *testing.T) {
	service := chattest.Start(t)
	importer := service.NewClient()
	importUsers(t, importer, 8)
	stop := make(chan struct{})
	var collecting sync.WaitGroup
	collecting.Add(1)
	go func() {
		defer collecting.Done()
		for {
			select {
			case <-stop:
				return
			default:
				runtime.GC()
			}
		}
	}()
	atOnce(t, 8, func(i int) error {
		for round := 0; round < 15; round++ {
			client, err := chat.New(service.Config()) // never closed: only the call keeps it alive
			if err != nil {
				return err
			}
			if err := liveOnce(client, i, round); err != nil {
				return err
			}
		}
		return nil
	})
	close(stop)
	collecting.Wait()
}

func TestTheKeyIsReplacedWhileCallsRun(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	importUsers(t, client, 16)
	right, wrong := chat.NewSecret(chattest.SecretKey), chat.NewSecret(strings.Repeat("0", 64))
	var accepted, refused int64
	var mutex sync.Mutex
	atOnce(t, 17, func(i int) error {
		for round := 0; round < 20; round++ {
			if i == 16 {
				if err := client.SetSecretKey([]chat.Secret{wrong, right}[round%2]); err != nil {
					return err
				}
				runtime.Gosched()
				continue
			}
			_, err := client.DelContactGroup(context.Background(), chattest.User, "none")
			failure, ok := err.(*chat.Error)
			if !ok || failure.Code != chat.CodeServiceGroupNotFound && failure.Code != chat.CodeServiceUserSigWrongKey {
				return fmt.Errorf("during rotation: %v", err)
			}
			mutex.Lock()
			if failure.Code == chat.CodeServiceGroupNotFound {
				accepted++
			} else {
				refused++
			}
			mutex.Unlock()
		}
		return nil
	})
	if accepted+refused != 16*20 {
		t.Errorf("%d calls accounted for, want %d", accepted+refused, 16*20)
	}
	createGroup(t, client, "with the right key")
	if err := client.SetSecretKey(wrong); err != nil {
		t.Fatal(err)
	}
	_, err := client.DelContactGroup(context.Background(), chattest.User, "with the right key")
	wantFailure(t, err, chat.ErrUserSig, chat.CodeServiceUserSigWrongKey)
	if err := client.SetSecretKey(right); err != nil {
		t.Fatal(err)
	}
	deleteGroup(t, client, "with the right key")
}

func TestResponsesStayValidAfterTheClientIsClosed(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	createGroup(t, client, "one")
	result := deleteGroup(t, client, "one")
	client.Close()
	runtime.GC()
	if result.Groups[0].Name != "one" || !strings.Contains(result.Body, "one") || len(result.Trace) == 0 {
		t.Errorf("the result is now %+v", result)
	}
}

func TestMaxConnectionsAboveTheDefaultAreOpened(t *testing.T) {
	service := chattest.Start(t)
	service.Fault(chattest.Fault{Hang: true, Times: chattest.Forever})
	const more = 70 // than the native library's own default, 64
	client := service.NewClient(func(c *chat.Config) { c.MaxConnections, c.Timeout, c.AttemptTimeout = more, time.Minute, time.Minute })
	for i := 0; i < more; i++ {
		go client.DelContactGroup(context.Background(), chattest.User, "one")
	}
	service.AwaitRequests(more)
	client.Close()
}

func TestCallsThatWaitForAConnectionHoldNoOSThread(t *testing.T) {
	service := chattest.Start(t)
	service.Fault(chattest.Fault{Hang: true, Times: chattest.Forever})
	client := service.NewClient(func(c *chat.Config) { c.MaxConnections = 2; c.Timeout = time.Minute })
	const calls = 300
	threads := pprof.Lookup("threadcreate")
	before := threads.Count()
	ended := make(chan struct{}, calls)
	for i := 0; i < calls; i++ {
		go func() {
			client.DelContactGroup(context.Background(), chattest.User, "one")
			ended <- struct{}{}
		}()
	}
	service.AwaitRequests(2)
	time.Sleep(50 * time.Millisecond) // the others have come to their wait
	if grown := threads.Count() - before; grown > 40 {
		t.Errorf("%d calls made %d OS threads; MaxConnections is 2", calls, grown)
	}
	client.Close()
	for i := 0; i < calls; i++ {
		<-ended
	}
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

func TestCountersAreReadWhileCallsRunAndTheClientIsClosed(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient(func(c *chat.Config) { c.RateLimit = chat.NoRateLimit })
	var all sync.WaitGroup
	for i := 0; i < 8; i++ {
		all.Add(2)
		go func() {
			defer all.Done()
			for !isShutdown(removeNone(client)) {
			}
		}()
		go func() {
			defer all.Done()
			var before uint64
			for n := 0; n < 200; n++ {
				calls := client.Stats().Counters["calls"]
				if calls < before {
					t.Errorf("calls fell from %d to %d", before, calls)
				}
				before = calls
			}
			client.Close()
		}()
	}
	all.Wait()
}

func TestAPageOfSeveralClientsHasTheSeriesOfEach(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	createGroup(t, client, "one")
	other := service.NewClient(func(c *chat.Config) { c.MetricLabels = map[string]string{"client": "orders", "zone": "a"} })
	other.DelContactGroup(background, chattest.User, "none")
	stats, err := chat.StatsOf(client, other)
	if err != nil {
		t.Fatal(err)
	}
	if calls := stats.Counters["calls"]; calls != client.Stats().Counters["calls"]+1 {
		t.Errorf("%d calls", calls)
	}
	line := `tencent_chat_attempts_total{client="orders",zone="a",command="v4/recentcontact/del_contact_group"} 1` + "\n"
	if !strings.Contains(stats.Prometheus, line) || strings.Count(stats.Prometheus, "# TYPE tencent_chat_retries_total counter\n") != 1 {
		t.Errorf("the page is\n%s", stats.Prometheus)
	}
	_, err = chat.StatsOf(client, client)
	wantFailure(t, err, chat.ErrInvalidArgument, chat.CodeInvalidArgument)
	other.Close()
	_, err = chat.StatsOf(client, other)
	wantFailure(t, err, chat.ErrShutdown, chat.CodeShutdown)
	_, err = chat.StatsOf(nil)
	wantFailure(t, err, chat.ErrInvalidArgument, chat.CodeInvalidArgument)
}
