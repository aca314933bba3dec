//go:build cgo

// Conversation groups: what is sent, what comes back, and what the service then holds.

package chat_test

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

var (
	background = context.Background()
	peer       = chat.OneToOne("user_0002")
	club       = chat.GroupChat("@TGS#1B2AUI7RZ")
)

func newGroup(t *testing.T, client *chat.Client, name string, contacts ...chat.Contact) chat.ContactGroup {
	t.Helper()
	result, err := client.CreateContactGroup(background, chattest.User, name, contacts)
	if err != nil {
		t.Fatal(err)
	}
	return result.Group
}

// search gives the entries of contacts by contact.
func search(t *testing.T, client *chat.Client, contacts ...chat.Contact) map[chat.Contact]chat.ContactGroupEntry {
	t.Helper()
	result, err := client.SearchContactGroup(background, chattest.User, contacts)
	if err != nil {
		t.Fatal(err)
	}
	found := map[chat.Contact]chat.ContactGroupEntry{}
	for _, entry := range result.Contacts {
		found[entry.Contact] = entry
	}
	return found
}

// wantSent expects the last request to be this, compared as JSON.
func wantSent(t *testing.T, service *chattest.Service, path, body string) {
	t.Helper()
	requests := service.Requests()
	if len(requests) == 0 {
		t.Fatal("nothing was sent")
	}
	last := requests[len(requests)-1]
	var sent, want any
	if err := json.Unmarshal([]byte(last.Body), &sent); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(body), &want); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(last.Path, path) || !reflect.DeepEqual(sent, want) {
		t.Errorf("sent %s to %s, want %s to %s", last.Body, last.Path, body, path)
	}
}

// answerOnce lets the service answer the next call with this body and HTTP 200.
func answerOnce(service *chattest.Service, body string) {
	service.Fault(chattest.Fault{Answer: &chattest.Answer{Status: 200, Body: body}})
}

func TestAnswersWithMissingMembersAndNumbersAsStringsAreRead(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()

	answerOnce(service, `{"ActionStatus":"OK","ErrorCode":"0","ContactResultItem":[
		{"Type":"2","To_Account":"decoy","ToGroupId":"@TGS#1","StandardMark":"011","ContactGroupId":["7",9007199254740993,null],"Timestamp":"1775217000"},
		{"Type":1,"To_Account":"bare"},{"To_Account":"untyped"},{"ToGroupId":"@untyped"},{}],
		"GroupItem":[{"GroupName":"seven","GroupId":"7"}],"Extra":{"a":[1]}}`)
	found, err := client.SearchContactGroup(background, "user_0001", []chat.Contact{peer})
	if err != nil {
		t.Fatal(err)
	}
	want := []chat.ContactGroupEntry{
		{Contact: chat.GroupChat("@TGS#1"), StandardMark: "011", Marks: []int{chat.MarkStar, chat.MarkUnread}, Timestamp: time.Unix(1775217000, 0),
			Groups: []chat.ContactGroup{{Name: "seven", ID: 7}, {Name: "", ID: 9007199254740993}}},
		{Contact: chat.OneToOne("bare")}, {Contact: chat.OneToOne("untyped")}, {Contact: chat.GroupChat("@untyped")}, {},
	}
	if !reflect.DeepEqual(found.Contacts, want) {
		t.Errorf("read %+v, want %+v", found.Contacts, want)
	}

	for name, call := range map[string]func() (any, error){
		"create": func() (any, error) {
			return client.CreateContactGroup(background, "user_0001", "one", []chat.Contact{peer})
		},
		"rename": func() (any, error) { return client.UpdateContactGroupName(background, "user_0001", "one", "two") },
		"contacts": func() (any, error) {
			return client.UpdateContactGroupContacts(background, "user_0001", "one", []chat.Contact{peer}, nil)
		},
		"mark": func() (any, error) {
			return client.MarkContact(background, "user_0001", []chat.Mark{{Contact: peer, Set: []int{32}}})
		},
		"search": func() (any, error) { return client.SearchContactGroup(background, "user_0001", []chat.Contact{peer}) },
		"get":    func() (any, error) { return client.GetContactGroup(background, "user_0001", 0) },
		"list": func() (any, error) {
			return client.RecentContactGetList(background, "user_0001", chat.RecentContactCursor{}, chat.AssistFlags)
		},
		"delete":  func() (any, error) { return client.RecentContactDelete(background, "user_0001", peer, false) },
		"import":  func() (any, error) { return client.AccountImport(background, chat.Account{UserID: "a"}) },
		"imports": func() (any, error) { return client.MultiaccountImport(background, []chat.Account{{UserID: "a"}}) },
		"check":   func() (any, error) { return client.AccountCheck(background, []string{"a"}) },
		"remove":  func() (any, error) { return client.AccountDelete(background, []string{"a"}) },
	} {
		answerOnce(service, `{"ActionStatus":"OK","ErrorCode":0}`)
		if _, err := call(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
