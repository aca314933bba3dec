"""What one call is told: the token that ends it early, its `chat_call_options`, and, on the main thread, how it hears signals:
the handler runs while the call waits, and an exception that it raises is kept for the call.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import threading
from threading import get_ident
from typing import Any, Callable, Dict, Generator, Iterator, List, Mapping, NoReturn, Optional, Set, Tuple

from . import _arguments, codes
from ._arguments import Duration
from ._library import Owned, copy_text, library, quick
from ._signatures import INTERRUPT
from .errors import error_class


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


#: timeout in seconds, random, cancel; None leaves each to the client.
Given = Tuple[Optional[Duration], Optional[int], Optional[CancelToken]]

#: Setter behind ``chat_call_options_`` -> what prepares its value: what a client can be given for all calls made through it.
_DIFFERENCES: Dict[str, Tuple[str, Callable[[str, object], int]]] = {
    "attempt_timeout": ("set_attempt_timeout_ms", _arguments.milliseconds),
    "connect_timeout": ("set_connect_timeout_ms", _arguments.milliseconds),
    "max_attempts": ("set_max_attempts", _arguments.unsigned),
    "repeat_in_doubt": ("set_repeat_in_doubt", _arguments.flag),
}

_NOTHING_GIVEN: Given = (None, None, None)


class Options(ctypes.c_void_p):
    """A `chat_call_options`, freed when nobody holds it."""

    def __init__(self, hears_signals: bool, is_idle_again: bool = False) -> None:
        super().__init__(quick.chat_call_options_new())
        #: What signal handlers raised while a call with these options waited.
        self.raised: List[BaseException] = []
        #: Whether another call may use them after this one.
        self.is_idle_again = is_idle_again
        if hears_signals:
            self._interrupt = _interrupt(self.raised)
            quick.chat_call_options_set_interrupt(self, self._interrupt, None)

    # Bound here, because the module's names may be gone when the interpreter ends.
    def __del__(self, quick: Any = quick) -> None:
        quick.chat_call_options_free(self)


#: Options that do nothing but hear signals, which no call uses now: one, but for handlers that make calls of their own.
_idle: List[Options] = []

#: Python runs its signal handlers on the main thread only.
_main_thread = threading.main_thread().ident


def _after_fork() -> None:
    global _main_thread
    _main_thread = get_ident()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def options_for(differences: Mapping[str, int], given: Given) -> Optional[Options]:
    """The options of one call, or None where the client's own settings are enough. To be given to `done_with` afterwards."""
    hears_signals = get_ident() == _main_thread
    if not differences and given == _NOTHING_GIVEN:
        if not hears_signals:
            return None
        return _idle.pop() if _idle else Options(hears_signals, is_idle_again=True)
    timeout, random, cancel = given
    milliseconds = None if timeout is None else _arguments.milliseconds("timeout", timeout)
    random = None if random is None else _arguments.unsigned("random", random)
    cancel = checked(cancel)
    made = Options(hears_signals)
    for setter, value in differences.items():
        getattr(quick, f"chat_call_options_{setter}")(made, value)
    # A refused value is remembered by the library, which then refuses the call with its reason.
    if milliseconds is not None:
        quick.chat_call_options_set_timeout_ms(made, milliseconds)
    if random is not None:
        quick.chat_call_options_set_random(made, random)
    if cancel is not None:
        quick.chat_call_options_set_cancel(made, cancel._pointer)
    return made


def done_with(options: Options) -> None:
    """After the call. Raises what a signal handler raised meanwhile: that is never traded for a result."""
    if options.raised:
        raise options.raised.pop()
    if options.is_idle_again:
        _idle.append(options)


def _interrupt(raised: List[BaseException]) -> Any:
    """A C callback that lets Python run its signal handlers and answers 1 once one of them raised.

    A generator's `send`, not a function: a pending handler runs at the first instruction of whatever Python code is
    entered next. In a function that is before any `try` (since Python 3.11), where ctypes would print the exception and
    forget it; a generator is resumed inside its `try`.
    """
    poll = _poll(raised)
    next(poll)
    return INTERRUPT(poll.send)


def _poll(raised: List[BaseException]) -> Generator[int, object, None]:
    try:
        while True:
            yield 0
    except GeneratorExit:
        return
    except BaseException as error:
        raised.append(error)
    while True:
        yield 1


def with_differences(before: Mapping[str, int], given: Mapping[str, object]) -> Dict[str, int]:
    """More of what calls do differently; None leaves one as it is. What the library refuses is told with its reason."""
    differences = dict(before)
    for name, value in given.items():
        if value is not None:
            setter, prepare = _DIFFERENCES[name]
            differences[setter] = prepare(name, value)
    made = Options(hears_signals=False)
    for setter, prepared in differences.items():
        code = getattr(quick, f"chat_call_options_{setter}")(made, prepared)
        if code != codes.OK:
            raise error_class(code)(code, copy_text(quick.chat_call_options_message(made)))
    return differences
