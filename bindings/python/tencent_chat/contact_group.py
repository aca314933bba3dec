"""What the calls on conversation groups and marks bring back, in the vendor's terms, and how it is read from an answer.
Promises plain, immutable values from whatever the service sends, with the whole answer always beside them. Must not know
how a call is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Mapping, Tuple

from . import _members
from ._answers import lazily
from .contact import Contact, read_contact
from .response import Response, Responses

if TYPE_CHECKING:
    from dataclasses import dataclass, field
else:
    from ._values import dataclass, field

__all__ = [
    "ContactGroup",
    "ContactGroupEntry",
    "ContactGroupPage",
    "ContactResult",
    "CreateContactGroupResult",
    "DelContactGroupResult",
    "MarkContactResult",
    "SearchContactGroupResult",
    "UpdateContactGroupResult",
]


@dataclass(frozen=True)
class ContactGroup:
    """A conversation group of one user."""

    #: As it was given; at most 64 bytes of UTF-8.
    name: str
    #: The service's number for it, unique within the user; 0 when the answer held none.
    id: int


@dataclass(frozen=True)
class ContactResult:
    """What became of one conversation of a call."""

    #: Which one.
    contact: Contact
    #: 0, or why this conversation was refused although the call went through (51007: the chat group may be dismissed).
    result_code: int
    #: The service's words for it, "" on success.
    result_info: str
    #: What was to be done. By an update: 1 add, 2 remove. By a mark: 1 standard marks, 2 custom mark, 3 both. Else 0.
    opt_type: int = 0


@dataclass(frozen=True)
class ContactGroupEntry:
    """The marks and the groups of one conversation."""

    #: Which one.
    contact: Contact
    #: The standard marks as the service sent them, a string of 0 and 1; "" when none was ever set. It stays a string
    #: because the vendor documents nowhere which end is bit 0: a guess would swap marks without a word.
    standard_mark: str
    #: "" when unset.
    custom_mark: str
    #: The conversation groups it is in, by their numbers.
    group_ids: Tuple[int, ...]
    #: Their names, in the same order; "" for one that the answer does not name.
    group_names: Tuple[str, ...]
    #: When marks or groups of this conversation last changed, in seconds since 1970.
    timestamp: int


@dataclass(frozen=True)
class CreateContactGroupResult:
    """What `Client.create_contact_group` made."""

    #: With the number the service gave it.
    group: ContactGroup
    #: One for each conversation that was given.
    items: Tuple[ContactResult, ...]
    #: The whole answer.
    response: Response = field(repr=False)


@dataclass(frozen=True)
class UpdateContactGroupResult:
    """What `Client.update_contact_group_name` or `Client.update_contact_group_contacts` changed."""

    #: The group as it is now.
    group: ContactGroup
    #: The name that was sent to find it.
    old_group_name: str
    #: One for each conversation that was given, those to add first; none of a renaming.
    items: Tuple[ContactResult, ...]
    #: The whole answer.
    response: Response = field(repr=False)


@dataclass(frozen=True)
class DelContactGroupResult:
    """What `Client.del_contact_group` deleted."""

    #: One group; none when the service answered OK without naming it, and when it was `already_deleted`.
    groups: Tuple[ContactGroup, ...]
    #: The whole answer.
    response: Response = field(repr=False)

    @property
    def already_deleted(self) -> bool:
        """Whether a repeat of the call found the group gone, after an attempt that may have deleted it."""
        return self.response.is_already_deleted


@dataclass(frozen=True)
class MarkContactResult(Responses):
    """What `Client.mark_contact` did."""

    #: One for each `Mark`, in the order given.
    items: Tuple[ContactResult, ...]
    #: The whole answers: one, or one for each part of a list that was split.
    responses: Tuple[Response, ...] = field(repr=False)


@dataclass(frozen=True)
class SearchContactGroupResult(Responses):
    """What `Client.search_contact_group` found."""

    #: The conversations that have a mark or a group; the service leaves the others out.
    entries: Tuple[ContactGroupEntry, ...]
    #: The user's groups, as far as the answers name them.
    groups: Tuple[ContactGroup, ...]
    #: The whole answers: one, or one for each part of a list that was split.
    responses: Tuple[Response, ...] = field(repr=False)


@dataclass(frozen=True)
class ContactGroupPage:
    """One page of a user's marks and groups, from `Client.get_contact_group`."""

    #: The conversations that have a mark or a group, in the order of the service.
    entries: Tuple[ContactGroupEntry, ...]
    #: The user's groups.
    groups: Tuple[ContactGroup, ...]
    #: Whether the service says that nothing follows.
    complete: bool
    #: What to ask the next page with. Often 0 when `complete`, which would begin anew.
    next_start_index: int
    #: The whole answer.
    response: Response = field(repr=False)


