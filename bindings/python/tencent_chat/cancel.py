"""The cancel token ends the calls that carry it, from any thread: those in progress at once, later ones before they send
anything.
"""

from __future__ import annotations

import contextlib
from typing import Iterator, NoReturn, Optional, Set

from ._library import Owned, library


class CancelToken:
    """Ends calls early. Give one token to any number of calls (``cancel=token``) and trigger it from any thread.

    The calls end with `CancelledError`. A token cannot be used again once triggered. In a child of a fork() the parent's token
    does nothing, and a call that carries it raises `ForkedError`.
    """

    _triggered = False

    def __init__(self) -> None:
        self._pointer = Owned(library.chat_cancel_new(), library.chat_cancel_free)
        self._followers: Set[CancelToken] = set()

    @property
    def triggered(self) -> bool:
        """Whether `trigger` was called."""
        return self._triggered

    def trigger(self) -> None:
        """Ends the calls that carry this token, now and later. Any thread, any number of times."""
        self._triggered = True
        library.chat_cancel_trigger(self._pointer)
        # A copy made in one step: other threads come and go.
        for follower in list(self._followers):
            follower.trigger()

    def __repr__(self) -> str:
        return f"<tencent_chat.CancelToken{' triggered' if self._triggered else ''}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a CancelToken belongs to one process and cannot be copied or pickled")


def checked(cancel: object) -> Optional[CancelToken]:
    """The argument `cancel`: a token, or None."""
    if cancel is not None and not isinstance(cancel, CancelToken):
        raise TypeError(f"cancel must be a CancelToken, not {type(cancel).__name__}")
    return cancel


@contextlib.contextmanager
def follower(cancel: Optional[CancelToken]) -> Iterator[CancelToken]:
    """A token for one call, which may be triggered alone, and which the caller's own token triggers too."""
    made = CancelToken()
    if cancel is None:
        yield made
        return
    cancel._followers.add(made)
    try:
        # Asked after it was added: a trigger on another thread either sees it there or is seen here.
        if cancel.triggered:
            made.trigger()
        yield made
    finally:
        cancel._followers.discard(made)
