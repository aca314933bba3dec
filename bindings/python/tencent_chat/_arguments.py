"""Checks a caller's arguments and makes them ready for C: text without NUL, numbers in range, seconds as milliseconds.
A wrong type is a TypeError, and an error names the argument but never shows a string's value, which may be a key. The rules
of the service are the library's.
"""

from __future__ import annotations

import math
import os
from datetime import timedelta
from typing import Any, Callable, List, Mapping, Optional, Tuple, Union

from . import codes
from ._signatures import ATTEMPT
from .errors import InvalidArgumentError, InvalidUtf8Error

#: A path as a caller may write it.
StrPath = Union[str, os.PathLike[str]]

#: A duration as a caller may write it: seconds, or a `datetime.timedelta`.
Duration = Union[float, timedelta]

#: What `uint32_t` holds.
LARGEST_U32 = 2**32 - 1


def text(name: str, value: object) -> bytes:
    """A string as NUL-terminated UTF-8 (ctypes adds the NUL)."""
    if not isinstance(value, str):
        raise wrong_type(name, "str", value)
    if "\0" in value:
        raise refused(f"{name}: holds a NUL character at index {value.index(chr(0))}; nothing behind it would be read")
    # Raised behind the `except`: UnicodeEncodeError carries the whole string, and would stay chained to ours.
    try:
        return value.encode()
    except UnicodeEncodeError as error:
        place = error.start
    raise InvalidUtf8Error(
        codes.ERR_INVALID_UTF8,
        f"{name}: holds a lone surrogate (U+{ord(value[place]):04X}) at index {place}, which is no character; "
        "it often comes from bytes decoded with the wrong encoding",
    )


def path(name: str, value: object) -> bytes:
    """A file's path."""
    if not isinstance(value, (str, os.PathLike)):
        raise wrong_type(name, "str or os.PathLike", value)
    return text(name, os.fspath(value))


def texts(name: str, value: object) -> Tuple[bytes, ...]:
    """A pair of strings."""
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise wrong_type(name, "a pair of str", value)
    return tuple(text(name, part) for part in value)


def labels(name: str, value: object) -> List[Tuple[object, object]]:
    """The pairs of a mapping, each for `texts`."""
    if not isinstance(value, Mapping):
        raise wrong_type(name, "a mapping of str to str", value)
    return list(value.items())


def paths(name: str, value: object) -> Tuple[bytes, ...]:
    """A pair of files' paths."""
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise wrong_type(name, "a pair of str or os.PathLike", value)
    return tuple(path(name, part) for part in value)


def hook(name: str, value: object) -> Tuple[Any, None]:
    """A function that is told of each attempt, as a function of C's. What it raises is told on stderr."""
    if not callable(value):
        raise wrong_type(name, "a function of a dict", value)
    told: Callable[[Any], object] = value

    def tell(attempt: bytes, _user: object) -> None:
        import json

        told(json.loads(attempt))

    return ATTEMPT(tell), None


def flag(name: str, value: object) -> int:
    """A bool as 0 or 1."""
    if not isinstance(value, bool):
        raise wrong_type(name, "bool", value)
    return int(value)


def optional_text(name: str, value: object) -> Optional[bytes]:
    """A string, or None, which C knows as NULL."""
    return None if value is None else text(name, value)


def integer(name: str, value: object, lowest: int, highest: int) -> int:
    """An integer within bounds; ctypes would cut one that its C type cannot hold without a word."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise wrong_type(name, "int", value)
    if not lowest <= value <= highest:
        raise refused(f"{name}: {value}; it lies between {lowest} and {highest}")
    return value


def unsigned(name: str, value: object) -> int:
    """An integer that fits `uint32_t`."""
    return integer(name, value, 0, LARGEST_U32)


def cursor(name: str, value: object) -> int:
    """An integer that fits `int64_t`: a place in a list, as the service gave it."""
    return integer(name, value, -(2**63), 2**63 - 1)


def milliseconds(name: str, seconds: object) -> int:
    """A duration as milliseconds, rounded up, so that a wait is never shorter than asked for."""
    if isinstance(seconds, timedelta):
        seconds = seconds.total_seconds()
    if not isinstance(seconds, (int, float)) or isinstance(seconds, bool):
        raise wrong_type(name, "a number of seconds or a timedelta", seconds)
    if not 0 < seconds <= LARGEST_U32 // 1000:
        raise refused(f"{name}: {seconds}; it is a number of seconds above 0 and at most {LARGEST_U32 // 1000}")
    return math.ceil(seconds * 1000)


def whole_seconds(name: str, value: object) -> int:
    """A duration as seconds that fit `uint32_t`, rounded up."""
    if isinstance(value, timedelta):
        value = math.ceil(value.total_seconds())
    return unsigned(name, value)


def json_text(name: str, body: object) -> bytes:
    """A JSON object as UTF-8."""
    import json

    if not isinstance(body, Mapping):
        raise wrong_type(name, "a mapping", body)
    text = json.dumps(_plain(body), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        place = error.start
    raise InvalidUtf8Error(
        codes.ERR_INVALID_UTF8,
        f"{name}: a string in it holds a lone surrogate (U+{ord(text[place]):04X}), which is no character",
    )


def _plain(body: Mapping[str, Any]) -> Any:
    return body if isinstance(body, dict) else dict(body)


def wrong_type(name: str, wanted: str, value: object) -> TypeError:
    """The error for a value of another type than wanted."""
    return TypeError(f"{name} must be {wanted}, not {type(value).__name__}")


def refused(message: str) -> InvalidArgumentError:
    """The error for a value that breaks a rule of this package's own."""
    return InvalidArgumentError(codes.ERR_INVALID_ARGUMENT, message)
