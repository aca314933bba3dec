//go:build cgo

// The metrics page of several clients.

package chat_test

import (
	"strings"
	"testing"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

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
