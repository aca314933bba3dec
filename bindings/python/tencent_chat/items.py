"""`Items`: goes through a list that the service gives page by page, one conversation at a time and each once. It ends
whatever the service answers, and frees the library's iteration when closed or dropped, also after an early `break`.
It is no generator function, because a generator is over once it raised: here a page that failed can be tried again.

No generator function, because a generator is over once it raised: here a page that failed can be tried again.
"""

from __future__ import annotations

import ctypes
import threading
from types import TracebackType
from typing import Callable, Dict, Generic, Iterator, Mapping, NoReturn, Optional, Type, TypeVar

from . import _call, _options, codes
from ._arguments import Duration
from ._library import Owned, copy_text, library, quick
from ._options import CancelToken, checked
from .errors import error_for
from .response import Answer, Members, Response, answer, outcome_at, read_response, response_of
from .results import read_names

__all__ = ["Items"]

T = TypeVar("T")

#: Makes an item of a JSON object and of the names of the user's groups by number.
Read = Callable[[Members, Mapping[int, str]], T]


class Items(Generic[T]):
    """An iterator over a user's conversations, from `Client.contact_group_items` or `Client.recent_contact_items`.

    Pages are asked for when they are needed, so each step may raise what a call raises. It then stays where it was:
    ``next(items)``, or another ``for`` over the same object, tries that page again. Threads that share one take turns.
    """

    def __init__(
        self,
        caller: _call.Caller,
        begin: Callable[..., int],
        from_account: bytes,
        read: Read[T],
        timeout: Optional[Duration],
        cancel: Optional[CancelToken],
    ) -> None:
        self._caller = caller
        self._command = begin.__name__[len("chat_") :]
        self._read = read
        self._timeout = timeout
        self._cancel = checked(cancel)
        # Of an iteration of the process before a fork() the library frees nothing.
        self._pointer = Owned(_begin(caller, begin, from_account), library.chat_items_free)
        self._page: Optional[Response] = None
        self._page_body = b""
        self._names: Dict[int, str] = {}
        self._told = ""
        self._complete = False
        self._closed = False
        # Re-entrant, so that a signal handler of the thread that is inside is told instead of waiting for itself.
        self._lock = threading.RLock()
        self._inside = False

    @property
    def complete(self) -> bool:
        """Whether it ended because the service said that nothing follows. False before the end, and when it ended because
        the service made no progress: an empty page, or one that it had given before.

        A complete answer is no proof of completeness: the plan's number of cloud conversations caps what comes.
        """
        return self._complete

    @property
    def page(self) -> Optional[Response]:
        """The whole answer that the last item came in; None before the first item."""
        return self._page

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        item = self._advance(timeout=self._timeout, cancel=self._cancel)
        if item is None:
            raise StopIteration
        return item

    def close(self) -> None:
        """Frees what the library holds for it; there are no more items then. Does not wait: a step that another thread is in
        goes on, and frees when it ends. Any number of times; dropping the iteration does the same.
        """
        self._closed = True
        if self._lock.acquire(blocking=False):
            try:
                if not self._inside:
                    self._pointer.free()
            finally:
                self._lock.release()

    def __enter__(self) -> Items[T]:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    def __reduce__(self) -> NoReturn:
        raise TypeError("an iteration belongs to one process and cannot be copied or pickled")

    def _advance(self, *, timeout: Optional[Duration], cancel: Optional[CancelToken]) -> Optional[T]:
        """The next item; None at the end."""
        # First, because after a fork() the lock may be held by a thread that does not exist here.
        self._caller.handle.check()
        try:
            with self._lock:
                if self._inside:
                    raise ValueError("the iteration is in use: a signal handler may not step the one that it interrupted")
                self._inside = True
                try:
                    return None if self._closed else self._step((timeout, None, cancel))
                finally:
                    self._inside = False
        finally:
            # Asked outside the lock: whoever closed it meanwhile found it taken and left the freeing to us.
            if self._closed:
                self.close()

    def _step(self, options: _options.Given) -> Optional[T]:
        # The client among the arguments is not wanted: the iteration knows its own.
        step = lambda _client, *rest: library.chat_items_next(self._pointer, *rest)
        code, told = _call.ask(self._caller, step, (), options, self._tell)
        response = response_of(told)
        if code == codes.END:
            self._complete = bool(library.chat_items_is_complete(self._pointer))
            return None
        if code != codes.OK:
            raise error_for(response)
        self._look_at_page()
        return self._read(answer(response), self._names)

    def _tell(self, response: Response, seconds: float) -> None:
        """A record of each page, not of each item: its trace, with the numbers that were drawn for it, is no other page's."""
        if response.code in (codes.OK, codes.END):
            page = library.chat_items_page(self._pointer)
            trace = copy_text(quick.chat_response_trace(page))
            if trace == self._told:
                return
            self._told = trace
            response = read_response(codes.OK, page)
        _call.report(self._caller.handle, self._command, response, seconds)

    def _look_at_page(self) -> None:
        """Keeps the page that the last item came in; parsed only when it is another one."""
        page = library.chat_items_page(self._pointer)
        outcome = outcome_at(page)
        body = ctypes.string_at(outcome.body, outcome.body_len)
        if self._page is None or body != self._page_body:
            self._page_body = body
            self._page = read_response(codes.OK, page)
            self._names = read_names(answer(self._page))


def _begin(caller: _call.Caller, begin: Callable[..., int], from_account: bytes) -> int:
    """The library's iteration. Sends nothing yet."""
    items, error = ctypes.c_void_p(), Answer()
    with caller.handle as client:
        code = begin(client, from_account, ctypes.byref(items), ctypes.byref(error))
    if code != codes.OK:
        raise error_for(read_response(code, error.value))
    return items.value or 0
