"""The `chat_call_options` of a call, and, on the main thread, how the call hears signals: the handler runs while the call
waits, and an exception that it raises is kept for the call.
"""

from __future__ import annotations

import ctypes
import os
import threading
from threading import get_ident
from typing import Any, Callable, Dict, Generator, List, Mapping, Optional, Tuple

from . import _arguments, codes
from ._arguments import Duration
from ._library import copy_text, quick
from ._signatures import INTERRUPT
from .cancel import CancelToken, checked
from .errors import error_class

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
