// Accounts: the users that Chat must know before they have groups or conversations.

package chat

import "context"

// Account is a user to import.
type Account struct {
	// UserID has 1 to 32 bytes.
	UserID string
	// Nick is the nickname and FaceURL the picture, each at most 500 bytes: String("...") sets it,
	// nil leaves it as it is.
	Nick, FaceURL *string
}

// AccountResult is what became of one account in a call about several.
type AccountResult struct {
	UserID string
	// ResultCode is 0 on success; CodeServiceAccountNotFound is an account that does not exist.
	ResultCode Code
	// ResultInfo is the service's own text; empty on success.
	ResultInfo string
}

// AccountStatus says whether Chat knows a user.
type AccountStatus string

// What AccountCheck answers of a user.
const (
	AccountImported    AccountStatus = "Imported"
	AccountNotImported AccountStatus = "NotImported"
)

// CheckedAccount is what AccountCheck found out about one user.
type CheckedAccount struct {
	AccountResult
	// AccountStatus is "" when the account could not be checked; ResultCode then says why.
	AccountStatus AccountStatus
}

// AccountImport makes one user known to Chat (account_import, 1047/34953). Repeating it is no error.
//
// Members that are too long fail without a request unless Config.NoLocalLimits is set. Errors to
// expect: codes 40006 (try again), 40601 (Nick or FaceURL too long), 70398 (100 accounts on the free
// edition), 70402 (bad parameter), ErrAdminRequired, ErrUserSig. 200 calls a second for a SDKAppID.
func (c *Client) AccountImport(ctx context.Context, account Account, options ...CallOption) (*Response, error) {
	if err := refusal(checkText("account.UserID", account.UserID), checkOptionalText("account.Nick", account.Nick), checkOptionalText("account.FaceURL", account.FaceURL)); err != nil {
		return nil, err
	}
	response, err := c.do(ctx, "account_import", options, nil, func(native *nativeClient, limits *nativeOptions) *Response {
		return native.accountImport(account.UserID, account.Nick, account.FaceURL, limits)
	})
	return response, partial(err, response)
}

// MultiaccountImportResult is the answer of MultiaccountImport.
type MultiaccountImportResult struct {
	// FailAccounts are the UserIDs that were not imported, whichever way the service told.
	FailAccounts []string
	// Accounts are the results of single accounts, where the service gives them; the vendor's own
	// samples do not.
	Accounts []AccountResult
	// Parts are the answers of all calls, in order, when Split made several; else nil.
	Parts []*Response
	*Response
}

// MultiaccountImport makes users known to Chat (multiaccount_import, 1047/34954). Repeating it is no
// error; an account that exists takes the new Nick and FaceURL. accounts has 1 to 100 items; with
// [Split] more, in as many calls as it takes.
//
// Errors to expect: a [PartialError] when not every account was imported, codes 40006 (try again),
// 40601, 70398 (100 accounts on the free edition), 70402, ErrAdminRequired, ErrUserSig; with Split a
// [SplitError]. 100 calls a second for a SDKAppID.
func (c *Client) MultiaccountImport(ctx context.Context, accounts []Account, options ...CallOption) (*MultiaccountImportResult, error) {
	if err := refusal(checkAccounts(accounts)); err != nil {
		return nil, err
	}
	importing := func(part []Account, options []CallOption) (*MultiaccountImportResult, error) {
		var answer struct {
			FailAccounts []string
			ResultItem   []accountItem
		}
		response, err := c.do(ctx, "multiaccount_import", options, &answer, func(native *nativeClient, limits *nativeOptions) *Response {
			return native.multiaccountImport(part, limits)
		})
		accounts := made(answer.ResultItem, accountItem.result)
		failed := failedAccounts(answer.FailAccounts, accounts)
		return finish(&MultiaccountImportResult{FailAccounts: failed, Accounts: accounts, Response: response}, response, err)
	}
	return inParts(accounts, 100, options, accountsRefused, importing, (*MultiaccountImportResult).join)
}

// failedAccounts are those that are listed, and those whose own result says so.
func failedAccounts(listed []string, accounts []AccountResult) []string {
	seen := map[string]bool{}
	for _, userID := range listed {
		seen[userID] = true
	}
	for _, account := range accounts {
		if account.ResultCode != CodeOK && !seen[account.UserID] {
			listed = append(listed, account.UserID)
		}
	}
	return listed
}

func (r *MultiaccountImportResult) join(part *MultiaccountImportResult) {
	r.FailAccounts = append(r.FailAccounts, part.FailAccounts...)
	r.Accounts = append(r.Accounts, part.Accounts...)
	r.Parts, r.Response = append(r.Parts, part.Response), part.Response
}

// AccountCheckResult is the answer of AccountCheck.
type AccountCheckResult struct {
	// Accounts are in the order asked.
	Accounts []CheckedAccount
	// Parts are the answers of all calls, in order, when Split made several; else nil.
	Parts []*Response
	*Response
}

