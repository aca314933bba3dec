//go:build cgo

// Marks: bits and text, set, cleared and left.

package chat_test

import (
	"reflect"
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

func TestMarksAreSetAndClearedByTheirBits(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	result := mark(t, client,
		chat.Mark{Contact: peer, Set: []int{chat.MarkUnread, chat.MarkFold, 63}, Clear: []int{0}, CustomMark: chat.String("abcd")},
		chat.Mark{Contact: club, Set: []int{40, 40, 32}},
		chat.Mark{Contact: chat.OneToOne("text"), CustomMark: chat.String("設計")})
	wantSent(t, service, "v4/recentcontact/mark_contact", `{"From_Account":"user_0001","MarkItem":[
		{"OptType":3,"ContactItem":{"Type":1,"To_Account":"user_0002"},"ClearMark":[0],"SetMark":[1,2,63],"CustomMark":"abcd"},
		{"OptType":1,"ContactItem":{"Type":2,"ToGroupId":"@TGS#1B2AUI7RZ"},"SetMark":[32,40]},
		{"OptType":2,"ContactItem":{"Type":1,"To_Account":"text"},"CustomMark":"設計"}]}`)
	want := []chat.ContactResult{{Contact: peer, OptType: 3}, {Contact: club, OptType: 1}, {Contact: chat.OneToOne("text"), OptType: 2}}
	if !reflect.DeepEqual(result.Contacts, want) || result.Parts != nil || !strings.Contains(result.Body, "ErrorDisplay") {
		t.Errorf("results %+v, want %+v", result.Contacts, want)
	}
	entry := search(t, client, peer)[peer]
	if entry.StandardMark != "011"+strings.Repeat("0", 60)+"1" || entry.CustomMark != "abcd" {
		t.Errorf("marked %+v", entry)
	}
}

func TestACustomMarkIsLeftWhenNotGivenAndClearedWhenEmpty(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	mark(t, client, chat.Mark{Contact: peer, Set: []int{33}, CustomMark: chat.String("vip")})
	mark(t, client, chat.Mark{Contact: peer, Clear: []int{33}})
	if entry := search(t, client, peer)[peer]; entry.CustomMark != "vip" || strings.Contains(entry.StandardMark, "1") {
		t.Errorf("now %+v", entry)
	}
	mark(t, client, chat.Mark{Contact: peer, Set: []int{33}, CustomMark: chat.String("")})
	if entry := search(t, client, peer)[peer]; entry.CustomMark != "" || !strings.HasSuffix(entry.StandardMark, "1") {
		t.Errorf("now %+v", entry)
	}
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

func TestLimitsOfMarksAreTheServicesOwn(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	var marks []chat.Mark
	for _, contact := range people("m", 1000) {
		marks = append(marks, chat.Mark{Contact: contact, Set: []int{32}})
	}
	if _, err := client.MarkContact(background, "user_0001", marks, chat.Split()); err != nil {
		t.Fatal(err)
	}
	_, err := client.MarkContact(background, "user_0001", []chat.Mark{{Contact: peer, Set: []int{32}}})
	wantFailure(t, err, chat.ErrConversationLimit, 51008)
	free := service.NewClient(func(c *chat.Config) { c.NoLocalLimits = true })
	_, err = free.MarkContact(background, "user_0001", marks[:101])
	wantFailure(t, err, chat.ErrTooManyConversations, 51006)
	_, err = free.MarkContact(background, "user_0001", []chat.Mark{{Contact: peer, CustomMark: chat.String(strings.Repeat("x", 257))}})
	wantFailure(t, err, chat.ErrInvalidParameter, 50002)
}
