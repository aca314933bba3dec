//go:build cgo

// Every Err... value, provoked from a running service (ErrPanic and ErrForked by their codes: a panic
// needs a library built for it, and Go has no fork), and a check that none is forgotten here.

package chat_test

import (
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"net"
	"strings"
	"testing"
	"time"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

// provocation is one way to a failure. provoke sets the stage and makes the call.
type provocation struct {
	class   string
	value   error
	code    chat.Code
	provoke func(t *testing.T, service *chattest.Service) error
}

// remove deletes a group that is not there, in one attempt: what became of it is these tests' subject.
func remove(service *chattest.Service, changes ...func(*chat.Config)) error {
	_, err := service.NewClient(changes...).DelContactGroup(context.Background(), chattest.User, "none", chat.WithMaxAttempts(1))
	return err
}

// answering makes the service answer the next call with a code, as no input can.
func answering(code int) func(*testing.T, *chattest.Service) error {
	return func(_ *testing.T, service *chattest.Service) error {
		service.Fault(chattest.Fault{Code: code, Info: "by fault", Times: chattest.Forever})
		return remove(service)
	}
}

func playing(fault chattest.Fault) func(*testing.T, *chattest.Service) error {
	return func(_ *testing.T, service *chattest.Service) error {
		service.Fault(fault)
		return remove(service, func(c *chat.Config) { c.Timeout = 500 * time.Millisecond })
	}
}

func calling(path string, body any) func(*testing.T, *chattest.Service) error {
	return func(_ *testing.T, service *chattest.Service) error {
		_, err := service.NewClient().Call(context.Background(), path, body)
		return err
	}
}

var ownFailures = []provocation{
	{"ErrInvalidArgument", chat.ErrInvalidArgument, -1, calling("nowhere", nil)},
	{"ErrInvalidArgument", chat.ErrInvalidArgument, -2, calling("v4/\xff/x", nil)},
	{"ErrConfig", chat.ErrConfig, -3, func(*testing.T, *chattest.Service) error { _, err := chat.New(chat.Config{}); return err }},
	{"ErrTimeout", chat.ErrTimeout, -4, playing(chattest.Fault{Hang: true})},
	{"ErrTransport", chat.ErrTransport, -5, playing(chattest.Fault{Drop: "reset"})},
	{"ErrTransport", chat.ErrTransport, -5, playing(chattest.Fault{Drop: "fin"})},
	{"ErrTransport", chat.ErrTransport, -5, func(t *testing.T, service *chattest.Service) error {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		listener.Close() // nobody listens here now
		return remove(service, func(c *chat.Config) { c.BaseURL, c.CAFile = "http://"+listener.Addr().String(), "" })
	}},
	{"ErrTransport", chat.ErrTransport, -14, func(_ *testing.T, service *chattest.Service) error {
		return remove(service, func(c *chat.Config) { c.CAFile = "" })
	}},
	{"ErrTLS", chat.ErrTLS, -14, func(_ *testing.T, service *chattest.Service) error {
		return remove(service, func(c *chat.Config) { c.CAFile = "" })
	}},
	{"ErrHTTPStatus", chat.ErrHTTPStatus, -6, playing(chattest.Fault{Answer: &chattest.Answer{Status: 502, Body: "<html>bad gateway</html>"}})},
	{"ErrProtocol", chat.ErrProtocol, -7, playing(chattest.Fault{Answer: &chattest.Answer{Status: 200, Body: "<html>hello</html>"}})},
	{"ErrProtocol", chat.ErrProtocol, -7, playing(chattest.Fault{Cut: 10})},
	{"ErrService", chat.ErrService, -11, playing(chattest.Fault{Answer: &chattest.Answer{Status: 200, Body: `{"ActionStatus":"FAIL","ErrorCode":0}`}})},
	{"ErrShutdown", chat.ErrShutdown, -9, func(_ *testing.T, service *chattest.Service) error {
		client := service.NewClient()
		client.Close()
		_, err := client.Call(context.Background(), createPath, nil)
		return err
	}},
	{"ErrPanic", chat.ErrPanic, -10, func(*testing.T, *chattest.Service) error {
		return &chat.Error{Response: chat.Response{Code: chat.CodePanic, Message: "a test's own"}}
	}},
	{"ErrForked", chat.ErrForked, -8, func(*testing.T, *chattest.Service) error {
		return &chat.Error{Response: chat.Response{Code: chat.CodeForked, Message: "a test's own: no Go program forks"}}
	}},
	{"ErrThrottled", chat.ErrThrottled, -12, func(t *testing.T, service *chattest.Service) error {
		client := queued(t, service)
		defer client.Close()
		return calledIn(background, client, chat.WithTimeout(time.Second))
	}},
	{"ErrCancelled", chat.ErrCancelled, -13, func(_ *testing.T, service *chattest.Service) error {
		service.Fault(chattest.Fault{Hang: true})
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(50*time.Millisecond, cancel)
		_, err := service.NewClient().Call(ctx, createPath, nil)
		return err
	}},
	{"ErrPartial", chat.ErrPartial, -15, calling("v4/im_open_login_svc/account_delete", map[string]any{"DeleteItem": []any{map[string]string{"UserID": "nobody"}}})},
}

var serviceFailures = []provocation{
	{"ErrService", chat.ErrService, 60009, calling("v4/recentcontact/no_such_command", nil)},
	{"ErrService", chat.ErrService, 51009, func(_ *testing.T, service *chattest.Service) error { return remove(service) }},
	{"ErrAccountNotImported", chat.ErrAccountNotImported, 50001, func(_ *testing.T, service *chattest.Service) error {
		_, err := service.NewClient().DelContactGroup(context.Background(), "nobody", "one")
		return err
	}},
	{"ErrInvalidParameter", chat.ErrInvalidParameter, 50002, calling(deletePath, map[string]any{"From_Account": chattest.User, "GroupName": []string{"a", "b"}})},
	{"ErrAdminRequired", chat.ErrAdminRequired, 50003, func(_ *testing.T, service *chattest.Service) error {
		return remove(service, func(c *chat.Config) { c.Identifier = chattest.User })
	}},
	{"ErrAdminRequired", chat.ErrAdminRequired, 60010, func(_ *testing.T, service *chattest.Service) error {
		service.Change(func(s *chattest.Settings) { s.NonAdminCode = 60010 })
		return remove(service, func(c *chat.Config) { c.Identifier = chattest.User })
	}},
	{"ErrAdminRequired", chat.ErrAdminRequired, 70403, func(_ *testing.T, service *chattest.Service) error {
		client := service.NewClient(func(c *chat.Config) { c.Identifier = chattest.User })
		_, err := client.Call(context.Background(), "v4/im_open_login_svc/account_check", map[string]any{"CheckItem": []any{map[string]string{"UserID": chattest.User}}})
		return err
	}},
	{"ErrServiceUnavailable", chat.ErrServiceUnavailable, 50004, answering(50004)},
	{"ErrServiceUnavailable", chat.ErrServiceUnavailable, 50005, answering(50005)},
	{"ErrServiceUnavailable", chat.ErrServiceUnavailable, 60008, answering(60008)},
	{"ErrTooManyConversations", chat.ErrTooManyConversations, 51006, answering(51006)},
	{"ErrGroupChatFailed", chat.ErrGroupChatFailed, 51007, answering(51007)},
	{"ErrConversationLimit", chat.ErrConversationLimit, 51008, answering(51008)},
	{"ErrServiceUnavailable", chat.ErrServiceUnavailable, 70169, answering(70169)},
	{"ErrPinnedLimit", chat.ErrPinnedLimit, 51012, answering(51012)},
	{"ErrTooManyAccounts", chat.ErrTooManyAccounts, 70206, answering(70206)},
	{"ErrAccountLimit", chat.ErrAccountLimit, 70398, answering(70398)},
	{"ErrGroupNotFound", chat.ErrGroupNotFound, 51009, func(_ *testing.T, service *chattest.Service) error { return remove(service) }},
	{"ErrGroupLimit", chat.ErrGroupLimit, 51010, func(t *testing.T, service *chattest.Service) error {
		client := service.NewClient()
		for i := 0; i < 20; i++ {
			createGroup(t, client, strings.Repeat("g", i+1))
		}
		_, err := client.Call(context.Background(), createPath, creation("one more"))
		return err
	}},
	{"ErrGroupNameTooLong", chat.ErrGroupNameTooLong, 51011, func(_ *testing.T, service *chattest.Service) error {
		service.Change(func(s *chattest.Settings) { s.NameLimit = 32 })
		_, err := service.NewClient().DelContactGroup(context.Background(), chattest.User, strings.Repeat("n", 33))
		return err
	}},
	{"ErrFeatureNotInPlan", chat.ErrFeatureNotInPlan, 51013, func(_ *testing.T, service *chattest.Service) error {
		service.Change(func(s *chattest.Settings) { s.Plan = false })
		return remove(service)
	}},
	{"ErrRateExceeded", chat.ErrRateExceeded, 60007, answering(60007)},
	{"ErrRateExceeded", chat.ErrRateExceeded, 60011, answering(60011)},
	{"ErrRateExceeded", chat.ErrRateExceeded, 60018, answering(60018)},
	{"ErrPlanNotActive", chat.ErrPlanNotActive, 60020, answering(60020)},
	{"ErrIPNotAllowed", chat.ErrIPNotAllowed, 60021, answering(60021)},
	{"ErrSDKAppIDNotFound", chat.ErrSDKAppIDNotFound, 70020, func(_ *testing.T, service *chattest.Service) error {
		return remove(service, func(c *chat.Config) { c.SDKAppID = 1400000001 })
	}},
	{"ErrLockedOut", chat.ErrLockedOut, 70050, answering(70050)},
	{"ErrAccountNotFound", chat.ErrAccountNotFound, 70107, answering(70107)},
	{"ErrUserSig", chat.ErrUserSig, 70009, func(_ *testing.T, service *chattest.Service) error {
		return remove(service, func(c *chat.Config) { c.SecretKey = chat.NewSecret(strings.Repeat("0", 64)) })
	}},
	{"ErrUserSig", chat.ErrUserSig, 70001, answering(70001)},
	{"ErrUserSig", chat.ErrUserSig, 70052, answering(70052)},
	{"ErrUserSig", chat.ErrUserSig, 70003, func(_ *testing.T, service *chattest.Service) error {
		return remove(service, func(c *chat.Config) { c.SecretKey, c.UserSig = chat.Secret{}, chat.NewSecret("eJdamaged") })
	}},
	{"ErrUserSig", chat.ErrUserSig, 70013, func(t *testing.T, service *chattest.Service) error {
		return remove(service, func(c *chat.Config) {
			c.SecretKey, c.UserSig = chat.Secret{}, chat.NewSecret(sign(t, chattest.SecretKey, chattest.User))
		})
	}},
}

func everyFailure() []provocation {
	return append(append([]provocation{}, ownFailures...), serviceFailures...)
}

// belongs says whether the tables above list a code under a class; ErrService takes what the
// service reports.
func belongs(code chat.Code, class error) bool {
	for _, one := range everyFailure() {
		if one.code == code && one.value == class {
			return true
		}
	}
	return class == chat.ErrService && code > 0
}

func TestEveryFailureIsItsClassAndNoOther(t *testing.T) {
	service := chattest.Start(t)
	for _, one := range everyFailure() {
		service.Reset()
		failure := wantFailure(t, one.provoke(t, service), one.value, one.code)
		for _, other := range everyFailure() {
			if is, want := errors.Is(failure, other.value), belongs(one.code, other.value); is != want {
				t.Errorf("code %d: errors.Is(err, %s) is %v", one.code, other.class, is)
			}
		}
		if !strings.Contains(failure.Error(), failure.Message) {
			t.Errorf("Error() hides the message: %v", failure)
		}
	}
}

func TestNoClassOfFailureIsForgottenByTheseTests(t *testing.T) {
	provoked := map[string]bool{}
	for _, one := range everyFailure() {
		provoked[one.class] = true
	}
	file, err := parser.ParseFile(token.NewFileSet(), "errors.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	ast.Inspect(file, func(node ast.Node) bool {
		if value, ok := node.(*ast.ValueSpec); ok {
			for _, name := range value.Names {
				if strings.HasPrefix(name.Name, "Err") {
					found++
					if !provoked[name.Name] {
						t.Errorf("nothing provokes %s", name.Name)
					}
				}
			}
		}
		return true
	})
	if found < 25 {
		t.Errorf("errors.go has only %d classes: this test reads it wrongly", found)
	}
}

