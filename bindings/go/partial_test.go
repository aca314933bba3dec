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
