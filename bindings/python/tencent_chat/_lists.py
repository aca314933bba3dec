"""Turns the lists that calls take (conversations, marks, accounts) into the library's own, and frees those. Every item is
checked before anything is sent, and a wrong one is named by its index. The rules of the service are the library's.
"""

from __future__ import annotations

import ctypes
from typing import Any, Iterable, Iterator, List, Sequence, Tuple

from . import _arguments
from ._library import quick
from .account import Account
from .contact import Contact, Mark

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


def contacts(name: str, values: Iterable[Contact]) -> Rows:
    """Conversations."""
    return Rows("contacts", [conversation(place, contact) for place, contact in _each(name, values, Contact)])


def conversation(name: str, contact: object) -> Tuple[int, bytes]:
    """One conversation as type and id."""
    if not isinstance(contact, Contact):
        raise _arguments.wrong_type(name, "a Contact", contact)
    kind = _arguments.integer(f"{name}.type", contact.type, _LOWEST_INT, _HIGHEST_INT)
    return kind, _arguments.text(f"{name}.id", contact.id)


def marks(name: str, values: Iterable[Mark]) -> Rows:
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


def accounts(name: str, values: Iterable[Any]) -> Rows:
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
