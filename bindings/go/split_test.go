//go:build cgo

// Lists longer than a call takes: cut only on request, sent in order, joined, and honest about how far
// they came.

package chat_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

func people(prefix string, n int) []chat.Contact {
	contacts := make([]chat.Contact, n)
	for i := range contacts {
		contacts[i] = chat.OneToOne(fmt.Sprintf("%s_%04d", prefix, i))
	}
	return contacts
}

func names(prefix string, n int) []string {
	userIDs := make([]string, n)
	for i := range userIDs {
		userIDs[i] = fmt.Sprintf("%s_%04d", prefix, i)
	}
	return userIDs
}

func marksOf(contacts []chat.Contact) []chat.Mark {
	marks := make([]chat.Mark, len(contacts))
	for i, contact := range contacts {
		marks[i] = chat.Mark{Contact: contact, Set: []int{32}}
	}
	return marks
}

func conversations(prefix string, n int) []chattest.Conversation {
	list := make([]chattest.Conversation, n)
	for i := range list {
		list[i] = chattest.Conversation{Type: 1, ID: fmt.Sprintf("%s_%04d", prefix, i), MsgTime: int64(i + 1), Pinned: i%2 == 0}
	}
	return list
}

// splitting is one call that can be split, on a list of n items that all succeed. got gives the items
// of its result in order.
type splitting struct {
	name   string
	limit  int
	call   func(client *chat.Client, n int, options ...chat.CallOption) (got []string, parts []*chat.Response, err error)
	inBody string
}

var splittings = []splitting{
	{"MarkContact", 100, func(client *chat.Client, n int, options ...chat.CallOption) (got []string, _ []*chat.Response, err error) {
		result, err := client.MarkContact(background, chattest.User, marksOf(people("p", n)), options...)
		if result == nil {
			return nil, nil, err
		}
		for _, one := range result.Contacts {
			got = append(got, one.Contact.ID)
		}
		return got, result.Parts, err
	}, "MarkItem"},
	{"SearchContactGroup", 300, func(client *chat.Client, n int, options ...chat.CallOption) (got []string, _ []*chat.Response, err error) {
		result, err := client.SearchContactGroup(background, chattest.User, people("p", n), options...)
		if result == nil {
			return nil, nil, err
		}
		for _, one := range result.Contacts {
			got = append(got, one.Contact.ID)
		}
		return got, result.Parts, err
	}, "ContactItem"},
	{"MultiaccountImport", 100, func(client *chat.Client, n int, options ...chat.CallOption) ([]string, []*chat.Response, error) {
		var accounts []chat.Account
		for _, userID := range names("p", n) {
			accounts = append(accounts, chat.Account{UserID: userID})
		}
		result, err := client.MultiaccountImport(background, accounts, options...)
		if result == nil {
			return nil, nil, err
		}
		return nil, result.Parts, err // its answer names nobody who was imported
	}, "AccountList"},
	{"AccountCheck", 100, func(client *chat.Client, n int, options ...chat.CallOption) (got []string, _ []*chat.Response, err error) {
		result, err := client.AccountCheck(background, names("p", n), options...)
		if result == nil {
			return nil, nil, err
		}
		for _, one := range result.Accounts {
			got = append(got, one.UserID)
		}
		return got, result.Parts, err
	}, "CheckItem"},
	{"AccountDelete", 100, func(client *chat.Client, n int, options ...chat.CallOption) (got []string, _ []*chat.Response, err error) {
		result, err := client.AccountDelete(background, names("p", n), options...)
		if result == nil {
			return nil, nil, err
		}
		for _, one := range result.Accounts {
			got = append(got, one.UserID)
		}
		return got, result.Parts, err
	}, "DeleteItem"},
}

func TestALongListIsCutSentInOrderAndJoined(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	imports(t, client, names("p", 301)...)
	for _, one := range splittings {
		for n, requests := range map[int]int{1: 1, one.limit: 1, one.limit + 1: 2, 301: 300/one.limit + 1} {
			if one.name == "AccountDelete" { // it needs accounts to delete
				imports(t, client, names("p", 301)...)
			}
			service.ForgetRequests()
			got, parts, err := one.call(client, n, chat.Split())
			if err != nil {
				t.Errorf("%s of %d: %v", one.name, n, err)
				continue
			}
			seen := service.Requests()
			if len(seen) != requests || len(parts) != requests {
				t.Errorf("%s of %d: %d requests and %d parts, want %d", one.name, n, len(seen), len(parts), requests)
			}
			if last := fmt.Sprintf("p_%04d", n-1); !strings.Contains(seen[len(seen)-1].Body, last) || !strings.Contains(seen[0].Body, "p_0000") || !strings.Contains(seen[0].Body, one.inBody) {
				t.Errorf("%s of %d: the parts are out of order", one.name, n)
			}
			if one.name != "MultiaccountImport" && strings.Join(got, " ") != strings.Join(names("p", n), " ") {
				t.Errorf("%s of %d gave %d items: %v", one.name, n, len(got), got)
			}
		}
	}
}

func TestASplitSearchNamesTheGroups(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	first := newGroup(t, client, "one", chat.OneToOne("p_0000"))
	second := newGroup(t, client, "two", chat.OneToOne("p_0300"))
	result, err := client.SearchContactGroup(background, chattest.User, people("p", 301), chat.Split())
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(result.Groups, []chat.ContactGroup{first, second}) || len(result.Contacts) != 2 || !reflect.DeepEqual(result.Contacts[1].Groups, []chat.ContactGroup{second}) {
		t.Errorf("found %+v of %v", result.Contacts, result.Groups)
	}
	if result.Response != result.Parts[1] || result.Code != chat.CodeOK {
		t.Errorf("the response is not that of the last part: %+v", result.Response)
	}
}

