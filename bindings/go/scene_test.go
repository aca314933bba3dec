//go:build cgo

// What the tests of this package say in one line each: create a group, delete it, answer a call, expect a failure.

package chat_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

var (
	background = context.Background()
	peer       = chat.OneToOne("user_0002")
)

const (
	createPath = "v4/recentcontact/create_contact_group"
	deletePath = "v4/recentcontact/del_contact_group"
)

func creation(name string) map[string]any {
	return map[string]any{"From_Account": chattest.User, "GroupContactItem": []any{map[string]any{"GroupName": name}}}
}

func createGroup(t *testing.T, client *chat.Client, name string) {
	t.Helper()
	if _, err := client.Call(context.Background(), createPath, creation(name)); err != nil {
		t.Fatal(err)
	}
}

func deleteGroup(t *testing.T, client *chat.Client, name string) *chat.DelContactGroupResult {
	t.Helper()
	result, err := client.DelContactGroup(context.Background(), chattest.User, name)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// wantFailure expects an error of a class and a code (0: any code of the class).
func wantFailure(t *testing.T, err, class error, code chat.Code) *chat.Error {
	t.Helper()
	var failure *chat.Error
	if !errors.As(err, &failure) {
		t.Fatalf("got %v, want a *chat.Error with code %d", err, code)
	}
	if !errors.Is(err, class) {
		t.Errorf("%v is not %q", err, class)
	}
	if code != 0 && failure.Code != code {
		t.Errorf("code %d (%s), want %d", failure.Code, failure.Message, code)
	}
	if failure.Message == "" {
		t.Errorf("code %d has no message", failure.Code)
	}
	return failure
}

func newGroup(t *testing.T, client *chat.Client, name string, contacts ...chat.Contact) chat.ContactGroup {
	t.Helper()
	result, err := client.CreateContactGroup(background, chattest.User, name, contacts)
	if err != nil {
		t.Fatal(err)
	}
	return result.Group
}

// answerOnce lets the service answer the next call with this body and HTTP 200.
func answerOnce(service *chattest.Service, body string) {
	service.Fault(chattest.Fault{Answer: &chattest.Answer{Status: 200, Body: body}})
}

// await polls a counter of the client until it has grown to n.
func await(t *testing.T, client *chat.Client, counter string, n uint64) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); client.Stats().Counters[counter] < n; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s is %d, waited for %d", counter, client.Stats().Counters[counter], n)
		}
	}
}

func calledIn(ctx context.Context, client *chat.Client, options ...chat.CallOption) error {
	_, err := client.DelContactGroup(ctx, chattest.User, "none", options...)
	return err
}

func removeNone(client *chat.Client) error {
	_, err := client.DelContactGroup(background, chattest.User, "none")
	return err
}

func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/dev/fd") // Linux and the BSDs, macOS included
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

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

func mark(t *testing.T, client *chat.Client, marks ...chat.Mark) *chat.MarkContactResult {
	t.Helper()
	result, err := client.MarkContact(background, chattest.User, marks)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// alone says whether this process runs this test only; if not, it runs it in one that does, with more in its environment.
func alone(t *testing.T, environment ...string) bool {
	t.Helper()
	if os.Getenv("CHAT_TEST_ALONE") == t.Name() {
		return true
	}
	skipUnderEmulation(t)
	child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.count=1", "-test.v")
	child.Env = append(append(os.Environ(), "CHAT_TEST_ALONE="+t.Name()), environment...)
	output, err := child.CombinedOutput()
	if err != nil || !strings.Contains(string(output), "--- PASS: "+t.Name()) {
		t.Errorf("%v\n%s", err, output)
	}
	return false
}

// skipUnderEmulation ends a test that begins this program again, which an emulated processor cannot.
func skipUnderEmulation(t *testing.T) {
	t.Helper()
	if os.Getenv("CHAT_UNDER_EMULATION") != "" {
		t.Skip("this program is run by an emulator of its processor")
	}
}

// asked makes a call that finds no group.
func asked(client *chat.Client) error {
	if err := removeNone(client); !errors.Is(err, chat.ErrGroupNotFound) {
		return err
	}
	return nil
}
