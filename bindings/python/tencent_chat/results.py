"""What the calls bring back, in the vendor's terms, and how it is read from an answer. The whole answer always stands beside
it. The numbers are pages of the vendor's.
"""

from __future__ import annotations

from typing import Callable, Dict, FrozenSet, Mapping, Tuple

from .contact import ONE_TO_ONE, Contact
from .errors import ProtocolError
from .response import Members, Response, Responses, Value, dataclass, field, reader

__all__ = [
    "AccountCheckResult",
    "AccountDeleteResult",
    "AccountResult",
    "ContactGroup",
    "ContactGroupEntry",
    "ContactGroupPage",
    "ContactResult",
    "CreateContactGroupResult",
    "DelContactGroupResult",
    "MarkContactResult",
    "MultiaccountImportResult",
    "RecentContactEntry",
    "RecentContactPage",
    "RecentContactPinResult",
    "SearchContactGroupResult",
    "UpdateContactGroupResult",
]

# The vendor's pages spell a chat group's id in three ways (1047/53442, 1047/43087, 1047/43088).
_GROUP_ID = ("ToGroupId", "GroupId", "ToGroupid")


@dataclass(frozen=True)
class ContactGroup(Value):
    """A conversation group of one user."""

    #: As it was given; at most 64 bytes of UTF-8.
    name: str = ""
    #: The service's number for it, unique within the user; 0 when the answer held none.
    id: int = 0


@dataclass(frozen=True)
class ContactResult(Value):
    """What became of one conversation of a call."""

    #: Which one.
    contact: Contact
    #: 0, or why this conversation was refused although the call went through (51007: the chat group may be dismissed).
    result_code: int = 0
    #: The service's words for it, "" on success.
    result_info: str = ""
    #: What was to be done. By an update: 1 add, 2 remove. By a mark: 1 standard marks, 2 custom mark, 3 both. Else 0.
    opt_type: int = 0


@dataclass(frozen=True)
class ContactGroupEntry(Value):
    """The marks and the groups of one conversation."""

    #: Which one.
    contact: Contact
    #: The standard marks as the service sent them, a string of 0 and 1; "" when none was ever set.
    standard_mark: str = ""
    #: "" when unset.
    custom_mark: str = ""
    #: The conversation groups it is in, by their numbers.
    group_ids: Tuple[int, ...] = ()
    #: Their names, in the same order; "" for one that the answer does not name.
    group_names: Tuple[str, ...] = ()
    #: When marks or groups of this conversation last changed, in seconds since 1970.
    timestamp: int = 0
    #: The standard marks that are set, by number: ``StandardMark.STAR in entry.marks``. The last character of `standard_mark`
    #: is mark 0; so the vendor's own SDK for the web reads it, and no page says it of these answers.
    marks: FrozenSet[int] = frozenset()


@dataclass(frozen=True)
class CreateContactGroupResult(Value):
    """What `Client.create_contact_group` made."""

    #: With the number the service gave it.
    group: ContactGroup = ContactGroup()
    #: One for each conversation that was given.
    items: Tuple[ContactResult, ...] = ()
    #: The whole answer.
    response: Response = field(default=Response(), repr=False)


@dataclass(frozen=True)
class UpdateContactGroupResult(Value):
    """What `Client.update_contact_group_name` or `Client.update_contact_group_contacts` changed."""

    #: The group as it is now.
    group: ContactGroup = ContactGroup()
    #: The name that was sent to find it.
    old_group_name: str = ""
    #: One for each conversation that was given, those to add first; none of a renaming.
    items: Tuple[ContactResult, ...] = ()
    #: The whole answer.
    response: Response = field(default=Response(), repr=False)


@dataclass(frozen=True)
class DelContactGroupResult(Value):
    """What `Client.del_contact_group` deleted."""

    #: One group; none when the service answered OK without naming it, and when it was `already_deleted`.
    groups: Tuple[ContactGroup, ...] = ()
    #: The whole answer.
    response: Response = field(default=Response(), repr=False)

    @property
    def already_deleted(self) -> bool:
        """Whether a repeat of the call found the group gone, after an attempt that may have deleted it."""
        return self.response.is_already_deleted


@dataclass(frozen=True)
class MarkContactResult(Responses):
    """What `Client.mark_contact` did."""

    #: One for each `Mark`, in the order given.
    items: Tuple[ContactResult, ...] = ()
    #: The whole answers: one, or one for each part of a list that was split.
    responses: Tuple[Response, ...] = field(default=(Response(),), repr=False)