func TestASplitThatFailsTellsHowFarItCameAndWhatItKnows(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	imports(t, client, names("p", 301)...)
	mark(t, client, marksOf(people("p", 100))...)
	for _, one := range splittings {
		service.ClearFaults()
		service.ForgetRequests()
		service.Fault(chattest.Fault{Code: 50004, Skip: 1})
		got, parts, err := one.call(client, 301, chat.Split(), chat.WithMaxAttempts(1))
		failure := wantFailure(t, err, chat.ErrService, 50004)
		var split *chat.SplitError
		if !errors.As(err, &split) || split.Done != one.limit || split.Total != 301 || split.Failure != failure || split.Result == nil {
			t.Errorf("%s: %+v", one.name, err)
			continue
		}
		if !strings.Contains(err.Error(), fmt.Sprintf("after %d of 301 items", one.limit)) || !strings.Contains(err.Error(), "50004") {
			t.Errorf("%s: %v", one.name, err)
		}
		if requests := len(service.Requests()); requests != 2 || len(parts) != 1 {
			t.Errorf("%s: %d requests and %d parts; it must stop at the failure", one.name, requests, len(parts))
		}
		if one.name == "AccountCheck" && len(got) != 100 {
			t.Errorf("%s: %d items of the first part", one.name, len(got))
		}
		var partial *chat.PartialError
		if errors.As(err, &partial) {
			t.Errorf("%s: %v is a PartialError too", one.name, err)
		}
	}
}

func TestAnItemThatIsRefusedLateInASplitIsNamedByItsPlaceAndNothingIsSent(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	contacts := people("p", 350)
	contacts[333].ID = ""
	_, err := client.SearchContactGroup(background, "user_0001", contacts, chat.Split())
	if failure := wantFailure(t, err, chat.ErrInvalidArgument, chat.CodeInvalidArgument); !strings.Contains(failure.Message, "contacts[333]") {
		t.Errorf("%v", failure)
	}
	marks := marksOf(people("p", 350))
	marks[222].Clear = []int{32}
	_, err = client.MarkContact(background, "user_0001", marks, chat.Split())
	if failure := wantFailure(t, err, chat.ErrInvalidArgument, chat.CodeInvalidArgument); !strings.Contains(failure.Message, "marks[222]") {
		t.Errorf("%v", failure)
	}
	userIDs := names("p", 350)
	userIDs[111] = ""
	_, err = client.AccountCheck(background, userIDs, chat.Split())
	var split *chat.SplitError
	if failure := wantFailure(t, err, chat.ErrInvalidArgument, chat.CodeInvalidArgument); !strings.Contains(failure.Message, "accounts[111]") || !errors.As(err, &split) || split.Done != 0 {
		t.Errorf("%v", err)
	}
	_, err = client.AccountCheck(background, nil, chat.Split())
	wantFailure(t, err, chat.ErrInvalidArgument, chat.CodeInvalidArgument)
	if total := service.RequestsTotal(); total != 0 {
		t.Errorf("%d requests were sent", total)
	}
}

func TestACancelledContextEndsASplitBetweenItsParts(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	service.Fault(chattest.Fault{Hang: true, Skip: 1, Times: chattest.Forever})
	ctx, cancel := context.WithCancel(background)
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := client.AccountCheck(ctx, names("p", 350), chat.Split())
		ended <- err
	}()
	service.AwaitRequests(2)
	cancel()
	err := <-ended
	wantFailure(t, err, chat.ErrCancelled, chat.CodeCancelled)
	var split *chat.SplitError
	if !errors.Is(err, context.Canceled) || !errors.As(err, &split) || split.Done != 100 || !split.Failure.InDoubt {
		t.Errorf("%v", err)
	}
	if total := len(service.Requests()); total != 2 {
		t.Errorf("%d requests", total)
	}
}

func TestCallsWhoseItemsBelongTogetherRefuseToBeSplit(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	many := people("p", 101)
	for name, call := range map[string]func() error{
		"CreateContactGroup": func() error {
			_, err := client.CreateContactGroup(background, "user_0001", "one", many, chat.Split())
			return err
		},
		"UpdateContactGroupContacts": func() error {
			_, err := client.UpdateContactGroupContacts(background, "user_0001", "one", many, nil, chat.Split())
			return err
		},
		"UpdateContactGroupName": func() error {
			_, err := client.UpdateContactGroupName(background, "user_0001", "one", "two", chat.Split())
			return err
		},
		"Call": func() error { _, err := client.Call(background, createPath, nil, chat.Split()); return err },
		"Items": func() error {
			items := client.ContactGroupItems("user_0001", chat.Split())
			items.Next(background)
			return items.Err()
		},
	} {
		if failure := wantFailure(t, call(), chat.ErrInvalidArgument, chat.CodeInvalidArgument); !strings.Contains(failure.Message, "SearchContactGroup") {
			t.Errorf("%s: %s", name, failure.Message)
		}
	}
	if total := service.RequestsTotal(); total != 0 {
		t.Errorf("%d requests were sent", total)
	}
}

func imports(t *testing.T, client *chat.Client, userIDs ...string) {
	t.Helper()
	var accounts []chat.Account
	for _, userID := range userIDs {
		accounts = append(accounts, chat.Account{UserID: userID})
	}
	if _, err := client.MultiaccountImport(background, accounts, chat.Split()); err != nil {
		t.Fatal(err)
	}
}
