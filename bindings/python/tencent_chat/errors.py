"""The exceptions: one base, one class for each thing a caller may want to handle, each also of a built-in kind. Every code
has a class, and an exception carries the whole response and no secret.
"""

from __future__ import annotations

import copyreg
from typing import Any, Dict, Optional, Tuple, Type

from . import codes
from ._library import library
from .response import Response


class ChatError(Exception):
    """Base of everything that a client raises, beside TypeError for an argument of a wrong type.

    `str()` is the code in brackets and the message; `args` are the two, so that what rebuilds an exception from its `args`
    makes one of the same class, without the `response`. Pickle keeps everything, notes and attributes of your own included.
    """

    #: The number this ended with (see `tencent_chat.codes`): negative from this library, positive from the service.
    code: int = codes.OK
    #: What it means and what to do, and the service's own words where it gave any.
    message: str = ""
    #: The whole answer with body and trace; None when the call was refused before it began.
    response: Optional[Response] = None
    #: What the method would have returned. Of a `PartialError` always; of a list that was sent in parts (``split=True``)
    #: and stopped on the way, the joined result of the parts that were answered; else None.
    result: Any = None
    #: Of a list that was sent in parts: how many of its items, from the first, were answered. Else 0.
    items_done: int = 0

    def __init__(
        self, code: int, message: str, response: Optional[Response] = None, *, result: Any = None, items_done: int = 0
    ) -> None:
        super().__init__(message)
        # Not by the constructor: OSError, which some are too, would take the code for an errno.
        self.args = (code, message)
        self.code = code
        self.message = message
        self.response = response
        self.result = result
        self.items_done = items_done

    def __str__(self) -> str:
        return f"[{self.code}] {self.message}"

    def __reduce__(self) -> Tuple[Any, ...]:
        # As the built-in ones: no constructor is called, for a class of the user's own may have another, and every attribute is
        # kept, notes included.
        return copyreg.__newobj__, (type(self),), {**self.__dict__, "args": self.args}  # type: ignore[attr-defined]

    @property
    def is_retriable(self) -> bool:
        """The same call may succeed if it is repeated, after `retry_after` seconds."""
        return self.response is not None and self.response.is_retriable

    @property
    def is_fatal(self) -> bool:
        """No call will succeed before somebody changes the settings, the app or its plan: a run of many calls should end."""
        return bool(library.chat_code_is_fatal(self.code))

    @property
    def is_in_doubt(self) -> bool:
        """The call failed, and yet it may have taken effect."""
        return self.response is not None and self.response.is_in_doubt

    @property
    def retry_after(self) -> float:
        """Seconds to wait before a repeat; 0.0 when nothing asks for a pause."""
        return self.response.retry_after if self.response is not None else 0.0


class InvalidArgumentError(ChatError, ValueError):
    """An argument breaks a rule that the message names. Nothing was sent."""


class InvalidUtf8Error(InvalidArgumentError):
    """A string holds a lone surrogate, which is no character. Nothing was sent."""


class ConfigError(ChatError, ValueError):
    """The settings are incomplete, contradict each other, or name a file that cannot be used. Nothing was sent."""


class CallTimeoutError(ChatError, TimeoutError):
    """The deadline passed. `is_in_doubt` tells whether the call may have taken effect."""


class TransportError(ChatError, ConnectionError):
    """No connection, or it broke before the answer came. `is_in_doubt` tells whether the call may have taken effect."""


class TlsError(ChatError, ConnectionError):
    """The TLS handshake failed: certificate, name or protocol version. Nothing was sent."""


class HttpStatusError(ChatError):
    """A gateway or proxy answered with an HTTP status other than 200; `response.http_status` and `.body` hold it."""


class ProtocolError(ChatError):
    """The answer was cut short, too large, not JSON, or contradicts itself; `response.body` holds what came."""


class ShutdownError(ChatError, RuntimeError):
    """The client was shut down or closed, before or during the call."""


class ForkedError(ChatError, RuntimeError):
    """The client, or the cancel token, was made before a fork() and this is a child: make one here. Nothing was sent."""


class ThrottledError(ChatError):
    """The client's own rate limit has no slot for the call before its deadline. Nothing was sent.

    After `retry_after` seconds the same call finds one, if nobody else was quicker. `RateExceededError` is the service's word
    for too many calls, this is the library's.
    """


class InternalError(ChatError, RuntimeError):
    """A bug inside the library was contained. The client stays usable; please report it."""


class CancelledError(ChatError):
    """The call's `CancelToken` was triggered. `is_in_doubt` tells whether the call may have taken effect."""


class PartialError(ChatError):
    """The call succeeded as a whole, but some of its items failed: `result` is what the method would have returned, and
    its items tell which, each with the service's `result_code` and `result_info`.
    """


class ServiceError(ChatError):
    """The service refused the call; `code` is its ErrorCode. Codes that callers act on have classes of their own."""


class AccountNotImportedError(ServiceError, LookupError):
    """The user is not known to Chat: import the account first."""


