/// @file codes.hpp
/// The named codes of tencent_chat.h as one enumeration, with the same numbers, and what they mean. Made by `make faces` from tencent_chat.h; not to be edited.

#ifndef TENCENT_CHAT_CODES_HPP
#define TENCENT_CHAT_CODES_HPP

#include <tencent_chat.h>

#include <string_view>

namespace tencent_chat {

/// Every named code of the C API, by the same name without CHAT_. 0 is success, negative numbers are the library's, positive
/// ones the service's `ErrorCode` unchanged; one without a name here is still a valid value: `static_cast<Code>(51012)`.
enum class Code : int {
  /// The call succeeded: `ErrorCode` 0 and `ActionStatus` `OK`.
  OK = CHAT_OK,
  /// An argument breaks a rule that its message names. Nothing was sent.
  ERR_INVALID_ARGUMENT = CHAT_ERR_INVALID_ARGUMENT,
  /// An argument is not valid UTF-8. Nothing was sent.
  ERR_INVALID_UTF8 = CHAT_ERR_INVALID_UTF8,
  /// The configuration is incomplete or contradicts itself. Nothing was sent.
  ERR_CONFIG = CHAT_ERR_CONFIG,
  /// The deadline passed.
  ERR_TIMEOUT = CHAT_ERR_TIMEOUT,
  /// No connection, or it broke before a byte of the answer came.
  ERR_TRANSPORT = CHAT_ERR_TRANSPORT,
  /// The answer's HTTP status is not 200: a gateway or proxy spoke, not the service.
  ERR_HTTP_STATUS = CHAT_ERR_HTTP_STATUS,
  /// The answer was cut short, is too large, is not JSON, or contradicts itself.
  ERR_PROTOCOL = CHAT_ERR_PROTOCOL,
  /// The client or cancel token was made before `fork()` and this is a child: make one here. A call that was under way
  /// goes on in the parent.
  ERR_FORKED = CHAT_ERR_FORKED,
  /// The client was shut down.
  ERR_SHUTDOWN = CHAT_ERR_SHUTDOWN,
  /// A bug inside this library was contained. The client stays usable.
  ERR_PANIC = CHAT_ERR_PANIC,
  /// The service answered `FAIL` without a usable `ErrorCode`.
  ERR_SERVICE = CHAT_ERR_SERVICE,
  /// No slot under the client's own rate limit before the deadline.
  ERR_THROTTLED = CHAT_ERR_THROTTLED,
  /// The caller ended the call: by a cancel token, an interrupt callback or a context.
  ERR_CANCELLED = CHAT_ERR_CANCELLED,
  /// The TLS handshake failed: certificate, name or protocol version. Nothing was sent.
  ERR_TLS = CHAT_ERR_TLS,
  /// The call succeeded as a whole, but at least one of its items failed; see the items' `ResultCode` in the body.
  ERR_PARTIAL = CHAT_ERR_PARTIAL,
  /// An iterator has no further item. Not an error.
  END = CHAT_END,
  /// The service could not set an account's profile.
  SERVICE_PROFILE_FAILED = CHAT_SERVICE_PROFILE_FAILED,
  /// A value of an account's profile has over 500 bytes.
  SERVICE_PROFILE_TOO_LONG = CHAT_SERVICE_PROFILE_TOO_LONG,
  /// The UserID was never imported into Chat.
  SERVICE_ACCOUNT_NOT_IMPORTED = CHAT_SERVICE_ACCOUNT_NOT_IMPORTED,
  /// The service refuses a parameter; its `ErrorInfo` says which.
  SERVICE_INVALID_PARAMETER = CHAT_SERVICE_INVALID_PARAMETER,
  /// The identifier is not an app administrator.
  SERVICE_ADMIN_REQUIRED = CHAT_SERVICE_ADMIN_REQUIRED,
  /// Internal error of the service.
  SERVICE_INTERNAL_ERROR = CHAT_SERVICE_INTERNAL_ERROR,
  /// Network time-out inside the service.
  SERVICE_NETWORK_TIMEOUT = CHAT_SERVICE_NETWORK_TIMEOUT,
  /// No conversation in a call, or more than 100.
  SERVICE_TOO_MANY_CONVERSATIONS = CHAT_SERVICE_TOO_MANY_CONVERSATIONS,
  /// The id of a chat group could not be converted: an error inside the service, or the chat group is dismissed.
  SERVICE_GROUP_CHAT_FAILED = CHAT_SERVICE_GROUP_CHAT_FAILED,
  /// The user has 1,000 conversations in groups, or 1,000 with marks.
  SERVICE_CONVERSATION_LIMIT = CHAT_SERVICE_CONVERSATION_LIMIT,
  /// The user has no conversation group of that name.
  SERVICE_GROUP_NOT_FOUND = CHAT_SERVICE_GROUP_NOT_FOUND,
  /// The user has 20 conversation groups already.
  SERVICE_GROUP_LIMIT = CHAT_SERVICE_GROUP_LIMIT,
  /// The group name is too long: 64 bytes since April 2026, 32 before.
  SERVICE_GROUP_NAME_TOO_LONG = CHAT_SERVICE_GROUP_NAME_TOO_LONG,
  /// The user has 50 pinned conversations already (269/75376).
  SERVICE_PINNED_LIMIT = CHAT_SERVICE_PINNED_LIMIT,
  /// The app's plan does not allow changing conversation groups and standard marks.
  SERVICE_FEATURE_NOT_IN_PLAN = CHAT_SERVICE_FEATURE_NOT_IN_PLAN,
  /// This command is called too often.
  SERVICE_CALL_RATE_EXCEEDED = CHAT_SERVICE_CALL_RATE_EXCEEDED,
  /// The service timed out, or could not read the HTTP request.
  SERVICE_TIMED_OUT = CHAT_SERVICE_TIMED_OUT,
  /// The gateway's word for SERVICE_ADMIN_REQUIRED.
  SERVICE_GATEWAY_ADMIN_REQUIRED = CHAT_SERVICE_GATEWAY_ADMIN_REQUIRED,
  /// This SDKAppID sends too many requests.
  SERVICE_APP_RATE_EXCEEDED = CHAT_SERVICE_APP_RATE_EXCEEDED,
  /// The app's plan has expired or is not yet active.
  SERVICE_PLAN_NOT_ACTIVE = CHAT_SERVICE_PLAN_NOT_ACTIVE,
  /// The service refuses this host's IP address.
  SERVICE_IP_NOT_ALLOWED = CHAT_SERVICE_IP_NOT_ALLOWED,
  /// The UserSig has expired.
  SERVICE_USER_SIG_EXPIRED = CHAT_SERVICE_USER_SIG_EXPIRED,
  /// The UserSig is damaged, as if cut short.
  SERVICE_USER_SIG_DAMAGED = CHAT_SERVICE_USER_SIG_DAMAGED,
  /// The UserSig does not pass the check.
  SERVICE_USER_SIG_INVALID = CHAT_SERVICE_USER_SIG_INVALID,
  /// The UserSig was made with another app's key.
  SERVICE_USER_SIG_WRONG_KEY = CHAT_SERVICE_USER_SIG_WRONG_KEY,
  /// The UserSig was made for another identifier.
  SERVICE_USER_SIG_WRONG_IDENTIFIER = CHAT_SERVICE_USER_SIG_WRONG_IDENTIFIER,
  /// The UserSig was made for another SDKAppID.
  SERVICE_USER_SIG_WRONG_SDK_APP_ID = CHAT_SERVICE_USER_SIG_WRONG_SDK_APP_ID,
  /// The service does not know this SDKAppID.
  SERVICE_SDK_APP_ID_NOT_FOUND = CHAT_SERVICE_SDK_APP_ID_NOT_FOUND,
  /// Too many failed signature checks: locked for a minute.
  SERVICE_LOCKED_OUT = CHAT_SERVICE_LOCKED_OUT,
  /// The UserSig was invalidated before its time.
  SERVICE_USER_SIG_REVOKED = CHAT_SERVICE_USER_SIG_REVOKED,
  /// No account of that UserID exists.
  SERVICE_ACCOUNT_NOT_FOUND = CHAT_SERVICE_ACCOUNT_NOT_FOUND,
  /// Time-out inside the account service.
  SERVICE_ACCOUNT_TIMED_OUT = CHAT_SERVICE_ACCOUNT_TIMED_OUT,
  /// No account in a call, or more than 100.
  SERVICE_TOO_MANY_ACCOUNTS = CHAT_SERVICE_TOO_MANY_ACCOUNTS,
  /// The free edition holds 100 accounts.
  SERVICE_ACCOUNT_LIMIT = CHAT_SERVICE_ACCOUNT_LIMIT,
  /// The account service refuses a parameter.
  SERVICE_ACCOUNT_INVALID_PARAMETER = CHAT_SERVICE_ACCOUNT_INVALID_PARAMETER,
  /// The account service's word for SERVICE_ADMIN_REQUIRED.
  SERVICE_ACCOUNT_ADMIN_REQUIRED = CHAT_SERVICE_ACCOUNT_ADMIN_REQUIRED,
  /// Internal error of the account service.
  SERVICE_ACCOUNT_INTERNAL_ERROR = CHAT_SERVICE_ACCOUNT_INTERNAL_ERROR,
};

/// What a code means and what to do about it. Static text, any thread.
[[nodiscard]] inline std::string_view describe(Code code) noexcept { return chat_strerror(static_cast<int>(code)); }

/// Whether no call will succeed before somebody changes the settings, the app or its plan, so that a run of many calls should end.
[[nodiscard]] inline bool is_fatal(Code code) noexcept { return chat_code_is_fatal(static_cast<int>(code)) != 0; }

/// The version of the library in use, such as "0.1.0"; CHAT_VERSION is that of the header.
[[nodiscard]] inline std::string_view version() noexcept { return chat_version(); }

}  // namespace tencent_chat

#endif  // TENCENT_CHAT_CODES_HPP