@dataclass(frozen=True)
class SearchContactGroupResult(Responses):
    """What `Client.search_contact_group` found."""

    #: The conversations that have a mark or a group; the service leaves the others out.
    entries: Tuple[ContactGroupEntry, ...] = ()
    #: The user's groups, as far as the answers name them.
    groups: Tuple[ContactGroup, ...] = ()
    #: The whole answers: one, or one for each part of a list that was split.
    responses: Tuple[Response, ...] = field(default=(Response(),), repr=False)


@dataclass(frozen=True)
class ContactGroupPage(Value):
    """One page of a user's marks and groups, from `Client.get_contact_group`."""

    #: The conversations that have a mark or a group, in the order of the service.
    entries: Tuple[ContactGroupEntry, ...] = ()
    #: The user's groups.
    groups: Tuple[ContactGroup, ...] = ()
    #: Whether the service says that nothing follows.
    complete: bool = True
    #: What to ask the next page with. Often 0 when `complete`, which would begin anew.
    next_start_index: int = 0
    #: The whole answer.
    response: Response = field(default=Response(), repr=False)


def read_contact(item: Members) -> Contact:
    """The conversation that an item of an answer is about."""
    kind = item.integer("Type")
    spellings = ("To_Account",) if kind == ONE_TO_ONE else _GROUP_ID
    return Contact(kind, next(filter(None, (item.text(name) for name in spellings)), ""))


def _marks(text: str) -> FrozenSet[int]:
    """The standard marks by number, the last character being mark 0; none of what is no such text."""
    text = text.lstrip("0")
    is_mark = len(text) <= 64 and not text.strip("01")
    return frozenset(number for number, mark in enumerate(reversed(text)) if is_mark and mark == "1")


def read_entry(item: Members, names: Mapping[int, str]) -> ContactGroupEntry:
    """One conversation; `names` are those of the groups by number, from the page it stands in."""
    group_ids = item.integers("ContactGroupId")
    return ContactGroupEntry(
        contact=read_contact(item),
        standard_mark=item.text("StandardMark"),
        custom_mark=item.text("CustomMark"),
        group_ids=group_ids,
        group_names=tuple([names.get(number, "") for number in group_ids]),
        timestamp=item.integer("Timestamp"),
        marks=_marks(item.text("StandardMark")),
    )


def read_names(answer: Members) -> Dict[int, str]:
    """The names of a user's groups by number; without those that cannot be read, which is told to who asks for the groups."""
    try:
        return {group.id: group.name for group in _groups(answer)}
    except ProtocolError:
        return {}


def _entries(name: str) -> Callable[[Members], Tuple[ContactGroupEntry, ...]]:
    def read(answer: Members) -> Tuple[ContactGroupEntry, ...]:
        names = read_names(answer)
        return tuple([read_entry(item, names) for item in answer.objects(name)])

    return read


def _group(item: Members) -> ContactGroup:
    return ContactGroup(name=item.text("GroupName"), id=item.integer("GroupId"))


def _groups(answer: Members) -> Tuple[ContactGroup, ...]:
    return tuple([_group(item) for item in answer.objects("GroupItem")])


def _made(answer: Members) -> Members:
    """The group that a create made; the answer has a list of one."""
    return next(iter(answer.objects("GroupResultItem")), Members(Response(), {}))


def _changed(answer: Members) -> Members:
    return answer.member("UpdateGroupResult")


def _results(parent: Members, name: str, opt_type: str = "") -> Tuple[ContactResult, ...]:
    return tuple(
        [
            ContactResult(
                contact=read_contact(item.member("ContactItem")),
                result_code=item.integer("ResultCode"),
                result_info=item.text("ResultInfo"),
                opt_type=item.integer(opt_type),
            )
            for item in parent.objects(name)
        ]
    )


