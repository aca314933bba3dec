// The codes of include/tencent_chat.h, one to one. The rule of names: CHAT_ERR_TIMEOUT is
// CodeTimeout, CHAT_SERVICE_GROUP_NOT_FOUND is CodeServiceGroupNotFound, CHAT_END is CodeEnd
// (words joined, SDK, ID, IP, HTTP, TLS and UTF8 in capitals). A test compares this file with the header;
// nothing here decides a number.

package chat

import "strconv"

// Code is the outcome of a call: 0 is success, negative codes are the library's, positive
// codes are the service's ErrorCode, unchanged, whether named here or not.
type Code int

// The library's own codes.
const (
	CodeOK              Code = 0
	CodeInvalidArgument Code = -1  // an argument is missing or out of range; the message names it
	CodeInvalidUTF8     Code = -2  // a text is not UTF-8
	CodeConfig          Code = -3  // the configuration cannot work
	CodeTimeout         Code = -4  // the deadline passed
	CodeTransport       Code = -5  // name look-up, connection or socket failed
	CodeHTTPStatus      Code = -6  // the answer's HTTP status is not 200
	CodeProtocol        Code = -7  // the answer is not what the service answers
	CodeForked          Code = -8  // the client was made before fork() and this is a child; Go has no fork, C code in the process might
	CodeShutdown        Code = -9  // the client was closed
	CodePanic           Code = -10 // a defect in the library; the client stays usable
	CodeService         Code = -11 // the service failed without a usable code
	CodeThrottled       Code = -12 // no slot under the client's own rate limit before the deadline; nothing was sent
	CodeCancelled       Code = -13 // the context was cancelled
	CodeTLS             Code = -14 // certificate or handshake refused
	CodePartial         Code = -15 // the call succeeded, but not for every item
	CodeEnd             Code = -16 // an iteration has no further item; no method of this package fails with it
)

// The service's codes that callers act on.
const (
	CodeServiceAccountNotImported     Code = 50001
	CodeServiceInvalidParameter       Code = 50002
	CodeServiceAdminRequired          Code = 50003
	CodeServiceInternalError          Code = 50004
	CodeServiceNetworkTimeout         Code = 50005
	CodeServiceTooManyConversations   Code = 51006
	CodeServiceGroupChatFailed        Code = 51007
	CodeServiceConversationLimit      Code = 51008
	CodeServiceGroupNotFound          Code = 51009
	CodeServiceGroupLimit             Code = 51010
	CodeServiceGroupNameTooLong       Code = 51011
	CodeServiceFeatureNotInPlan       Code = 51013
	CodeServiceCallRateExceeded       Code = 60007
	CodeServiceTimedOut               Code = 60008
	CodeServiceGatewayAdminRequired   Code = 60010
	CodeServiceAppRateExceeded        Code = 60011
	CodeServicePlanNotActive          Code = 60020
	CodeServiceIPNotAllowed           Code = 60021
	CodeServiceUserSigExpired         Code = 70001
	CodeServiceUserSigDamaged         Code = 70003
	CodeServiceUserSigInvalid         Code = 70005
	CodeServiceUserSigWrongKey        Code = 70009
	CodeServiceUserSigWrongIdentifier Code = 70013
	CodeServiceUserSigWrongSDKAppID   Code = 70014
	CodeServiceSDKAppIDNotFound       Code = 70020
	CodeServiceLockedOut              Code = 70050
	CodeServiceUserSigRevoked         Code = 70052
	CodeServiceAccountNotFound        Code = 70107
	CodeServiceAccountAdminRequired   Code = 70403
)

// codeNames gives each code its name in the header, without CHAT_.
var codeNames = map[Code]string{
	CodeOK:              "OK",
	CodeInvalidArgument: "ERR_INVALID_ARGUMENT",
	CodeInvalidUTF8:     "ERR_INVALID_UTF8",
	CodeConfig:          "ERR_CONFIG",
	CodeTimeout:         "ERR_TIMEOUT",
	CodeTransport:       "ERR_TRANSPORT",
	CodeHTTPStatus:      "ERR_HTTP_STATUS",
	CodeProtocol:        "ERR_PROTOCOL",
	CodeForked:          "ERR_FORKED",
	CodeShutdown:        "ERR_SHUTDOWN",
	CodePanic:           "ERR_PANIC",
	CodeService:         "ERR_SERVICE",
	CodeThrottled:       "ERR_THROTTLED",
	CodeCancelled:       "ERR_CANCELLED",
	CodeTLS:             "ERR_TLS",
	CodePartial:         "ERR_PARTIAL",
	CodeEnd:             "END",

	CodeServiceAccountNotImported:     "SERVICE_ACCOUNT_NOT_IMPORTED",
	CodeServiceInvalidParameter:       "SERVICE_INVALID_PARAMETER",
	CodeServiceAdminRequired:          "SERVICE_ADMIN_REQUIRED",
	CodeServiceInternalError:          "SERVICE_INTERNAL_ERROR",
	CodeServiceNetworkTimeout:         "SERVICE_NETWORK_TIMEOUT",
	CodeServiceTooManyConversations:   "SERVICE_TOO_MANY_CONVERSATIONS",
	CodeServiceGroupChatFailed:        "SERVICE_GROUP_CHAT_FAILED",
	CodeServiceConversationLimit:      "SERVICE_CONVERSATION_LIMIT",
	CodeServiceGroupNotFound:          "SERVICE_GROUP_NOT_FOUND",
	CodeServiceGroupLimit:             "SERVICE_GROUP_LIMIT",
	CodeServiceGroupNameTooLong:       "SERVICE_GROUP_NAME_TOO_LONG",
	CodeServiceFeatureNotInPlan:       "SERVICE_FEATURE_NOT_IN_PLAN",
	CodeServiceCallRateExceeded:       "SERVICE_CALL_RATE_EXCEEDED",
	CodeServiceTimedOut:               "SERVICE_TIMED_OUT",
	CodeServiceGatewayAdminRequired:   "SERVICE_GATEWAY_ADMIN_REQUIRED",
	CodeServiceAppRateExceeded:        "SERVICE_APP_RATE_EXCEEDED",
	CodeServicePlanNotActive:          "SERVICE_PLAN_NOT_ACTIVE",
	CodeServiceIPNotAllowed:           "SERVICE_IP_NOT_ALLOWED",
	CodeServiceUserSigExpired:         "SERVICE_USER_SIG_EXPIRED",
	CodeServiceUserSigDamaged:         "SERVICE_USER_SIG_DAMAGED",
	CodeServiceUserSigInvalid:         "SERVICE_USER_SIG_INVALID",
	CodeServiceUserSigWrongKey:        "SERVICE_USER_SIG_WRONG_KEY",
	CodeServiceUserSigWrongIdentifier: "SERVICE_USER_SIG_WRONG_IDENTIFIER",
	CodeServiceUserSigWrongSDKAppID:   "SERVICE_USER_SIG_WRONG_SDK_APP_ID",
	CodeServiceSDKAppIDNotFound:       "SERVICE_SDK_APP_ID_NOT_FOUND",
	CodeServiceLockedOut:              "SERVICE_LOCKED_OUT",
	CodeServiceUserSigRevoked:         "SERVICE_USER_SIG_REVOKED",
	CodeServiceAccountNotFound:        "SERVICE_ACCOUNT_NOT_FOUND",
	CodeServiceAccountAdminRequired:   "SERVICE_ACCOUNT_ADMIN_REQUIRED",
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
