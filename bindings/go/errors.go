// Failures as Go sees them: one type that carries everything the library knows about the
// call, and sentinel values for errors.Is, each standing for one class of codes. It must not
// decide what a code means beyond that grouping.

package chat

import (
	"context"
	"fmt"
	"strings"
	"unicode"
)

// Error is a call (or New, or a setter) that did not succeed. All failures of this package
// are *Error, or hold one as [PartialError] and [SplitError] do; errors.As finds it:
//
//	var failure *chat.Error
//	if errors.As(err, &failure) && failure.InDoubt { ... }
//
// Its fields are those of the answer; see [Response]. A call that succeeded, with a member in its answer of another type than the vendor
// documents, is an ErrProtocol that names the member, InDoubt, and returns its result with all other members beside it.
type Error struct {
	Response
	cause error // the context's, when the context ended the call
}

// Error gives the code and the message. It holds no secret.
func (e *Error) Error() string {
	if e == nil {
		return "chat: no failure"
	}
	return fmt.Sprintf("chat: %d: %s", int(e.Code), e.Message)
}

// Unwrap gives context.Cause of the context when that ended the call; nil otherwise.
func (e *Error) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.cause
}

// Is serves errors.Is with the Err... values of this package, and with those of package context: a call that ran out of time is
// context.DeadlineExceeded, whoever set the time, and one that its context cancelled is context.Canceled.
func (e *Error) Is(target error) bool {
	if e == nil {
		return false
	}
	if class, ok := target.(*errorClass); ok {
		return class.holds(e.Code)
	}
	return target == context.DeadlineExceeded && e.Code == CodeTimeout || target == context.Canceled && e.Code == CodeCancelled
}

// Timeout says whether the call ran out of time. With Temporary it makes the error a net.Error.
func (e *Error) Timeout() bool { return e != nil && e.Code == CodeTimeout }

// Temporary says whether the same call may succeed later; see Response.Retriable.
func (e *Error) Temporary() bool { return e != nil && e.Retriable }

// PartialError says that a call succeeded as a whole but not for every item. The method returns
// its result beside this error, with a ResultCode for each item:
//
//	result, err := client.MarkContact(ctx, user, marks)
//	if errors.Is(err, chat.ErrPartial) {
//		for _, one := range result.Contacts { ... one.ResultCode ... }
//	}
//
// errors.As finds the *Error inside as well.
type PartialError struct {
	// Failure tells about the call; its Code is CodePartial.
	Failure *Error
	// Result is what the method returns too: *MarkContactResult from MarkContact, *Response from Call.
	Result any
}

// Error gives the code and how many items failed.
func (e *PartialError) Error() string {
	if e == nil {
		return "chat: no failure"
	}
	return e.Failure.Error()
}

// Unwrap gives Failure.
func (e *PartialError) Unwrap() error {
	if e == nil {
		return nil
	}
	return refusal(e.Failure)
}

// finish is the end of a typed call: the result is returned also when only some items failed, and not when there is no response in it.
func finish[R any](result *R, response *Response, err error) (*R, error) {
	if response == nil {
		return nil, err
	}
	return result, partial(err, result)
}

// partial adds the result to an error that tells of failed items, and leaves every other as it is.
func partial(err error, result any) error {
	if failure, ok := err.(*Error); ok && failure.Code == CodePartial {
		return &PartialError{Failure: failure, Result: result}
	}
	return err
}

func newError(code Code, format string, args ...any) *Error {
	return &Error{Response: Response{Code: code, Message: shown(fmt.Sprintf(format, args...)), Trace: "[]"}}
}

// shown is text fit for a terminal and a line of a log: what would act on either, or on the order of the letters, is escaped.
func shown(text string) string {
	acts := func(r rune) bool { return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) }
	if strings.IndexFunc(text, acts) < 0 {
		return text
	}
	var clean strings.Builder
	for _, r := range text {
		if acts(r) {
			fmt.Fprintf(&clean, "\\u%04x", r)
		} else {
			clean.WriteRune(r)
		}
	}
	return clean.String()
}

// errorClass is what errors.Is compares with: a meaning and the codes that have it.
type errorClass struct {
	meaning string
	codes   []Code
	also    func(Code) bool
}

func (c *errorClass) Error() string { return "chat: " + c.meaning }

func (c *errorClass) holds(code Code) bool {
	for _, one := range c.codes {
		if one == code {
			return true
		}
	}
	return c.also != nil && c.also(code)
}

