"""What the calls on a user's conversation list bring back (1047/43087), with the whole answer beside a page."""

from __future__ import annotations

from typing import Mapping, Tuple

from ._answers import reader
from ._members import Members
from ._values import Value, dataclass, field
from .contact import Contact, read_contact
from .response import Response

__all__ = ["RecentContactEntry", "RecentContactPage"]


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


def read_entry(item: Members, _names: Mapping[int, str]) -> RecentContactEntry:
    """One conversation. The list names no groups, so there are no names to look up."""
    return RecentContactEntry(
        contact=read_contact(item),
        msg_time=item.integer("MsgTime"),
        pinned=item.integer("TopFlag") == 1,
        standard_mark=item.text("StandardMark"),
        custom_mark=item.text("CustomMark"),
        group_ids=item.integers("ContactGroupId"),
    )


#: From the answer of get_list.
read_page = reader(
    RecentContactPage,
    {
        "entries": lambda answer: tuple([read_entry(item, {}) for item in answer.objects("SessionItem")]),
        "complete": lambda answer: answer.integer("CompleteFlag") == 1,
        "time_stamp": lambda answer: answer.integer("TimeStamp"),
        "start_index": lambda answer: answer.integer("StartIndex"),
        "top_time_stamp": lambda answer: answer.integer("TopTimeStamp"),
        "top_start_index": lambda answer: answer.integer("TopStartIndex"),
    },
)
