"""What the calls are given: a `Contact` names a conversation, a `Mark` says what to do to its marks, an `Account` is a user to
import; and how a list of them becomes the library's own. A mark outside 0 to 63 is refused where it is written; the library
checks the rest when the call is made. A wrong item of a list is named by its place.
"""

from __future__ import annotations

import ctypes
from enum import IntEnum
from typing import Any, Final, Iterable, Iterator, List, Optional, Sequence, Tuple

from . import _arguments
from ._library import quick
from .response import Value, dataclass

__all__ = ["ASSIST_FLAGS", "GROUP_CHAT", "ONE_TO_ONE", "Account", "Contact", "Mark", "StandardMark"]

#: `Contact.type` of a one-to-one conversation.
ONE_TO_ONE: Final = 1
#: `Contact.type` of a group chat.
GROUP_CHAT: Final = 2
#: What the vendor's page tells to send as AssistFlags: bit 0 pinned conversations are understood, bit 1 empty ones come too,
#: bit 2 pinned ones are paged; bits 3 to 5 are not documented (1047/43087).
ASSIST_FLAGS: Final = 63

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


class StandardMark(IntEnum):
    """The marks that Chat's own SDKs know; an app's own are the numbers 32 to 63."""

    STAR = 0
    UNREAD = 1
    FOLD = 2
    HIDE = 3


@dataclass(frozen=True)
class Mark(Value):
    """What `mark_contact` does to the marks of one conversation.

    A standard mark is the number of a bit, 0 to 63. Those under 32 belong to Chat itself (see `StandardMark`: setting
    them changes what its SDKs show), 32 to 63 are the app's own.

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


@dataclass(frozen=True)
class Account(Value):
    """A user of the app. Nickname and picture matter to an import only; None leaves what the service has."""

    #: 1 to 32 bytes of UTF-8.
    user_id: str
    #: The nickname, at most 500 bytes.
    nick: Optional[str] = None
    #: The picture's URL, at most 500 bytes.
    face_url: Optional[str] = None


#: What one `chat_..._add` takes behind its list.
Row = Tuple[object, ...]

# What C's `int` holds: a type beyond it would be cut to another one.
_LOWEST_INT, _HIGHEST_INT = -(2**31), 2**31 - 1


class Rows:
    """A list of one kind, ready for the library: ``contacts``, ``marks`` or ``accounts``."""

    def __init__(self, kind: str, rows: Sequence[Row]) -> None:
        self._kind = kind
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def part(self, start: int, length: int) -> Rows:
        """Some of the items, as a list of their own."""
        return Rows(self._kind, self._rows[start : start + length])

    @property
    def has_refused(self) -> bool:
        """Whether the library refuses an item whatever its place."""
        made, add = Made(self._kind), getattr(quick, f"chat_{self._kind}_add")
        return any(add(made, *row) != 0 for row in self._rows)

    def made(self) -> Made:
        """The library's list. An item that it refuses is remembered there, and told by the call."""
        made = Made(self._kind)
        add = getattr(quick, f"chat_{self._kind}_add")
        for row in self._rows:
            add(made, *row)
        return made


class Made(ctypes.c_void_p):
    """A list of the library, freed when nobody holds it."""

    def __init__(self, kind: str) -> None:
        super().__init__(getattr(quick, f"chat_{kind}_new")())
        self._free = getattr(quick, f"chat_{kind}_free")

    def __del__(self) -> None:
        self._free(self)


def lists_made(arguments: Sequence[object]) -> List[object]:
    """A call's arguments with the library's lists in place of `Rows`."""
    return [value.made() if isinstance(value, Rows) else value for value in arguments]


def contacts_given(name: str, values: Iterable[Contact]) -> Rows:
    """Conversations."""
    return Rows("contacts", [conversation(place, contact) for place, contact in _each(name, values, Contact)])


def conversation(name: str, contact: object) -> Tuple[int, bytes]:
    """One conversation as type and id."""
    if not isinstance(contact, Contact):
        raise _arguments.wrong_type(name, "a Contact", contact)
    kind = _arguments.integer(f"{name}.type", contact.type, _LOWEST_INT, _HIGHEST_INT)
    return kind, _arguments.text(f"{name}.id", contact.id)


def marks_given(name: str, values: Iterable[Mark]) -> Rows:
    """What to do to the marks of conversations."""
    return Rows("marks", [_mark(place, mark) for place, mark in _each(name, values, Mark)])


def _mark(name: str, mark: Mark) -> Row:
    custom_mark = _arguments.optional_text(f"{name}.custom_mark", mark.custom_mark)
    return (*conversation(f"{name}.contact", mark.contact), _bits(mark.set_mark), _bits(mark.clear_mark), custom_mark)


def _bits(marks: Sequence[int]) -> int:
    bits = 0
    for mark in marks:
        bits |= 1 << mark
    return bits


def accounts_given(name: str, values: Iterable[Any]) -> Rows:
    """Accounts, each an `Account` or its UserID."""
    return Rows("accounts", [_account(place, account) for place, account in _each(name, values, (Account, str))])


def _account(name: str, account: Any) -> Row:
    if isinstance(account, str):
        account = Account(account)
    return (
        _arguments.text(f"{name}.user_id", account.user_id),
        _arguments.optional_text(f"{name}.nick", account.nick),
        _arguments.optional_text(f"{name}.face_url", account.face_url),
    )


def _each(name: str, values: Any, kinds: Any) -> Iterator[Tuple[str, Any]]:
    """The items with their places, such as ``contacts[3]``."""
    named = kinds if isinstance(kinds, tuple) else (kinds,)
    wanted = " or ".join(kind.__name__ for kind in named)
    # A string is iterable too, letter by letter: never what was meant.
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise _arguments.wrong_type(name, f"an iterable of {wanted}", values)
    items: List[Any] = list(values)
    for place, item in enumerate(items):
        if not isinstance(item, named):
            raise _arguments.wrong_type(f"{name}[{place}]", wanted, item)
        yield f"{name}[{place}]", item
