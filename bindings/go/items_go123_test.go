//go:build cgo && go1.23

// The range statement over a list, and the iterators that a bulk run takes, in a Go that has them.

package chat_test

import (
	"slices"
	"strings"
	"testing"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

func TestARangeStatementGivesEveryItem(t *testing.T) {
	_, client := paged(t)
	items := client.ContactGroupItems("user_0001")
	var seen []string
	for item, err := range items.All(background) {
		if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, item.Contact.ID)
	}
	if !items.Complete() || strings.Join(seen, " ") != strings.Join(names("p", 7), " ") {
		t.Errorf("%v, complete %v", seen, items.Complete())
	}
}

func TestALeftRangeStatementClosesItsIteration(t *testing.T) {
	service, client := paged(t)
	items := client.RecentContactItems("user_0001")
	for _, err := range items.All(background) {
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	if items.Next(background) || items.Complete() {
		t.Error("it goes on")
	}
	wantFailure(t, items.Err(), chat.ErrInvalidArgument, chat.CodeInvalidArgument)
	if requests := service.Requests(); len(requests) != 1 {
		t.Errorf("%d requests, want 1", len(requests))
	}
}

func TestARangeStatementTellsAFailureOnceAndEnds(t *testing.T) {
	service, client := paged(t)
	service.Fault(chattest.Fault{Code: 50004, Skip: 1, Times: chattest.Forever})
	var seen, failed int
	for item, err := range client.ContactGroupItems("user_0001", chat.WithMaxAttempts(1)).All(background) {
		if err == nil {
			seen++
			continue
		}
		failed++
		wantFailure(t, err, chat.ErrServiceUnavailable, 50004)
		if item.Contact.ID != "" {
			t.Errorf("an item beside a failure: %+v", item)
		}
	}
	if seen != 3 || failed != 1 || len(service.Requests()) != 2 {
		t.Errorf("%d items, %d failures, %d requests", seen, failed, len(service.Requests()))
	}
}

func TestABulkRunTakesAnIterator(t *testing.T) {
	client := chattest.Start(t).NewClient()
	items := []chat.UserGroup{{FromAccount: chattest.User, GroupName: "one"}, {FromAccount: chattest.User, GroupName: "two"}}
	result, err := client.DelContactGroups(background, slices.Values(items), chat.Bulk{})
	if err != nil || result.Missing != 2 {
		t.Errorf("%v with %+v", err, *result)
	}
}
