"""Turns a `chat_response` into a `Response`. A success is read only when somebody looks at it, and its memory is freed with
it. Reading works in any thread and in a child of a fork().
"""

from __future__ import annotations

import ctypes
from typing import Any, Callable, Dict, Mapping, Optional, Type, TypeVar, Union

from . import codes
from ._library import copy_text, quick
from ._members import Members, answer
from ._values import Value, names, unread
from .response import Response

_T = TypeVar("_T", bound=Value)


class Answer(ctypes.c_void_p):
    """Where a call writes the pointer to its response. Whoever holds this object may read it."""

    # Bound here, because the module's names may be gone when the interpreter ends.
    def __del__(self, quick: Any = quick) -> None:
        quick.chat_response_free(self)


def _text(accessor: Callable[..., int], pointer: Any) -> str:
    length = ctypes.c_size_t()
    address = accessor(pointer, ctypes.byref(length))
    return ctypes.string_at(address, length.value).decode("utf-8", "replace")


def _json(pointer: Any) -> str:
    """The answer as JSON that every parser reads alike, where that is not the body itself."""
    body = quick.chat_response_body(pointer, None)
    return "" if quick.chat_response_json(pointer, None) == body else _text(quick.chat_response_json, pointer)


#: How each field of a `Response` is read from a `chat_response`, but for its code, which the call itself returns.
_READERS: Dict[str, Callable[[Any], object]] = {
    "message": lambda pointer: _text(quick.chat_response_message, pointer),
    "http_status": lambda pointer: quick.chat_response_http_status(pointer),
    "body": lambda pointer: _text(quick.chat_response_body, pointer),
    "attempts": lambda pointer: quick.chat_response_attempts(pointer),
    "random": lambda pointer: quick.chat_response_random(pointer),
    "is_retriable": lambda pointer: bool(quick.chat_response_is_retriable(pointer)),
    "is_in_doubt": lambda pointer: bool(quick.chat_response_is_in_doubt(pointer)),
    "retry_after": lambda pointer: quick.chat_response_retry_after_ms(pointer) / 1000,
    "is_already_deleted": lambda pointer: bool(quick.chat_response_is_already_deleted(pointer)),
    "_json": _json,
    "_trace": lambda pointer: copy_text(quick.chat_response_trace(pointer)),
}
_READERS_OF_SUCCESS: Dict[str, Callable[[Any], object]] = {"code": lambda _pointer: codes.OK, **_READERS}


#: What a call brings: its answer as it is after a success, read after anything else.
Told = Union[Answer, Response]


def response_of(told: Told) -> Response:
    """The response of a call that ended with 0: each field is read when it is looked at. One that was read stays itself."""
    return unread(Response, _READERS_OF_SUCCESS, told) if isinstance(told, Answer) else told


class _Source:
    """What the fields of a result are read from, made when the first is looked at."""

    __slots__ = ("_members", "_response", "_told")

    def __init__(self, told: Told) -> None:
        self._told = told
        self._response: Optional[Response] = None
        self._members: Optional[Members] = None

    @property
    def response(self) -> Response:
        if self._response is None:
            self._response = response_of(self._told)
        return self._response

    @property
    def members(self) -> Members:
        if self._members is None:
            self._members = answer(self.response)
        return self._members


def reader(kind: Type[_T], fields: Mapping[str, Callable[[Members], object]]) -> Callable[[Told], _T]:
    """Makes results of answers, each field by a function of the answer's members; the answer itself is in the last field."""
    readers: Dict[str, Callable[[_Source], object]] = {name: _of_members(read) for name, read in fields.items()}
    (whole,) = set(names(kind)) - set(fields)
    in_parts = whole == "responses"
    readers[whole] = lambda source: (source.response,) if in_parts else source.response
    return lambda told: unread(kind, readers, _Source(told))


def _of_members(read: Callable[[Members], object]) -> Callable[[_Source], object]:
    return lambda source: read(source.members)


def read_response(code: int, pointer: Any) -> Response:
    """Copies everything out of a `chat_response`; who owns it frees it."""
    members: Dict[str, Any] = {name: read(pointer) for name, read in _READERS.items()}
    return Response(code=code, **members)
