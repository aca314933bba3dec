"""The pointer to a `chat_client` and the list of calls inside it. The pointer is never used after it was freed, whichever
thread or signal handler closes it, and a forked process waits for no lock of its parent's.

The library itself refuses a client of the parent process. What stands here about fork() answers in its words, for the sake
of the locks of this file: a thread that the child does not have may hold one.
"""

from __future__ import annotations

import os
import threading
import weakref
from typing import List, Mapping, Optional, Protocol

from . import codes
from ._library import copy_text, library
from .errors import ChatError, ForkedError, ShutdownError


class Logger(Protocol):
    """What is needed of a `logging.Logger`."""

    def isEnabledFor(self, level: int) -> bool:
        """Whether a record of that level would go anywhere."""

    def log(self, level: int, msg: object, *args: object, extra: Optional[Mapping[str, object]] = None) -> None:
        """Writes a record."""


class Handle:
    """Who uses the pointer stands in `inside` meanwhile: each enters its thread, then asks `is_closed`, and, last, takes the
    entry back and asks again. That takes no lock, for `close` does the same in the other order: it sets `is_closed`, then looks
    who is inside. `with` does it around a use; a call does it by itself, see `_call`.
    """

    def __init__(self, pointer: int, needed: object = None) -> None:
        #: What the `chat_client` uses: functions of the caller's.
        self._needed = needed
        #: Who is told of the calls; the client's users may change it at any time.
        self.logger: Optional[Logger] = None
        #: Of the `chat_client`; 0 once it was freed. For those inside.
        self.pointer = pointer
        #: The thread of each use; one that a signal handler interrupted may be in it again.
        self.inside: List[int] = []
        #: Whether new calls are refused because of `close` or a fork().
        self.is_closed = False
        self._forked = False
        # Re-entrant: a signal handler may close the client while its own thread stands in one of these methods.
        self._lock = threading.RLock()
        self._left = threading.Condition(self._lock)
        _handles.add(self)

    def __enter__(self) -> int:
        # Entered before the question: whoever closes between the two must find us or be found.
        self.inside.append(threading.get_ident())
        if not self.is_closed:
            return self.pointer
        self.__exit__()
        raise self.refusal()

    def __exit__(self, *_exception: object) -> None:
        thread = threading.get_ident()
        if thread in self.inside:
            self.inside.remove(thread)
        if self.is_closed:
            self.free_when_empty()

    def check(self) -> None:
        """Raises what a call would: ShutdownError when the client is closed, ForkedError when it was made before a fork()."""
        with self:
            pass

    def shutdown(self) -> None:
        """Ends the calls in progress and refuses new ones; the pointer stays."""
        with self._lock:
            if self.pointer:
                library.chat_client_shutdown(self.pointer)

    def drain(self, milliseconds: int) -> None:
        """Lets the calls in progress come to their end, for so long, refuses new ones, and then closes."""
        with self as pointer:
            library.chat_client_drain(pointer, milliseconds)
        self.close()

    def close(self) -> None:
        """Ends the calls in progress, waits for them, and frees. Called from within one of them it does not wait for it."""
        with self._lock:
            self.is_closed = True
            self.shutdown()
            if threading.get_ident() not in self.inside:
                while self.inside:
                    self._left.wait()
            self.free_when_empty()

    def refusal(self) -> ChatError:
        """Why a closed one is refused."""
        return forked() if self._forked else ShutdownError(codes.ERR_SHUTDOWN, "the client is closed: make a new one")

    def free_when_empty(self) -> None:
        """For whoever left one that is closed: the last one out frees it and tells `close`."""
        with self._lock:
            if not self.inside:
                pointer, self.pointer = self.pointer, 0
                library.chat_client_free(pointer)
                self._left.notify_all()

    def _let_go(self) -> None:
        """In the child of a fork(): the threads inside and the sockets are the parent's, so nothing is ended or freed."""
        self.pointer = 0
        self.is_closed = self._forked = True
        self.inside = []
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
