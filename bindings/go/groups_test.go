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

func TestAGroupIsCreatedWithItsConversations(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	result, err := client.CreateContactGroup(background, "user_0001", "同僚", []chat.Contact{peer, club})
	if err != nil {
		t.Fatal(err)
	}
	wantSent(t, service, "v4/recentcontact/create_contact_group", `{"From_Account":"user_0001","GroupContactItem":[{"GroupName":"同僚",
		"ContactItem":[{"Type":1,"To_Account":"user_0002"},{"Type":2,"ToGroupId":"@TGS#1B2AUI7RZ"}]}]}`)
	if want := (chat.ContactGroup{Name: "同僚", ID: 1}); result.Group != want {
		t.Errorf("created %v, want %v", result.Group, want)
	}
	if want := []chat.ContactResult{{Contact: peer}, {Contact: club}}; !reflect.DeepEqual(result.Contacts, want) {
		t.Errorf("results %v, want %v", result.Contacts, want)
	}
	if !strings.Contains(result.Body, "GroupResultItem") || result.Attempts != 1 {
		t.Errorf("the raw response says %+v", result.Response)
	}
	entry := search(t, client, peer)[peer]
	if want := []chat.ContactGroup{{Name: "同僚", ID: 1}}; !reflect.DeepEqual(entry.Groups, want) {
		t.Errorf("%s is in %v, want %v", peer.ID, entry.Groups, want)
	}
}

func TestAGroupCanBeCreatedEmpty(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	for i, none := range [][]chat.Contact{nil, {}} {
		name := strings.Repeat("g", i+1)
		result, err := client.CreateContactGroup(background, "user_0001", name, none)
		if err != nil || result.Group.ID != int64(i+1) || len(result.Contacts) != 0 {
			t.Errorf("%+v: %v", result, err)
		}
		wantSent(t, service, "create_contact_group", `{"From_Account":"user_0001","GroupContactItem":[{"GroupName":"`+name+`"}]}`)
	}
}

func TestARenamedGroupKeepsItsIDAndItsConversations(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	before := newGroup(t, client, "家族", peer)
	result, err := client.UpdateContactGroupName(background, "user_0001", "家族", "親族")
	if err != nil {
		t.Fatal(err)
	}
	wantSent(t, service, "v4/recentcontact/update_contact_group", `{"From_Account":"user_0001","UpdateType":1,
		"UpdateGroup":{"UpdateGroupType":1,"OldGroupName":"家族","NewGroupName":"親族"}}`)
	want := chat.ContactGroup{Name: "親族", ID: before.ID}
	if result.Group != want || !strings.Contains(result.Body, "UpdateGroupResult") {
		t.Errorf("renamed to %v, want %v", result.Group, want)
	}
	if groups := search(t, client, peer)[peer].Groups; !reflect.DeepEqual(groups, []chat.ContactGroup{want}) {
		t.Errorf("%s is in %v", peer.ID, groups)
	}
	_, err = client.UpdateContactGroupName(background, "user_0001", "家族", "other")
	wantFailure(t, err, chat.ErrGroupNotFound, 51009)
}

func TestConversationsAreAddedAndRemovedInOneCall(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	group := newGroup(t, client, "one", club)
	result, err := client.UpdateContactGroupContacts(background, "user_0001", "one", []chat.Contact{peer}, []chat.Contact{club})
	if err != nil {
		t.Fatal(err)
	}
	wantSent(t, service, "v4/recentcontact/update_contact_group", `{"From_Account":"user_0001","UpdateType":1,"UpdateGroup":{
		"UpdateGroupType":2,"OldGroupName":"one","ContactUpdateItem":[
		{"ContactOptType":1,"ContactItem":{"Type":1,"To_Account":"user_0002"}},
		{"ContactOptType":2,"ContactItem":{"Type":2,"ToGroupId":"@TGS#1B2AUI7RZ"}}]}}`)
	if want := []chat.ContactResult{{Contact: peer, OptType: 1}, {Contact: club, OptType: 2}}; result.Group != group || !reflect.DeepEqual(result.Contacts, want) {
		t.Errorf("%v with %v, want %v with %v", result.Group, result.Contacts, group, want)
	}
	found := search(t, client, peer, club)
	if _, there := found[club]; there || len(found[peer].Groups) != 1 {
		t.Errorf("now %v", found)
	}
	if _, err := client.UpdateContactGroupContacts(background, "user_0001", "one", nil, []chat.Contact{peer}); err != nil {
		t.Fatal(err)
	}
	if found := search(t, client, peer, club); len(found) != 0 {
		t.Errorf("now %v", found)
	}
}

