// Made by `make faces` from tencent_chat.h; not to be edited.

package chat

import "strconv"

// Code is the outcome of a call: 0 is success, negative codes are the library's, positive
// codes are the service's ErrorCode, unchanged, whether named here or not.
type Code int

// The codes of tencent_chat.h, one to one: CHAT_ERR_TIMEOUT is CodeTimeout, CHAT_SERVICE_GROUP_NOT_FOUND is CodeServiceGroupNotFound.
const (
	// The call succeeded: `ErrorCode` 0 and `ActionStatus` `OK`.
	CodeOK Code = 0
	// An argument breaks a rule that its message names. Nothing was sent.
	CodeInvalidArgument Code = -1
	// An argument is not valid UTF-8. Nothing was sent.
	CodeInvalidUTF8 Code = -2
	// The configuration is incomplete or contradicts itself. Nothing was sent.
	CodeConfig Code = -3
	// The deadline passed.
	CodeTimeout Code = -4
	// No connection, or it broke before a byte of the answer came.
	CodeTransport Code = -5
	// The answer's HTTP status is not 200: a gateway or proxy spoke, not the service.
	CodeHTTPStatus Code = -6
	// The answer was cut short, is too large, is not JSON, or contradicts itself.
	CodeProtocol Code = -7
	// The client or cancel token was made before `fork()` and this is a child: make one here. A call that was under way
	// goes on in the parent.
	CodeForked Code = -8
	// The client was shut down.
	CodeShutdown Code = -9
	// A bug inside this library was contained. The client stays usable.
	CodePanic Code = -10
	// The service answered `FAIL` without a usable `ErrorCode`.
	CodeService Code = -11
	// No slot under the client's own rate limit before the deadline.
	CodeThrottled Code = -12
	// The caller ended the call: by a cancel token, an interrupt callback or a context.
	CodeCancelled Code = -13
	// The TLS handshake failed: certificate, name or protocol version. Nothing was sent.
	CodeTLS Code = -14
	// The call succeeded as a whole, but at least one of its items failed; see the items' `ResultCode` in the body.
	CodePartial Code = -15
	// An iterator has no further item. Not an error.
	CodeEnd Code = -16
	// The service could not set an account's profile.
	CodeServiceProfileFailed Code = 40006
	// A value of an account's profile has over 500 bytes.
	CodeServiceProfileTooLong Code = 40601
	// The UserID was never imported into Chat.
	CodeServiceAccountNotImported Code = 50001
	// The service refuses a parameter; its `ErrorInfo` says which.
	CodeServiceInvalidParameter Code = 50002
	// The identifier is not an app administrator.
	CodeServiceAdminRequired Code = 50003
	// Internal error of the service.
	CodeServiceInternalError Code = 50004
	// Network time-out inside the service.
	CodeServiceNetworkTimeout Code = 50005
	// No conversation in a call, or more than 100.
	CodeServiceTooManyConversations Code = 51006
	// The id of a chat group could not be converted: an error inside the service, or the chat group is dismissed.
	CodeServiceGroupChatFailed Code = 51007
	// The user has 1,000 conversations in groups, or 1,000 with marks.
	CodeServiceConversationLimit Code = 51008
	// The user has no conversation group of that name.
	CodeServiceGroupNotFound Code = 51009
	// The user has 20 conversation groups already.
	CodeServiceGroupLimit Code = 51010
	// The group name is too long: 64 bytes since April 2026, 32 before.
	CodeServiceGroupNameTooLong Code = 51011
	// The user has 50 pinned conversations already (269/75376).
	CodeServicePinnedLimit Code = 51012
	// The app's plan does not allow changing conversation groups and standard marks.
	CodeServiceFeatureNotInPlan Code = 51013
	// This command is called too often.
	CodeServiceCallRateExceeded Code = 60007
	// The service timed out, or could not read the HTTP request.
	CodeServiceTimedOut Code = 60008
	// The gateway's word for CodeServiceAdminRequired.
	CodeServiceGatewayAdminRequired Code = 60010
	// This SDKAppID sends too many requests.
	CodeServiceAppRateExceeded Code = 60011
	// The app's plan has expired or is not yet active.
	CodeServicePlanNotActive Code = 60020
	// The service refuses this host's IP address.
	CodeServiceIPNotAllowed Code = 60021
	// The UserSig has expired.
	CodeServiceUserSigExpired Code = 70001
	// The UserSig is damaged, as if cut short.
	CodeServiceUserSigDamaged Code = 70003
	// The UserSig does not pass the check.
	CodeServiceUserSigInvalid Code = 70005
	// The UserSig was made with another app's key.
	CodeServiceUserSigWrongKey Code = 70009
	// The UserSig was made for another identifier.
	CodeServiceUserSigWrongIdentifier Code = 70013
	// The UserSig was made for another SDKAppID.
	CodeServiceUserSigWrongSDKAppID Code = 70014
	// The service does not know this SDKAppID.
	CodeServiceSDKAppIDNotFound Code = 70020
	// Too many failed signature checks: locked for a minute.
	CodeServiceLockedOut Code = 70050
	// The UserSig was invalidated before its time.
	CodeServiceUserSigRevoked Code = 70052
	// No account of that UserID exists.
	CodeServiceAccountNotFound Code = 70107
	// Time-out inside the account service.
	CodeServiceAccountTimedOut Code = 70169
	// No account in a call, or more than 100.
	CodeServiceTooManyAccounts Code = 70206
	// The free edition holds 100 accounts.
	CodeServiceAccountLimit Code = 70398
	// The account service refuses a parameter.
	CodeServiceAccountInvalidParameter Code = 70402
	// The account service's word for CodeServiceAdminRequired.
	CodeServiceAccountAdminRequired Code = 70403
	// Internal error of the account service.
	CodeServiceAccountInternalError Code = 70500
)