// AccountCheck asks which users Chat knows (account_check, 1047/34956). userIDs has 1 to 100 items;
// with [Split] more, in as many calls as it takes.
//
// Errors to expect: a [PartialError] when an account could not be checked, code 70402 (bad
// parameter), ErrAdminRequired, ErrUserSig; with Split a [SplitError]. 100 calls a second for a
// SDKAppID.
func (c *Client) AccountCheck(ctx context.Context, userIDs []string, options ...CallOption) (*AccountCheckResult, error) {
	if err := refusal(checkUserIDs(userIDs)); err != nil {
		return nil, err
	}
	checking := func(part []Account, options []CallOption) (*AccountCheckResult, error) {
		var answer struct{ ResultItem []accountItem }
		response, err := c.do(ctx, "account_check", options, &answer, func(native *nativeClient, limits *nativeOptions) *Response {
			return native.accountCheck(part, limits)
		})
		accounts := made(answer.ResultItem, accountItem.checked)
		return finish(&AccountCheckResult{Accounts: accounts, Response: response}, response, err)
	}
	return inParts(accountsOf(userIDs), 100, options, accountsRefused, checking, (*AccountCheckResult).join)
}

func (r *AccountCheckResult) join(part *AccountCheckResult) {
	r.Accounts = append(r.Accounts, part.Accounts...)
	r.Parts, r.Response = append(r.Parts, part.Response), part.Response
}

// AccountDeleteResult is the answer of AccountDelete.
type AccountDeleteResult struct {
	// Accounts says what became of each account, in the order asked.
	Accounts []AccountResult
	// Parts are the answers of all calls, in order, when Split made several; else nil.
	Parts []*Response
	*Response
}

// AccountDelete deletes users with their conversations and groups (account_delete, 1047/34955). On
// paid editions their UserIDs cannot be imported again for three months. userIDs has 1 to 100 items;
// with [Split] more, in as many calls as it takes.
//
// Errors to expect: a [PartialError] when not every account was deleted (CodeServiceAccountNotFound
// is one that was not there), codes 70402 (bad parameter) and 71000 (the edition does not delete),
// ErrAdminRequired, ErrUserSig; with Split a [SplitError]. 100 calls a second for a SDKAppID.
func (c *Client) AccountDelete(ctx context.Context, userIDs []string, options ...CallOption) (*AccountDeleteResult, error) {
	if err := refusal(checkUserIDs(userIDs)); err != nil {
		return nil, err
	}
	deleting := func(part []Account, options []CallOption) (*AccountDeleteResult, error) {
		var answer struct{ ResultItem []accountItem }
		response, err := c.do(ctx, "account_delete", options, &answer, func(native *nativeClient, limits *nativeOptions) *Response {
			return native.accountDelete(part, limits)
		})
		accounts := made(answer.ResultItem, accountItem.result)
		return finish(&AccountDeleteResult{Accounts: accounts, Response: response}, response, err)
	}
	return inParts(accountsOf(userIDs), 100, options, accountsRefused, deleting, (*AccountDeleteResult).join)
}

func (r *AccountDeleteResult) join(part *AccountDeleteResult) {
	r.Accounts = append(r.Accounts, part.Accounts...)
	r.Parts, r.Response = append(r.Parts, part.Response), part.Response
}

func accountsOf(userIDs []string) []Account {
	accounts := make([]Account, len(userIDs))
	for i, userID := range userIDs {
		accounts[i].UserID = userID
	}
	return accounts
}

func checkUserIDs(userIDs []string) *Error {
	for place, userID := range userIDs {
		if failure := checkItemText("userIDs", place, "", userID); failure != nil {
			return failure
		}
	}
	return nil
}

func checkAccounts(accounts []Account) *Error {
	for place, account := range accounts {
		texts := []struct {
			member string
			text   *string
		}{{".UserID", &account.UserID}, {".Nick", account.Nick}, {".FaceURL", account.FaceURL}}
		for _, one := range texts {
			if one.text == nil {
				continue
			}
			if failure := checkItemText("accounts", place, one.member, *one.text); failure != nil {
				return failure
			}
		}
	}
	return nil
}

func checkOptionalText(name string, text *string) *Error {
	if text == nil {
		return nil
	}
	return checkText(name, *text)
}

// accountItem is an AccountResult in an answer.
type accountItem struct {
	UserID        string
	ResultCode    resultCode
	ResultInfo    string
	AccountStatus string
}

func (i accountItem) result() AccountResult {
	return AccountResult{UserID: i.UserID, ResultCode: Code(i.ResultCode), ResultInfo: i.ResultInfo}
}

func (i accountItem) checked() CheckedAccount {
	return CheckedAccount{i.result(), AccountStatus(i.AccountStatus)}
}