func TestASearchGivesGroupsByNameAndMarksAsTheServiceSentThem(t *testing.T) {
	service := chattest.Start(t)
	now := time.Unix(1775217000, 0)
	service.FreezeClock(now)
	client := service.NewClient()
	first, second := newGroup(t, client, "one", peer), newGroup(t, client, "two", peer, club)
	marks := []chat.Mark{{Contact: peer, Set: []int{32}, Clear: []int{34}, CustomMark: chat.String("vip")}}
	if _, err := client.MarkContact(background, "user_0001", marks); err != nil {
		t.Fatal(err)
	}
	result, err := client.SearchContactGroup(background, "user_0001", []chat.Contact{club, chat.OneToOne("nobody"), peer})
	if err != nil {
		t.Fatal(err)
	}
	wantSent(t, service, "v4/recentcontact/search_contact_group", `{"From_Account":"user_0001","ContactItem":[
		{"Type":2,"ToGroupId":"@TGS#1B2AUI7RZ"},{"Type":1,"To_Account":"nobody"},{"Type":1,"To_Account":"user_0002"}]}`)
	want := []chat.ContactGroupEntry{
		{Contact: club, Groups: []chat.ContactGroup{second}, Timestamp: now},
		{Contact: peer, StandardMark: strings.Repeat("0", 32) + "100", CustomMark: "vip", Groups: []chat.ContactGroup{first, second}, Timestamp: now},
	}
	if !reflect.DeepEqual(result.Contacts, want) || !reflect.DeepEqual(result.Groups, []chat.ContactGroup{first, second}) || result.Parts != nil {
		t.Errorf("found %+v of %v, want %+v", result.Contacts, result.Groups, want)
	}
}

func TestPagesOfGroupsFollowEachOther(t *testing.T) {
	service := chattest.Start(t)
	service.Change(func(s *chattest.Settings) { s.PageSize = 2 })
	client := service.NewClient()
	group := newGroup(t, client, "one", chat.OneToOne("a"), chat.OneToOne("b"), chat.OneToOne("c"))
	var seen []string
	start, pages := int64(0), 0
	for {
		page, err := client.GetContactGroup(background, "user_0001", start)
		if err != nil {
			t.Fatal(err)
		}
		pages++
		if !reflect.DeepEqual(page.Groups, []chat.ContactGroup{group}) {
			t.Errorf("page %d names %v", pages, page.Groups)
		}
		for _, entry := range page.Contacts {
			seen = append(seen, entry.Contact.ID+" "+entry.Groups[0].Name)
		}
		if page.Complete || pages > 5 {
			break
		}
		start = page.NextStartIndex
	}
	wantSent(t, service, "v4/recentcontact/get_contact_group", `{"From_Account":"user_0001","StartIndex":2}`)
	if want := []string{"a one", "b one", "c one"}; pages != 2 || !reflect.DeepEqual(seen, want) {
		t.Errorf("%d pages with %v, want %v", pages, seen, want)
	}
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
		{Contact: chat.GroupChat("@TGS#1"), StandardMark: "011", Timestamp: time.Unix(1775217000, 0),
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

func TestLimitsOfGroupsAreTheServicesOwn(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	newGroup(t, client, "one")
	_, err := client.CreateContactGroup(background, "user_0001", "one", nil)
	wantFailure(t, err, chat.ErrInvalidParameter, 50002)
	newGroup(t, client, "two")
	_, err = client.UpdateContactGroupName(background, "user_0001", "two", "one")
	wantFailure(t, err, chat.ErrInvalidParameter, 50002)
	for i := 2; i < 20; i++ {
		newGroup(t, client, strings.Repeat("g", i))
	}
	_, err = client.CreateContactGroup(background, "user_0001", "one too many", nil)
	wantFailure(t, err, chat.ErrGroupLimit, 51010)

	free := service.NewClient(func(c *chat.Config) { c.NoLocalLimits = true })
	_, err = free.UpdateContactGroupContacts(background, "user_0001", "one", people("p", 101), nil)
	wantFailure(t, err, chat.ErrTooManyConversations, 51006)
	_, err = free.UpdateContactGroupName(background, "user_0001", "one", strings.Repeat("n", 65))
	wantFailure(t, err, chat.ErrGroupNameTooLong, 51011)
	for i := 0; i < 10; i++ {
		if _, err := client.UpdateContactGroupContacts(background, "user_0001", "one", people(strings.Repeat("x", i+1), 100), nil); err != nil {
			t.Fatal(err)
		}
	}
	_, err = client.UpdateContactGroupContacts(background, "user_0001", "one", []chat.Contact{peer}, nil)
	wantFailure(t, err, chat.ErrConversationLimit, 51008)
}
