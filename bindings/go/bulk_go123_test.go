//go:build cgo && go1.23

// A bulk run takes the iterators of Go 1.23 as they are.

package chat_test

import (
	"slices"
	"testing"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

func TestABulkRunTakesAnIterator(t *testing.T) {
	client := chattest.Start(t).NewClient()
	items := []chat.UserGroup{{FromAccount: chattest.User, GroupName: "one"}, {FromAccount: chattest.User, GroupName: "two"}}
	result, err := client.DelContactGroups(background, slices.Values(items), chat.Bulk{})
	if err != nil || result.Missing != 2 {
		t.Errorf("%v with %+v", err, *result)
	}
}