#: From the answer of create_contact_group (1047/53437).
read_create = reader(
    CreateContactGroupResult,
    {
        "group": lambda answer: _group(_made(answer).member("GroupItem")),
        "items": lambda answer: _results(_made(answer), "ResultItem"),
    },
)
#: From the answer of update_contact_group (1047/53439).
read_update = reader(
    UpdateContactGroupResult,
    {
        "group": lambda answer: _group(_changed(answer)),
        "old_group_name": lambda answer: _changed(answer).text("OldGroupName"),
        "items": lambda answer: _results(_changed(answer), "ContactResultItem", "ContactOptType"),
    },
)
#: From the answer of del_contact_group (1047/53441).
read_delete = reader(DelContactGroupResult, {"groups": _groups})
#: From the answer of mark_contact (1047/53438).
read_marks = reader(MarkContactResult, {"items": lambda answer: _results(answer, "ResultItem", "OptType")})
#: From the answer of search_contact_group (1047/53442).
read_search = reader(SearchContactGroupResult, {"entries": _entries("ContactResultItem"), "groups": _groups})
#: From the answer of get_contact_group (1047/53440).
read_page = reader(
    ContactGroupPage,
    {
        "entries": _entries("ContactItem"),
        "groups": _groups,
        "complete": lambda answer: answer.integer("CompleteFlag") == 1,
        "next_start_index": lambda answer: answer.integer("NextStartIndex"),
    },
)


@dataclass(frozen=True)
class RecentContactEntry(Value):
    """One conversation of a user's list."""

    #: With whom.
    contact: Contact
    #: The conversation's time, in seconds since 1970.
    msg_time: int = 0
    #: Whether the user pinned it to the top.
    pinned: bool = False
    #: The standard marks as the service sent them, "" when it sent none; see `ContactGroupEntry.standard_mark`.
    standard_mark: str = ""
    #: "" when unset.
    custom_mark: str = ""
    #: The conversation groups it is in, by their numbers; the list does not name them.
    group_ids: Tuple[int, ...] = ()
    #: The standard marks that are set, by number; see `ContactGroupEntry.marks`.
    marks: FrozenSet[int] = frozenset()


@dataclass(frozen=True)
class RecentContactPinResult(Responses):
    """What `Client.recent_contact_pin` or `Client.recent_contact_unpin` did."""

    #: The whole answers: one, or one for each part of a list that was split.
    responses: Tuple[Response, ...] = field(default=(Response(),), repr=False)


#: From the answer of top.
read_pin = reader(RecentContactPinResult, {})


@dataclass(frozen=True)
class RecentContactPage(Value):
    """One page of a user's conversation list, from `Client.recent_contact_get_list`."""

    #: In no order that the service promises; pinned ones may come first or last.
    entries: Tuple[RecentContactEntry, ...] = ()
    #: Whether the service says that nothing follows.
    complete: bool = True
    #: What to ask the next page with, and so are the other three. Numbers without a meaning of their own.
    time_stamp: int = 0
    #: See `time_stamp`.
    start_index: int = 0
    #: See `time_stamp`.
    top_time_stamp: int = 0
    #: See `time_stamp`.
    top_start_index: int = 0
    #: The whole answer.
    response: Response = field(default=Response(), repr=False)


def read_recent(item: Members, _names: Mapping[int, str]) -> RecentContactEntry:
    """One conversation. The list names no groups, so there are no names to look up."""
    return RecentContactEntry(
        contact=read_contact(item),
        msg_time=item.integer("MsgTime"),
        pinned=item.integer("TopFlag") == 1,
        standard_mark=item.text("StandardMark"),
        custom_mark=item.text("CustomMark"),
        group_ids=item.integers("ContactGroupId"),
        marks=_marks(item.text("StandardMark")),
    )


#: From the answer of get_list.
read_list = reader(
    RecentContactPage,
    {
        "entries": lambda answer: tuple([read_recent(item, {}) for item in answer.objects("SessionItem")]),
        "complete": lambda answer: answer.integer("CompleteFlag") == 1,
        "time_stamp": lambda answer: answer.integer("TimeStamp"),
        "start_index": lambda answer: answer.integer("StartIndex"),
        "top_time_stamp": lambda answer: answer.integer("TopTimeStamp"),
        "top_start_index": lambda answer: answer.integer("TopStartIndex"),
    },
)


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


def _accounts(answer: Members) -> Tuple[AccountResult, ...]:
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
    MultiaccountImportResult, {"fail_accounts": lambda answer: answer.texts("FailAccounts"), "items": _accounts}
)
#: From the answer of account_check.
read_check = reader(AccountCheckResult, {"items": _accounts})
#: From the answer of account_delete.
read_account_delete = reader(AccountDeleteResult, {"items": _accounts})