class InvalidParameterError(ServiceError, ValueError):
    """The service refuses a parameter; the message holds its reason."""


class AdminRequiredError(ServiceError, PermissionError):
    """The client's identifier is not an administrator of the app."""


class GroupNotFoundError(ServiceError, LookupError):
    """The user has no conversation group of that name. Names compare byte for byte."""


class GroupNameTooLongError(ServiceError, ValueError):
    """The service finds the group name too long. Only with `local_limits=False`; else an InvalidArgumentError comes first."""


class LimitReachedError(ServiceError):
    """A number is exhausted: conversations in a call, conversations with groups or marks, groups of a user, accounts."""


class PlanError(ServiceError, PermissionError):
    """The app's plan lacks the feature, has expired, or is not active yet."""


class RateExceededError(ServiceError):
    """Too many calls: wait `retry_after` seconds and slow down."""


class IpNotAllowedError(ServiceError, PermissionError):
    """The service refuses this host's IP address."""


class SdkAppIdError(ServiceError, LookupError):
    """The service does not know the SDKAppID: check it, and that the region is the app's own."""


class UserSigError(ServiceError, PermissionError):
    """The signature was refused: expired, damaged, revoked, or made with another key, identifier or SDKAppID."""


class LockedOutError(UserSigError):
    """Too many failed signature checks: wait `retry_after` seconds, and correct the key first."""


_OURS: Dict[int, Type[ChatError]] = {
    codes.ERR_INVALID_ARGUMENT: InvalidArgumentError,
    codes.ERR_INVALID_UTF8: InvalidUtf8Error,
    codes.ERR_CONFIG: ConfigError,
    codes.ERR_TIMEOUT: CallTimeoutError,
    codes.ERR_TRANSPORT: TransportError,
    codes.ERR_HTTP_STATUS: HttpStatusError,
    codes.ERR_PROTOCOL: ProtocolError,
    codes.ERR_FORKED: ForkedError,
    codes.ERR_SHUTDOWN: ShutdownError,
    codes.ERR_PANIC: InternalError,
    codes.ERR_SERVICE: ServiceError,
    codes.ERR_THROTTLED: ThrottledError,
    codes.ERR_CANCELLED: CancelledError,
    codes.ERR_TLS: TlsError,
    codes.ERR_PARTIAL: PartialError,
}

# Numbers without a name in `codes` are the vendor's (pages 1047/34620 and 1047/34348) for the same cause.
_THEIRS: Dict[Type[ServiceError], Tuple[int, ...]] = {
    AccountNotImportedError: (codes.SERVICE_ACCOUNT_NOT_IMPORTED, codes.SERVICE_ACCOUNT_NOT_FOUND),
    InvalidParameterError: (
        codes.SERVICE_INVALID_PARAMETER,
        codes.SERVICE_PROFILE_TOO_LONG,
        60015,
        codes.SERVICE_ACCOUNT_INVALID_PARAMETER,
    ),
    AdminRequiredError: (
        codes.SERVICE_ADMIN_REQUIRED,
        codes.SERVICE_GATEWAY_ADMIN_REQUIRED,
        codes.SERVICE_ACCOUNT_ADMIN_REQUIRED,
    ),
    GroupNotFoundError: (codes.SERVICE_GROUP_NOT_FOUND,),
    GroupNameTooLongError: (codes.SERVICE_GROUP_NAME_TOO_LONG,),
    LimitReachedError: (
        codes.SERVICE_TOO_MANY_CONVERSATIONS,
        codes.SERVICE_CONVERSATION_LIMIT,
        codes.SERVICE_GROUP_LIMIT,
        codes.SERVICE_PINNED_LIMIT,
        codes.SERVICE_TOO_MANY_ACCOUNTS,
        codes.SERVICE_ACCOUNT_LIMIT,
    ),
    PlanError: (codes.SERVICE_FEATURE_NOT_IN_PLAN, codes.SERVICE_PLAN_NOT_ACTIVE),
    RateExceededError: (codes.SERVICE_CALL_RATE_EXCEEDED, codes.SERVICE_APP_RATE_EXCEEDED, 60018, 60019),
    IpNotAllowedError: (codes.SERVICE_IP_NOT_ALLOWED,),
    SdkAppIdError: (60006, codes.SERVICE_SDK_APP_ID_NOT_FOUND),
    UserSigError: (*range(70001, 70015), codes.SERVICE_USER_SIG_REVOKED, 70346, 70347),
    LockedOutError: (codes.SERVICE_LOCKED_OUT,),
}

_BY_CODE: Dict[int, Type[ChatError]] = {
    **_OURS,
    **{code: kind for kind, numbers in _THEIRS.items() for code in numbers},
}


def error_class(code: int) -> Type[ChatError]:
    """The exception class of a code; for a code without one of its own, `ServiceError` (positive) or `ChatError`."""
    return _BY_CODE.get(code, ServiceError if code > 0 else ChatError)


def error_for(response: Response) -> ChatError:
    """The exception for a response that is not a success."""
    return error_class(response.code)(response.code, response.message, response)
