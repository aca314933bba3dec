"""`Account`, which the account calls are given, and what they bring back (1047/34953 to 1047/34956).
Promises plain, immutable values from whatever the service sends, with the whole answer beside them. Must not know how a
call is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Mapping, Optional, Tuple

from . import _members
from ._answers import lazily
from .response import Response, Responses

if TYPE_CHECKING:
    from dataclasses import dataclass, field
else:
    from ._values import dataclass, field

__all__ = ["Account", "AccountCheckResult", "AccountDeleteResult", "AccountResult", "MultiaccountImportResult"]


@dataclass(frozen=True)
class Account:
    """A user of the app. Nickname and picture matter to an import only; None leaves what the service has."""

    #: 1 to 32 bytes of UTF-8.
    user_id: str
    #: The nickname, at most 500 bytes.
    nick: Optional[str] = None
    #: The picture's URL, at most 500 bytes.
    face_url: Optional[str] = None


@dataclass(frozen=True)
class AccountResult:
    """What became of one account of a call."""

    #: Whose account.
    user_id: str
    #: 0, or why this account failed although the call went through (70107: there is no such account).
    result_code: int
    #: The service's words for it, "" on success.
    result_info: str
    #: Of a check: ``Imported`` or ``NotImported``, as the service spells it. Else "".
    account_status: str = ""

    @property
    def is_imported(self) -> bool:
        """Of a check: whether Chat knows the user."""
        return self.account_status == "Imported"


@dataclass(frozen=True)
class MultiaccountImportResult(Responses):
    """What `Client.multiaccount_import` did."""

    #: The UserIDs that failed, in the answers that name them so.
    fail_accounts: Tuple[str, ...]
    #: One for each account, in the answers that have them; the vendor documents both spellings.
    items: Tuple[AccountResult, ...]
    #: The whole answers: one, or one for each part of a list that was split.
    responses: Tuple[Response, ...] = field(repr=False)


@dataclass(frozen=True)
class AccountCheckResult(Responses):
    """What `Client.account_check` learned."""

    #: One for each account, in the order asked.
    items: Tuple[AccountResult, ...]
    #: The whole answers: one, or one for each part of a list that was split.
    responses: Tuple[Response, ...] = field(repr=False)


@dataclass(frozen=True)
class AccountDeleteResult(Responses):
    """What `Client.account_delete` did."""

    #: One for each account, in the order given.
    items: Tuple[AccountResult, ...]
    #: The whole answers: one, or one for each part of a list that was split.
    responses: Tuple[Response, ...] = field(repr=False)


@lazily(MultiaccountImportResult)
def read_import(response: Response) -> MultiaccountImportResult:
    """From the answer of multiaccount_import."""
    answer = _members.answer(response)
    return MultiaccountImportResult(_members.texts(answer, "FailAccounts"), _results(answer), (response,))


@lazily(AccountCheckResult)
def read_check(response: Response) -> AccountCheckResult:
    """From the answer of account_check."""
    return AccountCheckResult(_results(_members.answer(response)), (response,))


@lazily(AccountDeleteResult)
def read_delete(response: Response) -> AccountDeleteResult:
    """From the answer of account_delete."""
    return AccountDeleteResult(_results(_members.answer(response)), (response,))


def _results(answer: Mapping[str, Any]) -> Tuple[AccountResult, ...]:
    return tuple(
        AccountResult(
            user_id=_members.text(item, "UserID"),
            result_code=_members.integer(item, "ResultCode"),
            result_info=_members.text(item, "ResultInfo"),
            account_status=_members.text(item, "AccountStatus"),
        )
        for item in _members.objects(answer, "ResultItem")
    )
