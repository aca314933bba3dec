//go:build cgo

// A test as a user of chattest writes it; README.md shows it.

package chattest_test

import (
	"context"
	"errors"
	"testing"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

func TestDeletingAGroupThatIsGone(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()

	_, err := client.DelContactGroup(context.Background(), chattest.User, "group_0001")
	if !errors.Is(err, chat.ErrGroupNotFound) {
		t.Errorf("got %v", err)
	}
}
