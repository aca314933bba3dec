//go:build cgo

// Accounts: imported one and many, checked, deleted.

package chat_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

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

func TestAnImportedAccountHasItsNickAndPicture(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	response, err := client.AccountImport(background, chat.Account{UserID: "hanako", Nick: chat.String("花子"), FaceURL: chat.String("https://example.com/a.png")})
	if err != nil || response.Code != chat.CodeOK || !strings.Contains(response.Body, "ActionStatus") {
		t.Fatalf("%+v: %v", response, err)
	}
	wantSent(t, service, "v4/im_open_login_svc/account_import", `{"UserID":"hanako","Nick":"花子","FaceUrl":"https://example.com/a.png"}`)
	if _, err := client.AccountImport(background, chat.Account{UserID: "hanako"}); err != nil {
		t.Errorf("a second import: %v", err)
	}
	wantSent(t, service, "account_import", `{"UserID":"hanako"}`)
	var state struct {
		Accounts map[string]struct{ Nick string }
	}
	if err := json.Unmarshal(service.State(), &state); err != nil || state.Accounts["hanako"].Nick != "花子" {
		t.Errorf("%+v: %v", state.Accounts["hanako"], err)
	}
	long := chat.Account{UserID: "hanako", Nick: chat.String(strings.Repeat("n", 501))}
	_, err = client.AccountImport(background, long)
	wantFailure(t, err, chat.ErrInvalidArgument, chat.CodeInvalidArgument)
	_, err = service.NewClient(func(c *chat.Config) { c.NoLocalLimits = true }).AccountImport(background, long)
	wantFailure(t, err, chat.ErrService, 40601)
}

func TestManyAccountsAreImportedCheckedAndDeleted(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	imported, err := client.MultiaccountImport(background, []chat.Account{{UserID: "a", Nick: chat.String("A")}, {UserID: "b"}})
	if err != nil || len(imported.FailAccounts) != 0 || imported.Parts != nil {
		t.Fatalf("%+v: %v", imported, err)
	}
	wantSent(t, service, "v4/im_open_login_svc/multiaccount_import", `{"AccountList":[{"UserID":"a","Nick":"A"},{"UserID":"b"}]}`)

	checked, err := client.AccountCheck(background, []string{"a", "nobody"})
	if err != nil {
		t.Fatal(err)
	}
	wantSent(t, service, "v4/im_open_login_svc/account_check", `{"CheckItem":[{"UserID":"a"},{"UserID":"nobody"}]}`)
	want := []chat.CheckedAccount{
		{AccountResult: chat.AccountResult{UserID: "a"}, AccountStatus: chat.AccountImported},
		{AccountResult: chat.AccountResult{UserID: "nobody"}, AccountStatus: chat.AccountNotImported},
	}
	if !reflect.DeepEqual(checked.Accounts, want) {
		t.Errorf("checked %+v, want %+v", checked.Accounts, want)
	}

	deleted, err := client.AccountDelete(background, []string{"a", "b"})
	if err != nil || !reflect.DeepEqual(deleted.Accounts, []chat.AccountResult{{UserID: "a"}, {UserID: "b"}}) {
		t.Errorf("%+v: %v", deleted, err)
	}
	wantSent(t, service, "v4/im_open_login_svc/account_delete", `{"DeleteItem":[{"UserID":"a"},{"UserID":"b"}]}`)
	if checked, err := client.AccountCheck(background, []string{"a"}); err != nil || checked.Accounts[0].AccountStatus != chat.AccountNotImported {
		t.Errorf("%+v: %v", checked, err)
	}
}

func TestAccountCallsOfANonAdminAreRefused(t *testing.T) {
	client := chattest.Start(t).NewClient(func(c *chat.Config) { c.Identifier = chattest.User })
	_, err := client.AccountDelete(background, []string{"a"})
	wantFailure(t, err, chat.ErrAdminRequired, 70403)
}
