//go:build cgo

// The main job, and what the other tests say in one line each: create a group, delete it,
// expect a failure.

package chat_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
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

func TestNumbersGivenAsStringsAnd64BitIDsAreRead(t *testing.T) {
	service := chattest.Start(t)
	body := `{"ActionStatus":"OK","ErrorCode":"0","GroupItem":[{"GroupName":"a\u0000b","GroupId":"7"},{"GroupName":"c","GroupId":9007199254740993}]}`
	service.Fault(chattest.Fault{Answer: &chattest.Answer{Status: 200, Body: body}})
	want := []chat.ContactGroup{{Name: "a\x00b", ID: 7}, {Name: "c", ID: 9007199254740993}}
	if result := deleteGroup(t, service.NewClient(), "one"); !reflect.DeepEqual(result.Groups, want) {
		t.Errorf("groups %v, want %v", result.Groups, want)
	}
}

func TestCallTakesMapsStructsAndReadyJSON(t *testing.T) {
	type contactItem struct {
		Type      int    `json:"Type"`
		ToAccount string `json:"To_Account"`
	}
	type request struct {
		FromAccount string        `json:"From_Account"`
		Items       []contactItem `json:"ContactItem"`
	}
	bodies := []struct {
		body any
		want string
	}{
		{nil, `{}`},
		{[]byte(`{"From_Account": "<&>設"}`), `{"From_Account": "<&>設"}`},
		{json.RawMessage(`{ }`), `{ }`},
		{map[string]any{"From_Account": "<&>設"}, `{"From_Account":"<&>設"}`},
		{request{"user_0001", []contactItem{{1, "user_0002"}}}, `{"From_Account":"user_0001","ContactItem":[{"Type":1,"To_Account":"user_0002"}]}`},
		{&request{FromAccount: "user_0001"}, `{"From_Account":"user_0001","ContactItem":null}`},
	}
	service := chattest.Start(t)
	service.Fault(chattest.Fault{Times: chattest.Forever, Answer: &chattest.Answer{Status: 200, Body: `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","Extra":[1]}`}})
	client := service.NewClient()
	for _, one := range bodies {
		service.ForgetRequests()
		response, err := client.Call(context.Background(), "v4/recentcontact/get_contact_group", one.body)
		if err != nil {
			t.Errorf("%T: %v", one.body, err)
			continue
		}
		if seen := service.Requests()[0]; seen.Body != one.want || !strings.HasSuffix(seen.Path, "v4/recentcontact/get_contact_group") {
			t.Errorf("%T: the service saw %s at %s, want %s", one.body, seen.Body, seen.Path, one.want)
		}
		var answer struct{ Extra []int }
		if err := response.Decode(&answer); err != nil || len(answer.Extra) != 1 {
			t.Errorf("decoded %+v: %v", answer, err)
		}
	}
}

func TestABodyThatIsNoJSONObjectIsRefusedWithoutARequest(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	for _, body := range []any{"text", []int{1}, 7, make(chan int), []byte(`{"open":`), []byte(`[]`)} {
		_, err := client.Call(context.Background(), createPath, body)
		wantFailure(t, err, chat.ErrInvalidArgument, chat.CodeInvalidArgument)
	}
	if total := service.RequestsTotal(); total != 0 {
		t.Errorf("%d requests were sent", total)
	}
}

func TestTheTraceTellsEachAttempt(t *testing.T) {
	service := chattest.Start(t)
	service.Fault(chattest.Fault{Code: 50002})
	_, err := service.NewClient().DelContactGroup(context.Background(), chattest.User, "one")
	failure := wantFailure(t, err, chat.ErrInvalidParameter, 50002)
	var attempts []map[string]any
	if err := json.Unmarshal([]byte(failure.Trace), &attempts); err != nil || len(attempts) != failure.Attempts || failure.Attempts != 1 {
		t.Errorf("trace %s of %d attempts: %v", failure.Trace, failure.Attempts, err)
	}
}

func TestALockedOutCallSaysWhenToTryAgain(t *testing.T) {
	service := chattest.Start(t)
	service.Fault(chattest.Fault{Code: 70050, Times: chattest.Forever})
	_, err := service.NewClient().DelContactGroup(context.Background(), chattest.User, "one")
	if failure := wantFailure(t, err, chat.ErrLockedOut, 70050); failure.RetryAfter != time.Minute {
		t.Errorf("RetryAfter is %v, the service locks for a minute", failure.RetryAfter)
	}
}
