"""From a `chat_response` to a `Response`: its pointer, which frees it when nobody holds it, and the reading of its properties.
Promises that a success costs one small object until somebody looks at it, that its memory goes back as soon as it was read or
dropped, and that reading works in any thread and in a child of a fork(). Knows no endpoint and no client.
"""

from __future__ import annotations

import ctypes
from typing import Any, Callable

from . import codes
from ._library import copy_text, quick
from ._values import unread
from .response import Response


class Answer(ctypes.c_void_p):
    """Where a call writes the pointer to its response. Whoever holds this object may read it."""

    # Bound here, because the module's names may be gone when the interpreter ends.
    def __del__(self, free: Callable[[ctypes.c_void_p], None] = quick.chat_response_free) -> None:
        free(self)


def success(answer: Answer) -> Response:
    """The response of a call that ended with 0, read when it is first looked at."""
    return unread(Response, _read_success, answer)


def _read_success(answer: Answer) -> Response:
    return read_response(codes.OK, answer)


def read_response(code: int, pointer: Any) -> Response:
    """Copies everything out of a `chat_response`; who owns it frees it."""
    length = ctypes.c_size_t()

    def text(accessor: Callable[..., int]) -> str:
        address = accessor(pointer, ctypes.byref(length))
        return ctypes.string_at(address, length.value).decode("utf-8", "replace")

    return Response(
        code,
        text(quick.chat_response_message),
        quick.chat_response_http_status(pointer),
        text(quick.chat_response_body),
        quick.chat_response_attempts(pointer),
        quick.chat_response_random(pointer),
        bool(quick.chat_response_is_retriable(pointer)),
        bool(quick.chat_response_is_in_doubt(pointer)),
        quick.chat_response_retry_after_ms(pointer) / 1000,
        bool(quick.chat_response_is_already_deleted(pointer)),
        copy_text(quick.chat_response_trace(pointer)),
    )
