"""Client for the Tencent Chat REST API (conversation groups and marks); not affiliated with the vendor.

`Client` makes the calls, `ChatError` is the base of what they raise, `codes` holds the numbers, `CancelToken` ends calls
early, and `tencent_chat.testing.Emulator` starts an emulator of the service for your own tests.

This file only names what is public. Importing it loads the shared library; an ImportError says where it was looked for.
"""

from . import codes
from ._library import version as __version__
from .cancel import CancelToken
from .client import Client
from .errors import (
    AccountNotImportedError,
    AdminRequiredError,
    CallTimeoutError,
    CancelledError,
    ChatError,
    ConfigError,
    GroupNameTooLongError,
    GroupNotFoundError,
    HttpStatusError,
    InternalError,
    InvalidArgumentError,
    InvalidParameterError,
    InvalidUtf8Error,
    IpNotAllowedError,
    LimitReachedError,
    LockedOutError,
    PartialError,
    PlanError,
    ProtocolError,
    RateExceededError,
    SdkAppIdError,
    ServiceError,
    ShutdownError,
    TlsError,
    TransportError,
    UserSigError,
)
from .response import ContactGroup, DelContactGroupResult, Response

__all__ = [
    "AccountNotImportedError",
    "AdminRequiredError",
    "CallTimeoutError",
    "CancelToken",
    "CancelledError",
    "ChatError",
    "Client",
    "ConfigError",
    "ContactGroup",
    "DelContactGroupResult",
    "GroupNameTooLongError",
    "GroupNotFoundError",
    "HttpStatusError",
    "InternalError",
    "InvalidArgumentError",
    "InvalidParameterError",
    "InvalidUtf8Error",
    "IpNotAllowedError",
    "LimitReachedError",
    "LockedOutError",
    "PartialError",
    "PlanError",
    "ProtocolError",
    "RateExceededError",
    "Response",
    "SdkAppIdError",
    "ServiceError",
    "ShutdownError",
    "TlsError",
    "TransportError",
    "UserSigError",
    "__version__",
    "codes",
]
