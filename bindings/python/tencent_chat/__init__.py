"""Client for the Tencent Chat REST API (conversation groups and marks); not affiliated with the vendor.

`Client` makes the calls and `AsyncClient` awaits them, `Contact`, `Mark` and `Account` are what they are given, `ChatError`
is the base of what they raise, `codes` holds the numbers, `CancelToken` ends calls early, and
`tencent_chat.testing.Emulator` starts an emulator of the service for your own tests.

Importing it does not load the shared library: a client does when it is made, and an ImportError then says where it was looked
for.
"""

from typing import TYPE_CHECKING

from . import codes
from ._options import CancelToken
from .async_client import AsyncClient, AsyncItems
from .bulk import BulkItem, BulkResult
from .client import Client
from .contact import ASSIST_FLAGS, GROUP_CHAT, ONE_TO_ONE, Account, Contact, Mark, StandardMark
from .errors import (
    AccountNotImportedError,
    AdminRequiredError,
    CallTimeoutError,
    CancelledError,
    ChatError,
    ConfigError,
    ForkedError,
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
    ThrottledError,
    TlsError,
    TransportError,
    UserSigError,
)
from .items import Items
from .response import Response
from .results import (
    AccountCheckResult,
    AccountDeleteResult,
    AccountResult,
    ContactGroup,
    ContactGroupEntry,
    ContactGroupPage,
    ContactResult,
    CreateContactGroupResult,
    DelContactGroupResult,
    MarkContactResult,
    MultiaccountImportResult,
    RecentContactEntry,
    RecentContactPage,
    RecentContactPinResult,
    SearchContactGroupResult,
    UpdateContactGroupResult,
)
from .session import Stats
from .user_sig import InspectedUserSig, PrivateMap, private_map_key_new, user_sig_inspect, user_sig_new

__all__ = [
    "ASSIST_FLAGS",
    "GROUP_CHAT",
    "ONE_TO_ONE",
    "Account",
    "AccountCheckResult",
    "AccountDeleteResult",
    "AccountNotImportedError",
    "AccountResult",
    "AdminRequiredError",
    "AsyncClient",
    "AsyncItems",
    "BulkItem",
    "BulkResult",
    "CallTimeoutError",
    "CancelToken",
    "CancelledError",
    "ChatError",
    "Client",
    "ConfigError",
    "Contact",
    "ContactGroup",
    "ContactGroupEntry",
    "ContactGroupPage",
    "ContactResult",
    "CreateContactGroupResult",
    "DelContactGroupResult",
    "ForkedError",
    "GroupNameTooLongError",
    "GroupNotFoundError",
    "HttpStatusError",
    "InspectedUserSig",
    "InternalError",
    "InvalidArgumentError",
    "InvalidParameterError",
    "InvalidUtf8Error",
    "IpNotAllowedError",
    "Items",
    "LimitReachedError",
    "LockedOutError",
    "Mark",
    "MarkContactResult",
    "MultiaccountImportResult",
    "PartialError",
    "PlanError",
    "PrivateMap",
    "ProtocolError",
    "RateExceededError",
    "RecentContactEntry",
    "RecentContactPage",
    "RecentContactPinResult",
    "Response",
    "SdkAppIdError",
    "SearchContactGroupResult",
    "ServiceError",
    "ShutdownError",
    "StandardMark",
    "Stats",
    "ThrottledError",
    "TlsError",
    "TransportError",
    "UpdateContactGroupResult",
    "UserSigError",
    "__version__",
    "codes",
    "private_map_key_new",
    "user_sig_inspect",
    "user_sig_new",
]

if TYPE_CHECKING:
    #: The version of the library, which is the package's; of the installed package where there is no library.
    __version__: str
else:

    def __getattr__(name):
        if name != "__version__":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from . import _library

        try:
            return _library.version
        except ImportError as missing:
            from importlib import metadata

            try:
                return metadata.version("tencent-chat")
            except metadata.PackageNotFoundError:
                raise missing from None
