"""The members of an answer: what is missing or null is "", 0 or nothing, and what is of another type than the vendor
documents is an error that names the member. A number may come as a string that spells it. Knows no command.
"""

from __future__ import annotations

import re
from typing import Any, Dict, List, Mapping, NoReturn, Optional, Tuple

from . import codes
from .errors import ProtocolError
from .response import Response

#: What an integer may be spelled as in a string; longer ones hold no 64 bits.
_SPELLED = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?", re.ASCII)


class Members:
    """An object of an answer, and its place in it as a JSON Pointer."""

    __slots__ = ("_members", "_place", "_response")

    def __init__(self, response: Response, members: Mapping[str, Any], place: str = "") -> None:
        self._response = response
        self._members = members
        self._place = place

    def text(self, name: str) -> str:
        """A member that is a text."""
        value = self._members.get(name)
        if isinstance(value, str):
            return value
        return "" if value is None else self._refuse(name, "text")

    def texts(self, name: str) -> Tuple[str, ...]:
        """The texts of a member that is a list."""
        items = self._list(name)
        for place, item in enumerate(items):
            if not isinstance(item, str) and item is not None:
                self._refuse(f"{name}/{place}", "text")
        return tuple([item for item in items if item is not None])

    def integer(self, name: str) -> int:
        """A member that is an integer."""
        value = self._members.get(name)
        if value is None:
            return 0
        number = _whole(value)
        return number if number is not None else self._refuse(name, "integer")

    def integers(self, name: str) -> Tuple[int, ...]:
        """The integers of a member that is a list."""
        numbers = []
        for place, item in enumerate(self._list(name)):
            number = _whole(item)
            if number is not None:
                numbers.append(number)
            elif item is not None:
                self._refuse(f"{name}/{place}", "integer")
        return tuple(numbers)

    def member(self, name: str) -> Members:
        """A member that is an object."""
        value = self._members.get(name)
        # Some gateways spell an object without members as an empty list.
        if value is None or value == []:
            value = {}
        if not isinstance(value, dict):
            self._refuse(name, "object")
        return Members(self._response, value, f"{self._place}/{name}")

    def objects(self, name: str) -> List[Members]:
        """The objects of a member that is a list."""
        found = []
        for place, item in enumerate(self._list(name)):
            if not isinstance(item, dict):
                self._refuse(f"{name}/{place}", "object")
            found.append(Members(self._response, item, f"{self._place}/{name}/{place}"))
        return found

    def _list(self, name: str) -> List[Any]:
        value = self._members.get(name)
        if isinstance(value, list):
            return value
        return [] if value is None else self._refuse(name, "list")

    def _refuse(self, place: str, wanted: str) -> NoReturn:
        message = f"{self._place}/{place} of the answer is no {wanted}; what else it holds can be read"
        raise ProtocolError(codes.ERR_PROTOCOL, message, self._response)


def answer(response: Response) -> Members:
    """The whole answer as an object; empty when it is none."""
    try:
        body = response.json()
    except ValueError:
        body = {}
    members: Dict[str, Any] = body if isinstance(body, dict) else {}
    return Members(response, members)


def _whole(value: Any) -> Optional[int]:
    """The integer that a JSON value means, however it is written."""
    if isinstance(value, str) and _SPELLED.fullmatch(value):
        # Most answers have none; importing this takes longer than reading them.
        from decimal import Decimal

        value = Decimal(value)
        value = int(value) if value == value.to_integral_value() else None
    elif isinstance(value, float):
        value = int(value) if value.is_integer() else None
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and -(2**63) <= value < 2**63 else None
