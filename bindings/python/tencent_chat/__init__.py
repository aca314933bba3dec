"""Client for the Tencent Chat REST API (conversation groups and marks); not affiliated with the vendor.

`Client` makes the calls and `AsyncClient` awaits them, `Contact`, `Mark` and `Account` are what they are given, `ChatError`
is the base of what they raise, `codes` holds the numbers, `CancelToken` ends calls early, and
`tencent_chat.testing.Emulator` starts an emulator of the service for your own tests.

This file only names what is public, and importing it loads nothing else: a name is loaded when it is first used, the shared
library with most of them. An ImportError at that moment says where the library was looked for.
"""

# Not typing's: importing that takes longer than this. Type checkers know the name.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from . import codes as codes
    from .account import Account as Account
    from .account import AccountCheckResult as AccountCheckResult
    from .account import AccountDeleteResult as AccountDeleteResult
    from .account import AccountResult as AccountResult
    from .account import MultiaccountImportResult as MultiaccountImportResult
    from .async_client import AsyncClient as AsyncClient
    from .async_client import AsyncItems as AsyncItems
    from .bulk import BulkItem as BulkItem
    from .bulk import BulkResult as BulkResult
    from .cancel import CancelToken as CancelToken
    from .client import Client as Client
    from .contact import ASSIST_FLAGS as ASSIST_FLAGS
    from .contact import GROUP_CHAT as GROUP_CHAT
    from .contact import ONE_TO_ONE as ONE_TO_ONE
    from .contact import Contact as Contact
    from .contact import Mark as Mark
    from .contact_group import ContactGroup as ContactGroup
    from .contact_group import ContactGroupEntry as ContactGroupEntry
    from .contact_group import ContactGroupPage as ContactGroupPage
    from .contact_group import ContactResult as ContactResult
    from .contact_group import CreateContactGroupResult as CreateContactGroupResult
    from .contact_group import DelContactGroupResult as DelContactGroupResult
    from .contact_group import MarkContactResult as MarkContactResult
    from .contact_group import SearchContactGroupResult as SearchContactGroupResult
    from .contact_group import UpdateContactGroupResult as UpdateContactGroupResult
    from .errors import AccountNotImportedError as AccountNotImportedError
    from .errors import AdminRequiredError as AdminRequiredError
    from .errors import CallTimeoutError as CallTimeoutError
    from .errors import CancelledError as CancelledError
    from .errors import ChatError as ChatError
    from .errors import ConfigError as ConfigError
    from .errors import ForkedError as ForkedError
    from .errors import GroupNameTooLongError as GroupNameTooLongError
    from .errors import GroupNotFoundError as GroupNotFoundError
    from .errors import HttpStatusError as HttpStatusError
    from .errors import InternalError as InternalError
    from .errors import InvalidArgumentError as InvalidArgumentError
    from .errors import InvalidParameterError as InvalidParameterError
    from .errors import InvalidUtf8Error as InvalidUtf8Error
    from .errors import IpNotAllowedError as IpNotAllowedError
    from .errors import LimitReachedError as LimitReachedError
    from .errors import LockedOutError as LockedOutError
    from .errors import PartialError as PartialError
    from .errors import PlanError as PlanError
    from .errors import ProtocolError as ProtocolError
    from .errors import RateExceededError as RateExceededError
    from .errors import SdkAppIdError as SdkAppIdError
    from .errors import ServiceError as ServiceError
    from .errors import ShutdownError as ShutdownError
    from .errors import ThrottledError as ThrottledError
    from .errors import TlsError as TlsError
    from .errors import TransportError as TransportError
    from .errors import UserSigError as UserSigError
    from .items import Items as Items
    from .recent_contact import RecentContactEntry as RecentContactEntry
    from .recent_contact import RecentContactPage as RecentContactPage
    from .response import Response as Response
    from .stats import Stats as Stats

    #: The version of the library, which is the package's.
    __version__: str

#: Where each public name is at home. The block above tells type checkers the same.
_HOMES = {
    "account": ("Account", "AccountCheckResult", "AccountDeleteResult", "AccountResult", "MultiaccountImportResult"),
    "async_client": ("AsyncClient", "AsyncItems"),
    "bulk": ("BulkItem", "BulkResult"),
    "cancel": ("CancelToken",),
    "client": ("Client",),
    "contact": ("ASSIST_FLAGS", "Contact", "GROUP_CHAT", "Mark", "ONE_TO_ONE"),
    "contact_group": (
        "ContactGroup",
        "ContactGroupEntry",
        "ContactGroupPage",
        "ContactResult",
        "CreateContactGroupResult",
        "DelContactGroupResult",
        "MarkContactResult",
        "SearchContactGroupResult",
        "UpdateContactGroupResult",
    ),
    "errors": (
        "AccountNotImportedError",
        "AdminRequiredError",
        "CallTimeoutError",
        "CancelledError",
        "ChatError",
        "ConfigError",
        "ForkedError",
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
        "SdkAppIdError",
        "ServiceError",
        "ShutdownError",
        "ThrottledError",
        "TlsError",
        "TransportError",
        "UserSigError",
    ),
    "items": ("Items",),
    "recent_contact": ("RecentContactEntry", "RecentContactPage"),
    "response": ("Response",),
    "stats": ("Stats",),
}

_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted([*_HOME_OF, "__version__", "codes"])


if not TYPE_CHECKING:

    def __getattr__(name):
        """Loads a name when it is first asked for; a module too, as if all had been imported."""
        if name in _HOME_OF:
            found = getattr(__import__(f"{__name__}.{_HOME_OF[name]}", fromlist=[name]), name)
        elif name == "__version__":
            from ._library import version as found
        elif name == "codes" or name in _HOMES:
            return __import__(f"{__name__}.{name}", fromlist=[name])
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = found
        return found

    def __dir__():
        return sorted({*globals(), *__all__})
