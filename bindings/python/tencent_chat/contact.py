"""What the calls on conversations are given: `Contact` names a conversation, `Mark` says what to do to its marks. A mark
outside 0 to 63 is refused where it is written; the library checks the rest when the call is made.
"""

from __future__ import annotations

from typing import Any, Final, Iterable, Optional, Sequence

from . import _arguments
from ._members import Members
from ._values import Value, dataclass

__all__ = ["ASSIST_FLAGS", "GROUP_CHAT", "ONE_TO_ONE", "Contact", "Mark"]

#: `Contact.type` of a one-to-one conversation.
ONE_TO_ONE: Final = 1
#: `Contact.type` of a group chat.
GROUP_CHAT: Final = 2
#: What the vendor's page tells to send as AssistFlags: bit 0 pinned conversations are understood, bit 1 empty ones come too,
#: bit 2 pinned ones are paged; bits 3 to 5 are not documented (1047/43087).
ASSIST_FLAGS: Final = 63

# The vendor's pages spell a chat group's id in three ways (1047/53442, 1047/43087, 1047/43088).
_GROUP_ID = ("ToGroupId", "GroupId", "ToGroupid")

#: A standard mark is one of 64 bits (1047/53438).
_HIGHEST_MARK = 63


@dataclass(frozen=True)
class Contact(Value):
    """One conversation of a user: with another user, or a group chat. Make it by `one_to_one` or `group_chat`."""

    #: `ONE_TO_ONE` or `GROUP_CHAT`; in an answer whatever the service sent, 0 when it sent none.
    type: int
    #: The other user's UserID, or the chat group's id, such as ``@TGS#1B2AUI7RZ``.
    id: str

    @classmethod
    def one_to_one(cls, user_id: str) -> Contact:
        """The conversation with a user."""
        _arguments.text("user_id", user_id)
        return cls(ONE_TO_ONE, user_id)

    @classmethod
    def group_chat(cls, group_id: str) -> Contact:
        """The conversation of a chat group (which is no conversation group: those hold conversations)."""
        _arguments.text("group_id", group_id)
        return cls(GROUP_CHAT, group_id)


@dataclass(frozen=True)
class Mark(Value):
    """What `mark_contact` does to the marks of one conversation.

    A standard mark is the number of a bit, 0 to 63. Those under 32 belong to Chat itself (0 star, 1 unread, 2 fold, 3 hide:
    setting them changes what its SDKs show), 32 to 63 are the app's own.

    :param contact: the conversation.
    :param set_mark: the marks to set.
    :param clear_mark: the marks to clear; none that is also in `set_mark`.
    :param custom_mark: the custom mark, at most 256 bytes of UTF-8; "" clears it, None leaves it as it is.

    :raises InvalidArgumentError: a mark is not between 0 and 63.
    """

    contact: Contact
    set_mark: Sequence[int] = ()
    clear_mark: Sequence[int] = ()
    custom_mark: Optional[str] = None

    def __post_init__(self) -> None:
        for name in ("set_mark", "clear_mark"):
            # Frozen for callers; a list of theirs must not change this value later.
            object.__setattr__(self, name, tuple(_each_mark(name, getattr(self, name))))


def _each_mark(name: str, marks: Any) -> Iterable[int]:
    if marks is None:
        return
    if isinstance(marks, (str, bytes)) or not isinstance(marks, Iterable):
        raise _arguments.wrong_type(name, "an iterable of bit numbers", marks)
    for place, mark in enumerate(marks):
        if not isinstance(mark, int) or isinstance(mark, bool):
            raise _arguments.wrong_type(f"{name}[{place}]", "int", mark)
        if not 0 <= mark <= _HIGHEST_MARK:
            raise _arguments.refused(
                f"{name}[{place}]: {mark}; a mark is the number of a bit, from 0 to {_HIGHEST_MARK} (32, not 1 << 32)"
            )
        yield mark


def read_contact(item: Members) -> Contact:
    """The conversation that an item of an answer is about."""
    kind = item.integer("Type")
    spellings = ("To_Account",) if kind == ONE_TO_ONE else _GROUP_ID
    return Contact(kind, next(filter(None, (item.text(name) for name in spellings)), ""))
