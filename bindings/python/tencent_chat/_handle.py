"""The pointer to a `chat_client` and the count of who is inside it.
Promises that the pointer is never used after it was freed, whatever thread or signal handler closes it and when, and that
a process made by fork() waits for no lock of its parent's. Knows nothing of what a call does.

The library itself refuses a client of the parent process. What stands here about fork() answers in its words, for the sake
of the locks of this file: a thread that the child does not have may hold one.
"""

from __future__ import annotations

import os
import threading
import weakref
from typing import Dict, Optional

from . import codes
from ._library import copy_text, library
from ._log import Logger
from .errors import ChatError, ForkedError, ShutdownError


class Handle:
    """Entered with `with` around each use of the pointer; `close` waits for those inside, the last one out frees."""

    def __init__(self, pointer: int) -> None:
        #: Who is told of the calls; the client's users may change it at any time.
        self.logger: Optional[Logger] = None
        self._pointer = pointer
        # Closed, or brought here by a fork(): new calls are refused.
        self._closed = self._forked = False
        self._inside: Dict[int, int] = {}
        # Re-entrant: a signal handler may close the client while its own thread stands in one of these methods.
        self._lock = threading.RLock()
        self._left = threading.Condition(self._lock)
        _handles.add(self)

    @property
    def is_closed(self) -> bool:
        """Whether new calls are refused because of `close` or a fork()."""
        return self._closed or self._forked

    def __enter__(self) -> int:
        thread = threading.get_ident()
        with self._lock:
            # Counted before the question: a signal handler between the two may close, and must find us or be found.
            self._inside[thread] = self._inside.get(thread, 0) + 1
            if not self.is_closed:
                return self._pointer
        self.__exit__()
        raise self._refusal()

    def __exit__(self, *_exception: object) -> None:
        thread = threading.get_ident()
        with self._lock:
            depth = self._inside.pop(thread, 1) - 1
            if depth > 0:
                self._inside[thread] = depth
            if self.is_closed:
                self._free_when_empty()

    def check(self) -> None:
        """Raises what a call would: ShutdownError when the client is closed, ForkedError when it was made before a fork()."""
        with self:
            pass

    def shutdown(self) -> None:
        """Ends the calls in progress and refuses new ones; the pointer stays."""
        with self._lock:
            if self._pointer:
                library.chat_client_shutdown(self._pointer)

    def close(self) -> None:
        """Ends the calls in progress, waits for them, and frees. Called from within one of them it does not wait for it."""
        with self._lock:
            self._closed = True
            self.shutdown()
            if threading.get_ident() not in self._inside:
                while self._inside:
                    self._left.wait()
            self._free_when_empty()

    def _refusal(self) -> ChatError:
        return forked() if self._forked else ShutdownError(codes.ERR_SHUTDOWN, "the client is closed: make a new one")

    def _free_when_empty(self) -> None:
        if not self._inside:
            pointer, self._pointer = self._pointer, 0
            library.chat_client_free(pointer)
            self._left.notify_all()

    def _let_go(self) -> None:
        """In the child of a fork(): the threads inside and the sockets are the parent's, so nothing is ended or freed."""
        self._pointer = 0
        self._forked = True
        self._inside = {}
        self._lock = threading.RLock()
        self._left = threading.Condition(self._lock)


def forked() -> ForkedError:
    """The error for a client that was made before a fork(), in the library's words."""
    return ForkedError(codes.ERR_FORKED, copy_text(library.chat_strerror(codes.ERR_FORKED)))


_handles: "weakref.WeakSet[Handle]" = weakref.WeakSet()


def _after_fork() -> None:
    for handle in list(_handles):
        handle._let_go()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
