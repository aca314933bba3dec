"""The cancel token: ends the calls that carry it, from any thread.
Promises that a triggered token ends calls in progress at once and later ones before they send anything. Knows no client.
"""

from __future__ import annotations

from typing import NoReturn

from ._library import free_with, library


class CancelToken:
    """Ends calls early. Give one token to any number of calls (``cancel=token``) and trigger it from any thread.

    The calls end with `CancelledError`. A token cannot be used again once triggered.
    """

    def __init__(self) -> None:
        self._pointer: int = library.chat_cancel_new()
        self._triggered = False
        free_with(self, library.chat_cancel_free, self._pointer)

    @property
    def triggered(self) -> bool:
        """Whether `trigger` was called."""
        return self._triggered

    def trigger(self) -> None:
        """Ends the calls that carry this token, now and later. Any thread, any number of times."""
        self._triggered = True
        library.chat_cancel_trigger(self._pointer)

    def __repr__(self) -> str:
        return f"<tencent_chat.CancelToken{' triggered' if self._triggered else ''}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a CancelToken belongs to one process and cannot be copied or pickled")