// codeNames gives each code its name in the header, without CHAT_.
var codeNames = map[Code]string{
	CodeOK:                             "OK",
	CodeInvalidArgument:                "ERR_INVALID_ARGUMENT",
	CodeInvalidUTF8:                    "ERR_INVALID_UTF8",
	CodeConfig:                         "ERR_CONFIG",
	CodeTimeout:                        "ERR_TIMEOUT",
	CodeTransport:                      "ERR_TRANSPORT",
	CodeHTTPStatus:                     "ERR_HTTP_STATUS",
	CodeProtocol:                       "ERR_PROTOCOL",
	CodeForked:                         "ERR_FORKED",
	CodeShutdown:                       "ERR_SHUTDOWN",
	CodePanic:                          "ERR_PANIC",
	CodeService:                        "ERR_SERVICE",
	CodeThrottled:                      "ERR_THROTTLED",
	CodeCancelled:                      "ERR_CANCELLED",
	CodeTLS:                            "ERR_TLS",
	CodePartial:                        "ERR_PARTIAL",
	CodeEnd:                            "END",
	CodeServiceProfileFailed:           "SERVICE_PROFILE_FAILED",
	CodeServiceProfileTooLong:          "SERVICE_PROFILE_TOO_LONG",
	CodeServiceAccountNotImported:      "SERVICE_ACCOUNT_NOT_IMPORTED",
	CodeServiceInvalidParameter:        "SERVICE_INVALID_PARAMETER",
	CodeServiceAdminRequired:           "SERVICE_ADMIN_REQUIRED",
	CodeServiceInternalError:           "SERVICE_INTERNAL_ERROR",
	CodeServiceNetworkTimeout:          "SERVICE_NETWORK_TIMEOUT",
	CodeServiceTooManyConversations:    "SERVICE_TOO_MANY_CONVERSATIONS",
	CodeServiceGroupChatFailed:         "SERVICE_GROUP_CHAT_FAILED",
	CodeServiceConversationLimit:       "SERVICE_CONVERSATION_LIMIT",
	CodeServiceGroupNotFound:           "SERVICE_GROUP_NOT_FOUND",
	CodeServiceGroupLimit:              "SERVICE_GROUP_LIMIT",
	CodeServiceGroupNameTooLong:        "SERVICE_GROUP_NAME_TOO_LONG",
	CodeServicePinnedLimit:             "SERVICE_PINNED_LIMIT",
	CodeServiceFeatureNotInPlan:        "SERVICE_FEATURE_NOT_IN_PLAN",
	CodeServiceCallRateExceeded:        "SERVICE_CALL_RATE_EXCEEDED",
	CodeServiceTimedOut:                "SERVICE_TIMED_OUT",
	CodeServiceGatewayAdminRequired:    "SERVICE_GATEWAY_ADMIN_REQUIRED",
	CodeServiceAppRateExceeded:         "SERVICE_APP_RATE_EXCEEDED",
	CodeServicePlanNotActive:           "SERVICE_PLAN_NOT_ACTIVE",
	CodeServiceIPNotAllowed:            "SERVICE_IP_NOT_ALLOWED",
	CodeServiceUserSigExpired:          "SERVICE_USER_SIG_EXPIRED",
	CodeServiceUserSigDamaged:          "SERVICE_USER_SIG_DAMAGED",
	CodeServiceUserSigInvalid:          "SERVICE_USER_SIG_INVALID",
	CodeServiceUserSigWrongKey:         "SERVICE_USER_SIG_WRONG_KEY",
	CodeServiceUserSigWrongIdentifier:  "SERVICE_USER_SIG_WRONG_IDENTIFIER",
	CodeServiceUserSigWrongSDKAppID:    "SERVICE_USER_SIG_WRONG_SDK_APP_ID",
	CodeServiceSDKAppIDNotFound:        "SERVICE_SDK_APP_ID_NOT_FOUND",
	CodeServiceLockedOut:               "SERVICE_LOCKED_OUT",
	CodeServiceUserSigRevoked:          "SERVICE_USER_SIG_REVOKED",
	CodeServiceAccountNotFound:         "SERVICE_ACCOUNT_NOT_FOUND",
	CodeServiceAccountTimedOut:         "SERVICE_ACCOUNT_TIMED_OUT",
	CodeServiceTooManyAccounts:         "SERVICE_TOO_MANY_ACCOUNTS",
	CodeServiceAccountLimit:            "SERVICE_ACCOUNT_LIMIT",
	CodeServiceAccountInvalidParameter: "SERVICE_ACCOUNT_INVALID_PARAMETER",
	CodeServiceAccountAdminRequired:    "SERVICE_ACCOUNT_ADMIN_REQUIRED",
	CodeServiceAccountInternalError:    "SERVICE_ACCOUNT_INTERNAL_ERROR",
}

// String gives the header's name without CHAT_ (ERR_TIMEOUT, SERVICE_GROUP_NOT_FOUND), or the
// number for a code without a name. Use %d for the number.
func (c Code) String() string {
	if name, ok := codeNames[c]; ok {
		return name
	}
	return strconv.Itoa(int(c))
}

// Explain says what the code means and what to do, in the native library's words.
func (c Code) Explain() string { return explain(c) }

// IsFatal says whether no call will succeed before somebody changes the configuration, the app or
// its plan, so that a run of many calls should end.
func (c Code) IsFatal() bool { return isFatal(c) }
