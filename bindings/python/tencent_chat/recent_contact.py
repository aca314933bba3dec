"""What the calls on a user's conversation list bring back, and how it is read from an answer (1047/43087).
Promises plain, immutable values from whatever the service sends, with the whole answer beside a page. Must not know how a
call is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Mapping, Tuple

from . import _members
from ._answers import lazily
from .contact import Contact, read_contact
from .response import Response

if TYPE_CHECKING:
    from dataclasses import dataclass, field
else:
    from ._values import dataclass, field

__all__ = ["RecentContactEntry", "RecentContactPage"]


@dataclass(frozen=True)
class RecentContactEntry:
    """One conversation of a user's list."""

    #: With whom.
    contact: Contact
    #: The conversation's time, in seconds since 1970.
    msg_time: int
    #: Whether the user pinned it to the top.
    pinned: bool
    #: The standard marks as the service sent them, "" when it sent none; see `ContactGroupEntry.standard_mark`.
    standard_mark: str
    #: "" when unset.
    custom_mark: str
    #: The conversation groups it is in, by their numbers; the list does not name them.
    group_ids: Tuple[int, ...]


@dataclass(frozen=True)
class RecentContactPage:
    """One page of a user's conversation list, from `Client.recent_contact_get_list`."""

    #: In no order that the service promises; pinned ones may come first or last.
    entries: Tuple[RecentContactEntry, ...]
    #: Whether the service says that nothing follows.
    complete: bool
    #: What to ask the next page with, and so are the other three. Numbers without a meaning of their own.
    time_stamp: int
    #: See `time_stamp`.
    start_index: int
    #: See `time_stamp`.
    top_time_stamp: int
    #: See `time_stamp`.
    top_start_index: int
    #: The whole answer.
    response: Response = field(repr=False)


@lazily(RecentContactPage)
def read_page(response: Response) -> RecentContactPage:
    """From the answer of get_list."""
    answer = _members.answer(response)
    return RecentContactPage(
        entries=tuple(read_entry(item, {}) for item in _members.objects(answer, "SessionItem")),
        complete=_members.integer(answer, "CompleteFlag") == 1,
        time_stamp=_members.integer(answer, "TimeStamp"),
        start_index=_members.integer(answer, "StartIndex"),
        top_time_stamp=_members.integer(answer, "TopTimeStamp"),
        top_start_index=_members.integer(answer, "TopStartIndex"),
        response=response,
    )


def read_entry(item: Mapping[str, Any], _names: Mapping[int, str]) -> RecentContactEntry:
    """One conversation. The list names no groups, so there are no names to look up."""
    return RecentContactEntry(
        contact=read_contact(item),
        msg_time=_members.integer(item, "MsgTime"),
        pinned=_members.integer(item, "TopFlag") == 1,
        standard_mark=_members.text(item, "StandardMark"),
        custom_mark=_members.text(item, "CustomMark"),
        group_ids=_members.integers(item, "ContactGroupId"),
    )
