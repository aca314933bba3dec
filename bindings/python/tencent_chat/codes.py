"""The numbers a call may end with, under the names of ``tencent_chat.h`` without the ``CHAT_`` prefix. Negative numbers are
this library's, positive ones the service's own ``ErrorCode``. Numbers are never reused; a code without a name here may still
arrive.

Made by `make faces` from tencent_chat.h; not to be edited.
"""

from __future__ import annotations

from typing import Final

#: The call succeeded: `ErrorCode` 0 and `ActionStatus` `OK`.
OK: Final = 0
#: An argument breaks a rule that its message names. Nothing was sent.
ERR_INVALID_ARGUMENT: Final = -1
#: An argument is not valid UTF-8. Nothing was sent.
ERR_INVALID_UTF8: Final = -2
#: The configuration is incomplete or contradicts itself. Nothing was sent.
ERR_CONFIG: Final = -3
#: The deadline passed.
ERR_TIMEOUT: Final = -4
#: No connection, or it broke before a byte of the answer came.
ERR_TRANSPORT: Final = -5
#: The answer's HTTP status is not 200: a gateway or proxy spoke, not the service.
ERR_HTTP_STATUS: Final = -6
#: The answer was cut short, is too large, is not JSON, or contradicts itself.
ERR_PROTOCOL: Final = -7
#: The client or cancel token was made before `fork()` and this is a child: make one here. A call that was under way
#: goes on in the parent.
ERR_FORKED: Final = -8
#: The client was shut down.
ERR_SHUTDOWN: Final = -9
#: A bug inside this library was contained. The client stays usable.
ERR_PANIC: Final = -10
#: The service answered `FAIL` without a usable `ErrorCode`.
ERR_SERVICE: Final = -11
#: No slot under the client's own rate limit before the deadline.
ERR_THROTTLED: Final = -12
#: The caller ended the call: by a cancel token, an interrupt callback or a context.
ERR_CANCELLED: Final = -13
#: The TLS handshake failed: certificate, name or protocol version. Nothing was sent.
ERR_TLS: Final = -14
#: The call succeeded as a whole, but at least one of its items failed; see the items' `ResultCode` in the body.
ERR_PARTIAL: Final = -15
#: An iterator has no further item. Not an error.
END: Final = -16
#: The service could not set an account's profile.
SERVICE_PROFILE_FAILED: Final = 40006
#: A value of an account's profile has over 500 bytes.
SERVICE_PROFILE_TOO_LONG: Final = 40601
#: The UserID was never imported into Chat.
SERVICE_ACCOUNT_NOT_IMPORTED: Final = 50001
#: The service refuses a parameter; its `ErrorInfo` says which.
SERVICE_INVALID_PARAMETER: Final = 50002
#: The identifier is not an app administrator.
SERVICE_ADMIN_REQUIRED: Final = 50003
#: Internal error of the service.
SERVICE_INTERNAL_ERROR: Final = 50004
#: Network time-out inside the service.
SERVICE_NETWORK_TIMEOUT: Final = 50005
#: No conversation in a call, or more than 100.
SERVICE_TOO_MANY_CONVERSATIONS: Final = 51006
#: The id of a chat group could not be converted: an error inside the service, or the chat group is dismissed.
SERVICE_GROUP_CHAT_FAILED: Final = 51007
#: The user has 1,000 conversations in groups, or 1,000 with marks.
SERVICE_CONVERSATION_LIMIT: Final = 51008
#: The user has no conversation group of that name.
SERVICE_GROUP_NOT_FOUND: Final = 51009
#: The user has 20 conversation groups already.
SERVICE_GROUP_LIMIT: Final = 51010
#: The group name is too long: 64 bytes since April 2026, 32 before.
SERVICE_GROUP_NAME_TOO_LONG: Final = 51011
#: The user has 50 pinned conversations already (269/75376).
SERVICE_PINNED_LIMIT: Final = 51012
#: The app's plan does not allow changing conversation groups and standard marks.
SERVICE_FEATURE_NOT_IN_PLAN: Final = 51013
#: This command is called too often.
SERVICE_CALL_RATE_EXCEEDED: Final = 60007
#: The service timed out, or could not read the HTTP request.
SERVICE_TIMED_OUT: Final = 60008
#: The gateway's word for SERVICE_ADMIN_REQUIRED.
SERVICE_GATEWAY_ADMIN_REQUIRED: Final = 60010
#: This SDKAppID sends too many requests.
SERVICE_APP_RATE_EXCEEDED: Final = 60011
#: The app's plan has expired or is not yet active.
SERVICE_PLAN_NOT_ACTIVE: Final = 60020
#: The service refuses this host's IP address.
SERVICE_IP_NOT_ALLOWED: Final = 60021
#: The UserSig has expired.
SERVICE_USER_SIG_EXPIRED: Final = 70001
#: The UserSig is damaged, as if cut short.
SERVICE_USER_SIG_DAMAGED: Final = 70003
#: The UserSig does not pass the check.
SERVICE_USER_SIG_INVALID: Final = 70005
#: The UserSig was made with another app's key.
SERVICE_USER_SIG_WRONG_KEY: Final = 70009
#: The UserSig was made for another identifier.
SERVICE_USER_SIG_WRONG_IDENTIFIER: Final = 70013
#: The UserSig was made for another SDKAppID.
SERVICE_USER_SIG_WRONG_SDK_APP_ID: Final = 70014
#: The service does not know this SDKAppID.
SERVICE_SDK_APP_ID_NOT_FOUND: Final = 70020
#: Too many failed signature checks: locked for a minute.
SERVICE_LOCKED_OUT: Final = 70050
#: The UserSig was invalidated before its time.
SERVICE_USER_SIG_REVOKED: Final = 70052
#: No account of that UserID exists.
SERVICE_ACCOUNT_NOT_FOUND: Final = 70107
#: Time-out inside the account service.
SERVICE_ACCOUNT_TIMED_OUT: Final = 70169
#: No account in a call, or more than 100.
SERVICE_TOO_MANY_ACCOUNTS: Final = 70206
#: The free edition holds 100 accounts.
SERVICE_ACCOUNT_LIMIT: Final = 70398
#: The account service refuses a parameter.
SERVICE_ACCOUNT_INVALID_PARAMETER: Final = 70402
#: The account service's word for SERVICE_ADMIN_REQUIRED.
SERVICE_ACCOUNT_ADMIN_REQUIRED: Final = 70403
#: Internal error of the account service.
SERVICE_ACCOUNT_INTERNAL_ERROR: Final = 70500
