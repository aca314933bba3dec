"""The members of an answer, read without trust: what is missing or of another type becomes "", 0 or nothing.
Promises never to raise, whatever the service sends, and to take a number given as a string. Knows no command.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Tuple

from .response import Response

# 64 bits and a sign have at most 20 characters. Python refuses to convert thousands of digits, with an exception.
_LONGEST_NUMBER = 20


def answer(response: Response) -> Dict[str, Any]:
    """The whole answer as an object; empty when it is none."""
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def member(parent: Mapping[str, Any], name: str) -> Dict[str, Any]:
    """A member that is an object."""
    value = parent.get(name)
    return value if isinstance(value, dict) else {}


def objects(parent: Mapping[str, Any], name: str) -> List[Dict[str, Any]]:
    """The objects of a member that is an array."""
    return [item for item in _array(parent, name) if isinstance(item, dict)]


def text(parent: Mapping[str, Any], name: str) -> str:
    """A member that is a string."""
    value = parent.get(name)
    return value if isinstance(value, str) else ""


def texts(parent: Mapping[str, Any], name: str) -> Tuple[str, ...]:
    """The strings of a member that is an array."""
    return tuple([item for item in _array(parent, name) if isinstance(item, str)])


def integer(parent: Mapping[str, Any], name: str) -> int:
    """A member that is an integer, or a string that spells one."""
    return _integer(parent.get(name))


def integers(parent: Mapping[str, Any], name: str) -> Tuple[int, ...]:
    """The integers of a member that is an array."""
    return tuple([_integer(item) for item in _array(parent, name)])


def _array(parent: Mapping[str, Any], name: str) -> Any:
    value = parent.get(name)
    return value if isinstance(value, list) else ()


def _integer(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and len(value) <= _LONGEST_NUMBER and value.isascii():
        digits = value[1:] if value.startswith("-") else value
        return int(value) if digits.isdigit() else 0
    return 0
