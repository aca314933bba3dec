//go:build cgo

// A user's conversation list: pages, and taking a conversation off it.

package chat_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

func TestAListTellsTimePinMarksAndGroups(t *testing.T) {
	service := chattest.Start(t)
	service.SetConversations("user_0001", chattest.Conversation{Type: 1, ID: "user_0002", MsgTime: 1772612017},
		chattest.Conversation{Type: 2, ID: "@TGS#1B2AUI7RZ", MsgTime: 1775185968, Pinned: true})
	client := service.NewClient()
	group := newGroup(t, client, "one", club)
	mark(t, client, chat.Mark{Contact: club, Set: []int{0, 1, 2, 5}, CustomMark: chat.String("abcd")})
	page, err := client.RecentContactGetList(background, "user_0001", chat.RecentContactCursor{}, chat.AssistFlags)
	if err != nil {
		t.Fatal(err)
	}
	wantSent(t, service, "v4/recentcontact/get_list", `{"From_Account":"user_0001","TimeStamp":0,"StartIndex":0,"TopTimeStamp":0,"TopStartIndex":0,"AssistFlags":63}`)
	want := map[chat.Contact]chat.RecentContact{
		peer: {Contact: peer, MsgTime: time.Unix(1772612017, 0)},
		club: {Contact: club, MsgTime: time.Unix(1775185968, 0), Pinned: true, StandardMark: "111001", CustomMark: "abcd", ContactGroupIDs: []int64{group.ID}},
	}
	if !reflect.DeepEqual(byContact(page.Contacts), want) || !page.Complete || !strings.Contains(page.Body, "SessionItem") {
		t.Errorf("page %+v, want %+v", page, want)
	}
}

func byContact(list []chat.RecentContact) map[chat.Contact]chat.RecentContact {
	found := map[chat.Contact]chat.RecentContact{}
	for _, one := range list {
		found[one.Contact] = one
	}
	return found
}

func TestPagesOfAListFollowEachOtherByAllFourCursors(t *testing.T) {
	service := chattest.Start(t)
	service.Change(func(s *chattest.Settings) { s.ListPageSize = 2 })
	service.SetConversations("user_0001", conversations("c", 5)...)
	client := service.NewClient()
	seen, pages := map[chat.Contact]int{}, 0
	for cursor := (chat.RecentContactCursor{}); ; pages++ {
		page, err := client.RecentContactGetList(background, "user_0001", cursor, chat.AssistFlags)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range page.Contacts {
			seen[one.Contact]++
		}
		if page.Complete || pages > 5 {
			break
		}
		cursor = page.Next
	}
	if len(seen) != 5 || pages != 2 {
		t.Errorf("%d conversations on %d pages: %v", len(seen), pages+1, seen)
	}
	cursor := chat.RecentContactCursor{TimeStamp: 11, StartIndex: 12, TopTimeStamp: 13, TopStartIndex: 14}
	if _, err := client.RecentContactGetList(background, "user_0001", cursor, 7); err != nil {
		t.Fatal(err)
	}
	wantSent(t, service, "get_list", `{"From_Account":"user_0001","TimeStamp":11,"StartIndex":12,"TopTimeStamp":13,"TopStartIndex":14,"AssistFlags":7}`)
	answerOnce(service, `{"ActionStatus":"OK","ErrorCode":0,"SessionItem":[{"Type":2,"GroupId":"@g","MsgTime":"17","TopFlag":"1"}],
		"CompleteFlag":"0","TimeStamp":21,"StartIndex":"22","TopTimeStamp":23,"TopStartIndex":24}`)
	page, err := client.RecentContactGetList(background, "user_0001", cursor, 7)
	if err != nil {
		t.Fatal(err)
	}
	want := chat.RecentContactCursor{TimeStamp: 21, StartIndex: 22, TopTimeStamp: 23, TopStartIndex: 24}
	if one := (chat.RecentContact{Contact: chat.GroupChat("@g"), MsgTime: time.Unix(17, 0), Pinned: true}); page.Complete || page.Next != want || !reflect.DeepEqual(page.Contacts, []chat.RecentContact{one}) {
		t.Errorf("page %+v", page)
	}
}

func TestADeletedConversationLeavesTheListAndKeepsItsGroupsAndMarks(t *testing.T) {
	service := chattest.Start(t)
	service.SetConversations("user_0001", chattest.Conversation{Type: 1, ID: "user_0002", MsgTime: 1}, chattest.Conversation{Type: 2, ID: "@TGS#1B2AUI7RZ", MsgTime: 2})
	client := service.NewClient()
	newGroup(t, client, "one", peer)
	response, err := client.RecentContactDelete(background, "user_0001", peer, true)
	if err != nil || response.Code != chat.CodeOK || response.Body == "" {
		t.Fatalf("%+v: %v", response, err)
	}
	wantSent(t, service, "v4/recentcontact/delete", `{"From_Account":"user_0001","Type":1,"To_Account":"user_0002","ClearRamble":1}`)
	page, err := client.RecentContactGetList(background, "user_0001", chat.RecentContactCursor{}, chat.AssistFlags)
	if err != nil || len(page.Contacts) != 1 || page.Contacts[0].Contact != club {
		t.Errorf("left: %+v, %v", page, err)
	}
	if len(search(t, client, peer)) != 1 {
		t.Error("its group is gone")
	}
	if _, err := client.RecentContactDelete(background, "user_0001", club, false); err != nil {
		t.Error(err)
	}
	wantSent(t, service, "v4/recentcontact/delete", `{"From_Account":"user_0001","Type":2,"ToGroupid":"@TGS#1B2AUI7RZ","ClearRamble":0}`)
	_, err = client.RecentContactDelete(background, "nobody", club, false)
	wantFailure(t, err, chat.ErrAccountNotImported, 50001)
}
