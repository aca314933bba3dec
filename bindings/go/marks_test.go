//go:build cgo

// Marks: bits and text, set, cleared and left.

package chat_test

import (
	"strings"
	"testing"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

func mark(t *testing.T, client *chat.Client, marks ...chat.Mark) *chat.MarkContactResult {
	t.Helper()
	result, err := client.MarkContact(background, chattest.User, marks)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func TestBitsOutsideAMarkAreRefusedByNameWithoutARequest(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	good := chat.Mark{Contact: peer, Set: []int{0, 63}}
	for _, one := range []struct {
		mark chat.Mark
		word string
	}{
		{chat.Mark{Contact: peer, Set: []int{32, 64}}, "marks[1].Set holds 64"},
		{chat.Mark{Contact: peer, Set: []int{-1}}, "marks[1].Set holds -1"},
		{chat.Mark{Contact: peer, Clear: []int{1 << 32}}, "marks[1].Clear holds 4294967296"},
		{chat.Mark{Contact: peer, Set: []int{7}, Clear: []int{7}}, "marks[1]: bit 7 is both"},
		{chat.Mark{Contact: peer}, "marks[1]: nothing to do"},
		{chat.Mark{Contact: peer, CustomMark: chat.String(strings.Repeat("x", 257))}, "marks[1]: custom_mark has 257 bytes"},
	} {
		_, err := client.MarkContact(background, "user_0001", []chat.Mark{good, one.mark})
		if failure := wantFailure(t, err, chat.ErrInvalidArgument, chat.CodeInvalidArgument); !strings.Contains(failure.Message, one.word) {
			t.Errorf("%q does not say %q", failure.Message, one.word)
		}
	}
	if total := service.RequestsTotal(); total != 0 {
		t.Errorf("%d requests were sent", total)
	}
	mark(t, client, good)
}