func class(meaning string, codes ...Code) error { return &errorClass{meaning: meaning, codes: codes} }

// Classes of failure on this side, for errors.Is.
var (
	ErrInvalidArgument = class("invalid argument", CodeInvalidArgument, CodeInvalidUTF8)
	ErrConfig          = class("configuration cannot work", CodeConfig)
	ErrTimeout         = class("out of time", CodeTimeout)
	ErrTransport       = class("connection failed", CodeTransport, CodeTLS)
	ErrTLS             = class("certificate or handshake refused", CodeTLS)
	ErrHTTPStatus      = class("HTTP status is not 200", CodeHTTPStatus)
	ErrProtocol        = class("answer not understood", CodeProtocol)
	ErrForked          = class("client of another process", CodeForked)
	ErrShutdown        = class("client is closed", CodeShutdown)
	ErrPanic           = class("defect in the native library", CodePanic)
	ErrThrottled       = class("no slot under the client's rate limit", CodeThrottled) // RetryAfter says when; the service's own limit is ErrRateExceeded
	ErrCancelled       = class("cancelled", CodeCancelled)
	ErrPartial         = class("some items failed", CodePartial)
)

// Classes of failure that the service reports, for errors.Is. ErrService holds all of them.
var (
	ErrService error = &errorClass{meaning: "the service refused the call", codes: []Code{CodeService}, also: func(code Code) bool { return code > 0 }}

	ErrAccountNotImported = class("From_Account was never imported", CodeServiceAccountNotImported)
	ErrInvalidParameter   = class("the service refused a parameter", CodeServiceInvalidParameter, CodeServiceProfileTooLong, CodeServiceAccountInvalidParameter)
	ErrAdminRequired      = class("Identifier is not an app administrator", CodeServiceAdminRequired, CodeServiceGatewayAdminRequired, CodeServiceAccountAdminRequired)
	ErrServiceUnavailable = class("the service failed inside; try again later", CodeServiceInternalError, CodeServiceNetworkTimeout, CodeServiceTimedOut,
		CodeServiceProfileFailed, CodeServiceAccountTimedOut, CodeServiceAccountInternalError, 10002, 20004, 20005, 60013, 60014, 70202)
	ErrTooManyConversations = class("no conversation in a call, or more than 100", CodeServiceTooManyConversations)
	ErrGroupChatFailed      = class("operation on a group chat failed", CodeServiceGroupChatFailed)
	ErrConversationLimit    = class("over 1000 conversations", CodeServiceConversationLimit)
	ErrGroupNotFound        = class("conversation group not found", CodeServiceGroupNotFound)
	ErrGroupLimit           = class("over 20 conversation groups", CodeServiceGroupLimit)
	ErrGroupNameTooLong     = class("group name too long", CodeServiceGroupNameTooLong)
	ErrPinnedLimit          = class("over 50 pinned conversations", CodeServicePinnedLimit)
	ErrFeatureNotInPlan     = class("the plan lacks this feature", CodeServiceFeatureNotInPlan)
	ErrRateExceeded         = class("too many calls", CodeServiceCallRateExceeded, CodeServiceAppRateExceeded, 60018, 60019) // 1047/34620
	ErrPlanNotActive        = class("the plan is not active", CodeServicePlanNotActive)
	ErrIPNotAllowed         = class("this address may not call", CodeServiceIPNotAllowed)
	ErrSDKAppIDNotFound     = class("SDKAppID not found", CodeServiceSDKAppIDNotFound)
	ErrLockedOut            = class("too many refused signatures; wait a minute", CodeServiceLockedOut)
	ErrTooManyAccounts      = class("no account in a call, or more than 100", CodeServiceTooManyAccounts)
	ErrAccountLimit         = class("the free edition holds 100 accounts", CodeServiceAccountLimit)
	ErrAccountNotFound      = class("account does not exist", CodeServiceAccountNotFound)

	// ErrUserSig: the signature was refused (expired, damaged, wrong key, identifier or
	// SDKAppID, revoked): 70001..70014, 70052, and 70346, 70347 of the vendor's gateway.
	ErrUserSig error = &errorClass{
		meaning: "UserSig refused",
		codes:   []Code{CodeServiceUserSigRevoked, 70346, 70347},
		also: func(code Code) bool {
			return code >= CodeServiceUserSigExpired && code <= CodeServiceUserSigWrongSDKAppID
		},
	}
)
