"""`Account`, which the account calls are given, and what they bring back (1047/34953 to 1047/34956)."""

from __future__ import annotations

from typing import Optional, Tuple

from ._answers import reader
from ._members import Members
from ._values import Value, dataclass, field
from .response import Response, Responses

__all__ = ["Account", "AccountCheckResult", "AccountDeleteResult", "AccountResult", "MultiaccountImportResult"]


@dataclass(frozen=True)
class Account(Value):
    """A user of the app. Nickname and picture matter to an import only; None leaves what the service has."""

    #: 1 to 32 bytes of UTF-8.
    user_id: str
    #: The nickname, at most 500 bytes.
    nick: Optional[str] = None
    #: The picture's URL, at most 500 bytes.
    face_url: Optional[str] = None


@dataclass(frozen=True)
class AccountResult(Value):
    """What became of one account of a call."""

    #: Whose account.
    user_id: str
    #: 0, or why this account failed although the call went through (70107: there is no such account).
    result_code: int = 0
    #: The service's words for it, "" on success.
    result_info: str = ""
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
    fail_accounts: Tuple[str, ...] = ()
    #: One for each account, in the answers that have them; the vendor documents both spellings.
    items: Tuple[AccountResult, ...] = ()
    #: The whole answers: one, or one for each part of a list that was split.
    responses: Tuple[Response, ...] = field(default=(Response(),), repr=False)


@dataclass(frozen=True)
class AccountCheckResult(Responses):
    """What `Client.account_check` learned."""

    #: One for each account, in the order asked.
    items: Tuple[AccountResult, ...] = ()
    #: The whole answers: one, or one for each part of a list that was split.
    responses: Tuple[Response, ...] = field(default=(Response(),), repr=False)


@dataclass(frozen=True)
class AccountDeleteResult(Responses):
    """What `Client.account_delete` did."""

    #: One for each account, in the order given.
    items: Tuple[AccountResult, ...] = ()
    #: The whole answers: one, or one for each part of a list that was split.
    responses: Tuple[Response, ...] = field(default=(Response(),), repr=False)


def _results(answer: Members) -> Tuple[AccountResult, ...]:
    return tuple(
        [
            AccountResult(
                user_id=item.text("UserID"),
                result_code=item.integer("ResultCode"),
                result_info=item.text("ResultInfo"),
                account_status=item.text("AccountStatus"),
            )
            for item in answer.objects("ResultItem")
        ]
    )


#: From the answer of multiaccount_import.
read_import = reader(
    MultiaccountImportResult, {"fail_accounts": lambda answer: answer.texts("FailAccounts"), "items": _results}
)
#: From the answer of account_check.
read_check = reader(AccountCheckResult, {"items": _results})
#: From the answer of account_delete.
read_delete = reader(AccountDeleteResult, {"items": _results})
