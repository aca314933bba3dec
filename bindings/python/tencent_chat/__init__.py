"""Client for the Tencent Chat REST API (conversation groups and marks); not affiliated with the vendor.

`Client` makes the calls and `AsyncClient` awaits them, `Contact`, `Mark` and `Account` are what they are given, `ChatError`
is the base of what they raise, `codes` holds the numbers, `CancelToken` ends calls early, and
`tencent_chat.testing.Emulator` starts an emulator of the service for your own tests.

This file only names what is public. Importing it loads the shared library; an ImportError says where it was looked for.
"""

from typing import TYPE_CHECKING, Any

from . import codes
from ._library import version as __version__
from .account import Account, AccountCheckResult, AccountDeleteResult, AccountResult, MultiaccountImportResult
from .cancel import CancelToken
from .client import Client
from .contact import ASSIST_FLAGS, GROUP_CHAT, ONE_TO_ONE, Contact, Mark
from .contact_group import (
    ContactGroup,
    ContactGroupEntry,
    ContactGroupPage,
    ContactResult,
    CreateContactGroupResult,
    DelContactGroupResult,
    MarkContactResult,
    SearchContactGroupResult,
    UpdateContactGroupResult,
)
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
from .recent_contact import RecentContactEntry, RecentContactPage
from .response import Response
from .stats import Stats

if TYPE_CHECKING:
    from .async_client import AsyncClient, AsyncItems


def __getattr__(name: str) -> Any:
    """Loads the asynchronous face when it is first asked for: importing asyncio takes longer than all the rest."""
    if name in ("AsyncClient", "AsyncItems"):
        from . import async_client

        return getattr(async_client, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


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
    "ProtocolError",
    "RateExceededError",
    "RecentContactEntry",
    "RecentContactPage",
    "Response",
    "SdkAppIdError",
    "SearchContactGroupResult",
    "ServiceError",
    "ShutdownError",
    "Stats",
    "ThrottledError",
    "TlsError",
    "TransportError",
    "UpdateContactGroupResult",
    "UserSigError",
    "__version__",
    "codes",
]
