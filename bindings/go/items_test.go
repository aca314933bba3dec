//go:build cgo

// Going through lists page by page: everything once, failures told and tried again, and nothing left
// behind however the iteration ends.

package chat_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

const (
	groupPath = "v4/recentcontact/get_contact_group"
	listPath  = "v4/recentcontact/get_list"
)

// paged starts a service with 7 conversations in a group and 7 in the list, on pages of 3.
func paged(t *testing.T) (*chattest.Service, *chat.Client) {
	t.Helper()
	service := chattest.Start(t)
	service.Change(func(s *chattest.Settings) { s.PageSize, s.ListPageSize = 3, 3 })
	service.SetConversations("user_0001", conversations("p", 7)...)
	client := service.NewClient()
	newGroup(t, client, "同僚", people("p", 7)...)
	service.ForgetRequests()
	return service, client
}

func TestAContextEndsAPageAndTheNextOneContinues(t *testing.T) {
	service, client := paged(t)
	items := client.RecentContactItems("user_0001")
	defer items.Close()
	cancelled, cancel := context.WithCancel(background)
	cancel()
	if items.Next(cancelled) || !errors.Is(items.Err(), context.Canceled) || len(service.Requests()) != 0 {
		t.Errorf("%v after %d requests", items.Err(), len(service.Requests()))
	}
	service.Fault(chattest.Fault{Hang: true})
	short, cancel := context.WithTimeout(background, 50*time.Millisecond)
	defer cancel()
	if items.Next(short) || !errors.Is(items.Err(), context.DeadlineExceeded) || !errors.Is(items.Err(), chat.ErrTimeout) {
		t.Errorf("%v", items.Err())
	}
	count := 0
	for items.Next(background) {
		count++
	}
	if count != 7 || items.Err() != nil {
		t.Errorf("%d items: %v", count, items.Err())
	}
}

func TestAClosedIterationOrClientSaysSo(t *testing.T) {
	_, client := paged(t)
	items, other := client.ContactGroupItems("user_0001"), client.ContactGroupItems("user_0001")
	if !items.Next(background) || !other.Next(background) {
		t.Fatal(items.Err(), other.Err())
	}
	items.Close()
	items.Close()
	if items.Next(background) || items.Complete() || items.Item().Contact.ID != "" || items.Response() != nil {
		t.Error("a closed iteration goes on")
	}
	wantFailure(t, items.Err(), chat.ErrInvalidArgument, chat.CodeInvalidArgument)

	client.Close()
	if other.Next(background) {
		t.Error("an iteration of a closed client goes on")
	}
	wantFailure(t, other.Err(), chat.ErrShutdown, chat.CodeShutdown)
	other.Close()
}

func TestAnIterationInManyHandsGivesEachItemOnce(t *testing.T) {
	_, client := paged(t)
	items := client.ContactGroupItems("user_0001")
	defer items.Close()
	var all sync.WaitGroup
	var mutex sync.Mutex
	count := 0
	for i := 0; i < 4; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for items.Next(background) {
				mutex.Lock()
				count++
				mutex.Unlock()
			}
		}()
	}
	all.Wait()
	if count != 7 {
		t.Errorf("%d items, want 7", count)
	}
}

// roster is what code under test takes: a client, or what stands in for one.
type roster interface {
	RecentContactItems(fromAccount string, options ...chat.CallOption) *chat.Items[chat.RecentContact]
}

var _ roster = (*chat.Client)(nil)

type fakeRoster struct {
	items []chat.RecentContact
	err   error
}

func (f fakeRoster) RecentContactItems(string, ...chat.CallOption) *chat.Items[chat.RecentContact] {
	return chat.ItemsOf(f.items, f.err)
}

func TestAnIterationCanBeFaked(t *testing.T) {
	two := []chat.RecentContact{{Contact: peer}, {Contact: chat.GroupChat("@TGS#1")}}
	for _, end := range []error{nil, &chat.Error{Response: chat.Response{Code: chat.CodeServiceGroupNotFound}}} {
		items := roster(fakeRoster{two, end}).RecentContactItems(chattest.User)
		for _, want := range two {
			if !items.Next(background) || items.Item().Contact != want.Contact || items.Err() != nil || items.Complete() {
				t.Errorf("gave %+v (%v), want %+v", items.Item(), items.Err(), want)
			}
		}
		for i := 0; i < 2; i++ { // the end stays the end, and a failure may be tried again
			if items.Next(background) || items.Err() != end || items.Complete() != (end == nil) || items.Item().Contact.ID != "" {
				t.Errorf("ended with %v, complete: %v; want %v", items.Err(), items.Complete(), end)
			}
		}
		if items.Response() != nil || items.Page() != nil {
			t.Error("a page came from nowhere")
		}
		items.Close()
		if items.Next(background); items.Err() == nil && end != nil {
			t.Error("goes on after Close")
		}
	}
	var made chat.Items[chat.RecentContact]
	if made.Next(background) || made.Err() == nil || made.Complete() {
		t.Errorf("an iteration over nothing that anybody gave is complete: %v", made.Err())
	}
}

func ExampleClient_ContactGroupItems() {
	service, err := chattest.Run()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer service.Close()
	client, ctx := service.NewClient(), context.Background()
	defer client.Close()
	if _, err := client.CreateContactGroup(ctx, "user_0001", "同僚", []chat.Contact{chat.OneToOne("user_0002")}); err != nil {
		fmt.Println(err)
		return
	}

	items := client.ContactGroupItems("user_0001")
	defer items.Close()
	for items.Next(ctx) {
		entry := items.Item()
		fmt.Println(entry.Contact.ID, len(entry.Groups))
	}
	fmt.Println(items.Err(), items.Complete())
	// Output:
	// user_0002 1
	// <nil> true
}
