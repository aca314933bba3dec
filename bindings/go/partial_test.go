//go:build cgo

// Calls that succeed for some items only: the error says so, the result says which.

package chat_test

import (
	"errors"
	"reflect"
	"testing"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

// wantPartial expects a PartialError that carries result.
func wantPartial(t *testing.T, err error, result any) *chat.PartialError {
	t.Helper()
	failure := wantFailure(t, err, chat.ErrPartial, chat.CodePartial)
	var partial *chat.PartialError
	if !errors.As(err, &partial) || partial.Failure != failure || partial.Result != result {
		t.Fatalf("%T %v does not carry its result", err, err)
	}
	if failure.InDoubt || failure.HTTPStatus != 200 || failure.Body == "" || partial.Error() != failure.Error() {
		t.Errorf("the error says %+v", failure.Response)
	}
	return partial
}

func TestADismissedChatGroupIsAFailedItemAndTheOthersAreDone(t *testing.T) {
	service := chattest.Start(t)
	service.Change(func(s *chattest.Settings) { s.DismissedGroups = []string{club.ID} })
	client := service.NewClient()
	failed := chat.ContactResult{Contact: club, ResultCode: chat.CodeServiceGroupChatFailed, ResultInfo: "the chat group is dismissed"}

	created, err := client.CreateContactGroup(background, "user_0001", "one", []chat.Contact{peer, club})
	wantPartial(t, err, created)
	if want := []chat.ContactResult{{Contact: peer}, failed}; created.Group.ID != 1 || created.Code != chat.CodePartial || !reflect.DeepEqual(created.Contacts, want) {
		t.Errorf("created %+v, want %+v", created, want)
	}

	marked, err := client.MarkContact(background, "user_0001", []chat.Mark{{Contact: club, Set: []int{32}}, {Contact: peer, Set: []int{32}}})
	wantPartial(t, err, marked)
	failed.OptType = 1
	if want := []chat.ContactResult{failed, {Contact: peer, OptType: 1}}; !reflect.DeepEqual(marked.Contacts, want) {
		t.Errorf("marked %+v, want %+v", marked.Contacts, want)
	}

	updated, err := client.UpdateContactGroupContacts(background, "user_0001", "one", []chat.Contact{club}, []chat.Contact{peer})
	wantPartial(t, err, updated)
	if want := []chat.ContactResult{failed, {Contact: peer, OptType: 2}}; !reflect.DeepEqual(updated.Contacts, want) {
		t.Errorf("updated %+v, want %+v", updated.Contacts, want)
	}
	if entry := search(t, client, peer, club); len(entry) != 1 || len(entry[peer].Groups) != 0 || entry[peer].StandardMark == "" {
		t.Errorf("the service now holds %+v", entry)
	}
}

func TestAnAccountThatWasNotThereIsAFailedItem(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	result, err := client.AccountDelete(background, []string{chattest.OtherUser, "nobody"})
	wantPartial(t, err, result)
	if result.Accounts[0].ResultCode != chat.CodeOK || result.Accounts[1].ResultCode != chat.CodeServiceAccountNotFound || result.Accounts[1].ResultInfo == "" {
		t.Errorf("deleted %+v", result.Accounts)
	}
}

func TestAccountsThatWereNotImportedAreNamedWhicheverWayTheServiceTells(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	accounts := []chat.Account{{UserID: "good"}, {UserID: "設計"}}
	result, err := client.MultiaccountImport(background, accounts)
	wantPartial(t, err, result)
	if !reflect.DeepEqual(result.FailAccounts, []string{"設計"}) {
		t.Errorf("failed: %v", result.FailAccounts)
	}
	answerOnce(service, `{"ActionStatus":"OK","ErrorCode":0,"FailAccounts":["b"],"ResultItem":[{"UserID":"a","ResultCode":"70402","ResultInfo":"bad"},{"UserID":"b","ResultCode":70402},{"UserID":"c","ResultCode":0}]}`)
	result, err = client.MultiaccountImport(background, accounts)
	wantPartial(t, err, result)
	want := []chat.AccountResult{{UserID: "a", ResultCode: 70402, ResultInfo: "bad"}, {UserID: "b", ResultCode: 70402}, {UserID: "c"}}
	if !reflect.DeepEqual(result.FailAccounts, []string{"b", "a"}) || !reflect.DeepEqual(result.Accounts, want) {
		t.Errorf("failed: %v with %+v", result.FailAccounts, result.Accounts)
	}
}

func TestAnAccountThatCouldNotBeCheckedHasNoStatus(t *testing.T) {
	service := chattest.Start(t)
	answerOnce(service, `{"ActionStatus":"OK","ErrorCode":0,"ResultItem":[{"UserID":"a","ResultCode":70500,"ResultInfo":"later"},{"UserID":"b","ResultCode":0,"AccountStatus":"Imported"}]}`)
	result, err := service.NewClient().AccountCheck(background, []string{"a", "b"})
	wantPartial(t, err, result)
	if one := result.Accounts[0]; one.AccountStatus != "" || one.ResultCode != 70500 || one.ResultInfo != "later" {
		t.Errorf("checked %+v", result.Accounts)
	}
}

func TestAResultCodeThatIsNoNumberIsAFailureAllTheSame(t *testing.T) {
	service := chattest.Start(t)
	answerOnce(service, `{"ActionStatus":"OK","ErrorCode":0,"ResultItem":[{"UserID":"a","ResultCode":"odd"},{"UserID":"b"}]}`)
	result, err := service.NewClient().AccountDelete(background, []string{"a", "b"})
	wantPartial(t, err, result)
	if result.Accounts[0].ResultCode != chat.CodeService || result.Accounts[1].ResultCode != chat.CodeOK {
		t.Errorf("deleted %+v", result.Accounts)
	}
}

func TestAGenericCallReturnsItsAnswerBesideThePartialError(t *testing.T) {
	service := chattest.Start(t)
	body := map[string]any{"DeleteItem": []any{map[string]string{"UserID": "nobody"}}}
	response, err := service.NewClient().Call(background, "v4/im_open_login_svc/account_delete", body)
	wantPartial(t, err, response)
	if response.Code != chat.CodePartial || response.Body == "" {
		t.Errorf("answered %+v", response)
	}
}
