//go:build cgo

// The counters, each against what a caller and the service saw.

package chat_test

import (
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

// mixture makes calls of which the outcomes are known.
func mixture(t *testing.T) (*chattest.Service, *chat.Client, map[string]uint64) {
	t.Helper()
	service := chattest.Start(t)
	client := service.NewClient()
	createGroup(t, client, "one")
	service.Fault(chattest.Fault{Code: 50004}, chattest.Fault{Applied: true, Drop: "reset"})
	deleteGroup(t, client, "one")                                   // three attempts: refused, lost, found done
	client.DelContactGroup(background, chattest.User, "none")       // 51009
	client.DelContactGroup(background, chattest.User, "")           // refused locally
	client.AccountDelete(background, []string{"nobody", "nobody2"}) // partial
	service.Fault(chattest.Fault{Hang: true})
	client.DelContactGroup(background, chattest.User, "none", chat.WithTimeout(500*time.Millisecond))
	return service, client, map[string]uint64{
		"calls": 6, "calls_ok": 2, "calls_service": 1, "calls_invalid_argument": 1, "calls_partial": 1, "calls_timeout": 1, "calls_transport": 0,
		"calls_in_progress": 0, "retries": 2, "already_deleted": 1, "in_doubt": 1, "latency_le_inf": 5, "no such counter": 0,
	}
}

func TestCountersAgreeWithTheCallerAndTheService(t *testing.T) {
	service, client, want := mixture(t)
	requests := service.AwaitRequests(7)
	want["attempts"] = uint64(len(requests))
	connections := map[int64]bool{}
	for _, one := range requests {
		connections[one.Connection] = true
	}
	want["connections_opened"] = uint64(len(connections))
	got := client.Stats().Counters
	for name, value := range want {
		if got[name] != value {
			t.Errorf("%s is %d, want %d", name, got[name], value)
		}
	}
	var sum uint64
	for name, value := range got {
		if strings.HasPrefix(name, "calls_") && name != "calls_in_progress" {
			sum += value
		}
	}
	if sum != got["calls"] {
		t.Errorf("the outcomes add up to %d of %d calls", sum, got["calls"])
	}
}

func TestEveryCounterThatTheDocumentationNamesIsThere(t *testing.T) {
	counters := chattest.Start(t).NewClient().Stats().Counters
	names := "calls calls_ok calls_service calls_partial calls_invalid_argument calls_timeout calls_transport calls_tls calls_http_status " +
		"calls_protocol calls_no_error_code calls_throttled calls_cancelled calls_shutdown calls_panic calls_in_progress attempts retries " +
		"standby_attempts in_doubt already_deleted retries_over_budget throttle_answers rate_waits rate_waited_ms re_signs connections_opened " +
		"connections_open shared_limit_trips shared_limit_failures latency_le_1_ms latency_le_10000_ms latency_le_inf latency_sum_us"
	for _, name := range strings.Fields(names) {
		if _, ok := counters[name]; !ok {
			t.Errorf("there is no %s in %v", name, counters)
		}
	}
}

func TestThePrometheusTextSaysTheSameAndCanBeParsed(t *testing.T) {
	_, client, _ := mixture(t)
	text := client.Stats().Prometheus
	for _, line := range []string{
		`tencent_chat_calls_total{outcome="ok"} 2`, `tencent_chat_calls_total{outcome="timeout"} 1`, `tencent_chat_calls_total{outcome="tls"} 0`,
		`tencent_chat_retries_total 2`, `tencent_chat_already_deleted_total 1`, `# TYPE tencent_chat_call_duration_seconds histogram`,
		`tencent_chat_call_duration_seconds_bucket{le="+Inf"} 5`, `tencent_chat_call_duration_seconds_count 5`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("there is no line %s in\n%s", line, text)
		}
	}
	metric := regexp.MustCompile(`^(# (TYPE|HELP) \w+ .+|\w+(\{\w+="[^"]*"\})? [0-9.e+-]+)$`)
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if !metric.MatchString(line) {
			t.Errorf("not in the text format: %q", line)
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
	if !strings.Contains(last.Prometheus, `tencent_chat_calls_total{outcome="shutdown"} 1`) {
		t.Errorf("the last text is\n%s", last.Prometheus)
	}
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

func removeNone(client *chat.Client) error {
	_, err := client.DelContactGroup(background, chattest.User, "none")
	return err
}
