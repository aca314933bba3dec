//go:build cgo

// The classes of failures: which codes each Err... value stands for, and that errors.Is finds it in whatever a call may fail with.

package chat_test

import (
	"errors"
	"go/ast"
	"net"
	"strings"
	"testing"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

// classes has every Err... value with its codes. ErrService stands for all that the service reports.
var classes = map[string]struct {
	value error
	codes []chat.Code
}{
	"ErrInvalidArgument": {chat.ErrInvalidArgument, []chat.Code{-1, -2}}, "ErrConfig": {chat.ErrConfig, []chat.Code{-3}},
	"ErrTimeout": {chat.ErrTimeout, []chat.Code{-4}}, "ErrTransport": {chat.ErrTransport, []chat.Code{-5, -14}}, "ErrTLS": {chat.ErrTLS, []chat.Code{-14}},
	"ErrHTTPStatus": {chat.ErrHTTPStatus, []chat.Code{-6}}, "ErrProtocol": {chat.ErrProtocol, []chat.Code{-7}}, "ErrForked": {chat.ErrForked, []chat.Code{-8}},
	"ErrShutdown": {chat.ErrShutdown, []chat.Code{-9}}, "ErrPanic": {chat.ErrPanic, []chat.Code{-10}}, "ErrThrottled": {chat.ErrThrottled, []chat.Code{-12}},
	"ErrCancelled": {chat.ErrCancelled, []chat.Code{-13}}, "ErrPartial": {chat.ErrPartial, []chat.Code{-15}},
	"ErrService":            {chat.ErrService, []chat.Code{-11, 60009}},
	"ErrAccountNotImported": {chat.ErrAccountNotImported, []chat.Code{50001}}, "ErrInvalidParameter": {chat.ErrInvalidParameter, []chat.Code{50002}},
	"ErrAdminRequired":        {chat.ErrAdminRequired, []chat.Code{50003, 60010, 70403}},
	"ErrServiceUnavailable":   {chat.ErrServiceUnavailable, []chat.Code{50004, 50005, 60008, 70169}},
	"ErrTooManyConversations": {chat.ErrTooManyConversations, []chat.Code{51006}}, "ErrGroupChatFailed": {chat.ErrGroupChatFailed, []chat.Code{51007}},
	"ErrConversationLimit": {chat.ErrConversationLimit, []chat.Code{51008}}, "ErrGroupNotFound": {chat.ErrGroupNotFound, []chat.Code{51009}},
	"ErrGroupLimit": {chat.ErrGroupLimit, []chat.Code{51010}}, "ErrGroupNameTooLong": {chat.ErrGroupNameTooLong, []chat.Code{51011}},
	"ErrPinnedLimit": {chat.ErrPinnedLimit, []chat.Code{51012}}, "ErrFeatureNotInPlan": {chat.ErrFeatureNotInPlan, []chat.Code{51013}},
	"ErrRateExceeded": {chat.ErrRateExceeded, []chat.Code{60007, 60011, 60018}}, "ErrPlanNotActive": {chat.ErrPlanNotActive, []chat.Code{60020}},
	"ErrIPNotAllowed": {chat.ErrIPNotAllowed, []chat.Code{60021}}, "ErrSDKAppIDNotFound": {chat.ErrSDKAppIDNotFound, []chat.Code{70020}},
	"ErrLockedOut": {chat.ErrLockedOut, []chat.Code{70050}}, "ErrAccountNotFound": {chat.ErrAccountNotFound, []chat.Code{70107}},
	"ErrTooManyAccounts": {chat.ErrTooManyAccounts, []chat.Code{70206}}, "ErrAccountLimit": {chat.ErrAccountLimit, []chat.Code{70398}},
	"ErrUserSig": {chat.ErrUserSig, []chat.Code{70001, 70003, 70009, 70013, 70052}},
}

func TestEveryCodeIsOfItsClassesAndNoOther(t *testing.T) {
	for _, of := range classes {
		for _, code := range of.codes {
			failure := &chat.Error{Response: chat.Response{Code: code, Message: "a test's own"}}
			for name, class := range classes {
				want := class.value == chat.ErrService && code > 0
				for _, its := range class.codes {
					want = want || its == code
				}
				if is := errors.Is(failure, class.value); is != want {
					t.Errorf("code %d: errors.Is(err, %s) is %v", code, name, is)
				}
			}
		}
	}
}

func TestNoClassIsMissingAbove(t *testing.T) {
	found := 0
	for _, file := range parsed(t, ".", false) {
		ast.Inspect(file, func(node ast.Node) bool {
			value, ok := node.(*ast.ValueSpec)
			for i := 0; ok && i < len(value.Names); i++ {
				if name := value.Names[i].Name; strings.HasPrefix(name, "Err") {
					if found++; classes[name].value == nil {
						t.Errorf("the codes of %s are not looked at", name)
					}
				}
			}
			return true
		})
	}
	if found != len(classes) {
		t.Errorf("the package has %d classes, the table %d", found, len(classes))
	}
}

func TestErrorsAreNetErrors(t *testing.T) {
	var network net.Error
	var failure error = &chat.Error{Response: chat.Response{Code: chat.CodeTimeout}}
	if !errors.As(failure, &network) || !network.Timeout() {
		t.Errorf("%v is no net.Error that timed out", failure)
	}
}

// wantPartial expects a PartialError that carries result.
func wantPartial(t *testing.T, err error, result any) {
	t.Helper()
	failure := wantFailure(t, err, chat.ErrPartial, chat.CodePartial)
	var partial *chat.PartialError
	if !errors.As(err, &partial) || partial.Failure != failure || partial.Result != result {
		t.Fatalf("%T %v does not carry its result", err, err)
	}
	if failure.InDoubt || failure.HTTPStatus != 200 || failure.Body == "" || partial.Error() != failure.Error() {
		t.Errorf("the error says %+v", failure.Response)
	}
}

func TestAPartialErrorCarriesTheResult(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	imported, err := client.MultiaccountImport(background, []chat.Account{{UserID: "good"}, {UserID: "設計"}})
	wantPartial(t, err, imported)
	answerOnce(service, `{"ActionStatus":"OK","ErrorCode":0,"ResultItem":[{"UserID":"a","ResultCode":"odd"},{"UserID":"b"}]}`)
	deleted, err := client.AccountDelete(background, []string{"a", "b"})
	wantPartial(t, err, deleted)
	if deleted.Accounts[0].ResultCode != chat.CodeService || deleted.Accounts[1].ResultCode != chat.CodeOK {
		t.Errorf("a code that is no number is a failure all the same: %+v", deleted.Accounts)
	}
	answered, err := client.Call(background, "v4/im_open_login_svc/account_delete", map[string]any{"DeleteItem": []any{map[string]string{"UserID": "nobody"}}})
	wantPartial(t, err, answered)
}