func TestAnErrorKeepsTheServicesWordsAndTheBody(t *testing.T) {
	service := chattest.Start(t)
	service.Fault(chattest.Fault{Code: 50002, Info: "field 設計 is odd"})
	failure := wantFailure(t, remove(service), chat.ErrInvalidParameter, 50002)
	if !strings.Contains(failure.Message, `the service says: "field 設計 is odd"`) || !strings.Contains(failure.Body, "50002") {
		t.Errorf("%q with body %s", failure.Message, failure.Body)
	}
	service.Fault(chattest.Fault{Answer: &chattest.Answer{Status: 502, Body: "<html>bad gateway</html>"}})
	failure = wantFailure(t, remove(service), chat.ErrHTTPStatus, -6)
	if failure.HTTPStatus != 502 || failure.Body != "<html>bad gateway</html>" || !failure.InDoubt {
		t.Errorf("%+v", failure.Response)
	}
}

func TestAPartialFailureTellsTheItems(t *testing.T) {
	service := chattest.Start(t)
	items := []any{map[string]string{"UserID": chattest.OtherUser}, map[string]string{"UserID": "nobody"}}
	_, err := service.NewClient().Call(context.Background(), "v4/im_open_login_svc/account_delete", map[string]any{"DeleteItem": items})
	failure := wantFailure(t, err, chat.ErrPartial, chat.CodePartial)
	var answer struct {
		ResultItem []struct {
			UserID     string
			ResultCode chat.Code
		}
	}
	if err := failure.Decode(&answer); err != nil || len(answer.ResultItem) != 2 {
		t.Fatalf("%s: %v", failure.Body, err)
	}
	if answer.ResultItem[0].ResultCode != 0 || answer.ResultItem[1].ResultCode != chat.CodeServiceAccountNotFound {
		t.Errorf("items %+v", answer.ResultItem)
	}
}

func TestAnAppliedCallWhoseAnswerIsLostIsInDoubt(t *testing.T) {
	service := chattest.Start(t)
	createGroup(t, service.NewClient(), "none")
	for _, fault := range []chattest.Fault{{Applied: true, Drop: "reset"}, {Applied: true, Cut: 10}, {Applied: true, Drop: "fin"}} {
		service.Fault(fault)
		var failure *chat.Error
		if err := remove(service); !errors.As(err, &failure) || !failure.InDoubt {
			t.Errorf("%+v: %v", fault, err)
		}
	}
}