@lazily(CreateContactGroupResult)
def read_create(response: Response) -> CreateContactGroupResult:
    """From the answer of create_contact_group (1047/53437)."""
    made = next(iter(_members.objects(_members.answer(response), "GroupResultItem")), {})
    return CreateContactGroupResult(_group(_members.member(made, "GroupItem")), _results(made, "ResultItem"), response)


@lazily(UpdateContactGroupResult)
def read_update(response: Response) -> UpdateContactGroupResult:
    """From the answer of update_contact_group (1047/53439)."""
    changed = _members.member(_members.answer(response), "UpdateGroupResult")
    return UpdateContactGroupResult(
        group=_group(changed),
        old_group_name=_members.text(changed, "OldGroupName"),
        items=_results(changed, "ContactResultItem", "ContactOptType"),
        response=response,
    )


@lazily(DelContactGroupResult)
def read_delete(response: Response) -> DelContactGroupResult:
    """From the answer of del_contact_group (1047/53441)."""
    return DelContactGroupResult(_groups(_members.answer(response)), response)


@lazily(MarkContactResult)
def read_marks(response: Response) -> MarkContactResult:
    """From the answer of mark_contact (1047/53438)."""
    return MarkContactResult(_results(_members.answer(response), "ResultItem", "OptType"), (response,))


@lazily(SearchContactGroupResult)
def read_search(response: Response) -> SearchContactGroupResult:
    """From the answer of search_contact_group (1047/53442)."""
    answer = _members.answer(response)
    return SearchContactGroupResult(_entries(answer, "ContactResultItem"), _groups(answer), (response,))


@lazily(ContactGroupPage)
def read_page(response: Response) -> ContactGroupPage:
    """From the answer of get_contact_group (1047/53440)."""
    answer = _members.answer(response)
    return ContactGroupPage(
        entries=_entries(answer, "ContactItem"),
        groups=_groups(answer),
        complete=_members.integer(answer, "CompleteFlag") == 1,
        next_start_index=_members.integer(answer, "NextStartIndex"),
        response=response,
    )


def read_entry(item: Mapping[str, Any], names: Mapping[int, str]) -> ContactGroupEntry:
    """One conversation; `names` are those of the groups by number, from the page it stands in."""
    group_ids = _members.integers(item, "ContactGroupId")
    return ContactGroupEntry(
        contact=read_contact(item),
        standard_mark=_members.text(item, "StandardMark"),
        custom_mark=_members.text(item, "CustomMark"),
        group_ids=group_ids,
        group_names=tuple(names.get(number, "") for number in group_ids),
        timestamp=_members.integer(item, "Timestamp"),
    )


def read_names(answer: Mapping[str, Any]) -> Dict[int, str]:
    """The names of a user's groups by number."""
    return {group.id: group.name for group in _groups(answer)}


def _entries(answer: Mapping[str, Any], name: str) -> Tuple[ContactGroupEntry, ...]:
    names = read_names(answer)
    return tuple([read_entry(item, names) for item in _members.objects(answer, name)])


def _group(item: Mapping[str, Any]) -> ContactGroup:
    return ContactGroup(name=_members.text(item, "GroupName"), id=_members.integer(item, "GroupId"))


def _groups(answer: Mapping[str, Any]) -> Tuple[ContactGroup, ...]:
    return tuple([_group(item) for item in _members.objects(answer, "GroupItem")])


def _results(parent: Mapping[str, Any], name: str, opt_type: str = "") -> Tuple[ContactResult, ...]:
    return tuple(
        ContactResult(
            contact=read_contact(_members.member(item, "ContactItem")),
            result_code=_members.integer(item, "ResultCode"),
            result_info=_members.text(item, "ResultInfo"),
            opt_type=_members.integer(item, opt_type),
        )
        for item in _members.objects(parent, name)
    )
