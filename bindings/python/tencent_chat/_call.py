"""A client's handle, and one call through it: arguments and options in, response out, a record for the client's logger; and a
list that is too long for one call, in parts. Every handle is freed whatever happens. The interpreter's lock is released once, while the call waits, and
an exception of a signal handler ends the call and comes out of it.

The pointer to a `chat_client` is never used after it was freed, whichever thread or signal handler closes it, and a forked
process waits for no lock of its parent's. The library itself refuses a client of the parent process; what stands here about
fork() answers in its words, for the sake of the locks of this file: a thread that the child does not have may hold one.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import traceback
import weakref
from ctypes import byref
from functools import partial
from threading import get_ident
from time import monotonic
from typing import Any, Callable, Dict, List, Mapping, Optional, Protocol, Sequence, Tuple, TypeVar

from . import _arguments, _options, codes
from ._library import copy_text, library
from ._options import Given as Options
from ._options import done_with, options_for
from .contact import Rows, lists_made
from .errors import ChatError, ForkedError, PartialError, ShutdownError, error_for
from .response import Answer, Response, Responses, Told, names, read_response, response_of, unread


class Logger(Protocol):
    """What is needed of a `logging.Logger`."""

    def isEnabledFor(self, level: int) -> bool:
        """Whether a record of that level would go anywhere."""

    def log(self, level: int, msg: object, *args: object, extra: Optional[Mapping[str, object]] = None) -> None:
        """Writes a record."""


#: Told of a call that ended: its command, its response, and the seconds it took in all.
CallHook = Callable[[str, Response, float], object]


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
        self.call_hook: Optional[CallHook] = None
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


Result = TypeVar("Result")
Joined = TypeVar("Joined", bound=Responses)


def checked_logger(logger: object) -> Optional[Logger]:
    """The argument `logger`: something that logs, or None."""
    if logger is not None and not all(callable(getattr(logger, name, None)) for name in ("isEnabledFor", "log")):
        raise _arguments.wrong_type("logger", "a logging.Logger", logger)
    return logger  # type: ignore[return-value]


def checked_hook(hook: object) -> Optional[CallHook]:
    """The argument `call_hook`: a function, or None."""
    if hook is not None and not callable(hook):
        raise _arguments.wrong_type("call_hook", "a function of command, response and seconds", hook)
    return hook


def report(handle: Handle, command: str, response: Response, seconds: float) -> None:
    """Tells those who asked of a call that took so long in all. It has ended, so an error of theirs is no error of the call: it is
    shown as `logging` shows the errors of its handlers.
    """
    logger, hook = handle.logger, handle.call_hook
    if logger is not None:
        _tell("logger", partial(_write_record, logger), command, response, seconds)
    if hook is not None:
        _tell("call_hook", hook, command, response, seconds)


def _tell(name: str, told: CallHook, command: str, response: Response, seconds: float) -> None:
    try:
        told(command, response, seconds)
    except Exception:
        if logging.raiseExceptions and sys.stderr is not None:
            print(f"tencent_chat: the {name} failed on the record of {command}; the call itself is not touched", file=sys.stderr)
            traceback.print_exc()


def _write_record(logger: Logger, command: str, response: Response, seconds: float) -> None:
    level = logging.INFO if response.code == codes.OK else logging.WARNING
    if not logger.isEnabledFor(level):
        return
    milliseconds = round(seconds * 1000, 1)
    members = {
        "chat_command": command,
        "chat_code": response.code,
        "chat_ms": milliseconds,
        "chat_in_doubt": response.is_in_doubt,
        "chat_trace": response.trace,
    }
    message = "%s: code %d, %.1f ms, attempts %s"
    _write(logger, level, message, (command, response.code, milliseconds, response._trace), members)


def _write(logger: Logger, level: int, message: object, arguments: Tuple[object, ...], members: Mapping[str, object]) -> None:
    """With these members, also through an adapter, which puts its own in the place of those it is given."""
    more: Dict[str, Any] = {}
    while isinstance(logger, logging.LoggerAdapter) and type(logger).log is logging.LoggerAdapter.log:
        message, taken = logger.process(message, {**more, "extra": members})
        more = dict(taken)
        members = {**members, **(more.pop("extra", None) or {})}
        logger = logger.logger
    logger.log(level, message, *arguments, extra=members, **more)


#: Tells those who asked of a response that took so many seconds.
Tell = Callable[[Response, float], None]


class Caller:
    """The client that a call is made with, and what its calls do differently from the client's settings."""

    __slots__ = ("differences", "handle")

    def __init__(self, handle: Handle, differences: Mapping[str, int]) -> None:
        self.handle = handle
        self.differences = differences

    def with_differences(self, given: Mapping[str, object]) -> Caller:
        """The same client with more of them; None leaves one as it is. What the library refuses is told with its reason."""
        return Caller(self.handle, _options.with_differences(self.differences, given))


def run(
    caller: Caller,
    function: Callable[..., int],
    arguments: Sequence[object],
    given: Options,
    read: Callable[[Told], Result],
) -> Result:
    """Makes the call and returns what `read` makes of its answer, or raises what it ended with."""
    code, answer = ask(caller, function, arguments, given)
    if code == codes.OK:
        return read(answer)
    response = response_of(answer)
    error = error_for(response)
    if isinstance(error, PartialError):
        error.result = read(response)
    try:
        raise error
    finally:
        # An exception that its own traceback holds would live, with all its frames hold, until the collector comes.
        del error


def ask(
    caller: Caller,
    function: Callable[..., int],
    arguments: Sequence[object],
    given: Options,
    tell: Optional[Tell] = None,
) -> Tuple[int, Told]:
    """Makes the call and returns its code and its answer, read unless it is a success. Lists become the library's; where the
    arguments hold any, the last is one.

    `tell` is called if the client has a logger or a hook, also when a signal handler's exception ends the call.
    """
    handle = caller.handle
    options = options_for(caller.differences, given)
    handed = lists_made(arguments) if arguments and type(arguments[-1]) is Rows else arguments
    answer, inside, thread, begun = Answer(), handle.inside, get_ident(), monotonic()
    try:
        # First, and without a function of ours: a signal handler's exception comes before it or when it is undone below.
        inside.append(thread)
        if handle.is_closed:
            raise handle.refusal()
        code = function(handle.pointer, *handed, options, byref(answer))
        told = answer if code == codes.OK else read_response(code, answer.value)
    finally:
        inside.remove(thread)
        if handle.is_closed:
            handle.free_when_empty()
    if handle.logger is not None or handle.call_hook is not None:
        (tell or partial(_report, handle, function, arguments))(response_of(told), monotonic() - begun)
    if options is not None:
        done_with(options)
    return code, told


def _report(
    handle: Handle, function: Callable[..., int], arguments: Sequence[object], response: Response, seconds: float
) -> None:
    """Under the method's name, or the path of a generic call that was sent; a path that was refused may be anything."""
    command = function.__name__[len("chat_") :]
    path = arguments[0]
    if command == "call" and response.attempts and isinstance(path, bytes):
        command = path.decode("utf-8")
    report(handle, command, response, seconds)


def run_in_parts(
    caller: Caller,
    function: Callable[..., int],
    arguments: Tuple[object, ...],
    options: Options,
    read: Callable[[Told], Joined],
    split: object,
    longest: int,
) -> Joined:
    """`run` with the whole list, which is the last of the arguments, or, where the caller said ``split=True``, one
    call for each `longest` items of it.
    """
    *others, rows = arguments
    if not isinstance(rows, Rows):
        raise TypeError("the last argument of a call that can be split is its list")
    # A wrong item is told before anything is sent, with its place in the whole list.
    if not _arguments.flag("split", split) or len(rows) <= longest or rows.has_refused:
        return run(caller, function, arguments, options, read)
    results: List[Joined] = []
    partial: Optional[PartialError] = None
    for done in range(0, len(rows), longest):
        try:
            results.append(run(caller, function, (*others, rows.part(done, longest)), options, read))
        except PartialError as error:
            results.append(error.result)
            partial = partial or error
        except ChatError as error:
            raise _stopped(error, results, done, len(rows)) from None
    whole = joined(results)
    if partial is None:
        return whole
    raise PartialError(partial.code, partial.message, partial.response, result=whole, items_done=len(rows)) from None


def _stopped(error: ChatError, results: Sequence[Any], done: int, total: int) -> ChatError:
    if done:
        error.result = joined(results)
        error.items_done = done
        error.message += f"; of {total} items the first {done} were answered (see `result`), this call began with item {done}"
        error.args = (error.code, error.message)
    return error


def joined(results: Sequence[Joined]) -> Joined:
    """One result of several: each member, a tuple in all of them, put together when it is looked at."""
    kind = type(results[0])
    return unread(kind, {name: _joining(name) for name in names(kind)}, results)


def _joining(name: str) -> Callable[[Sequence[Responses]], Tuple[Any, ...]]:
    def join(results: Sequence[Responses]) -> Tuple[Any, ...]:
        values = tuple([value for result in results for value in getattr(result, name)])
        # A user's groups come in every answer.
        return tuple(dict.fromkeys(values)) if name == "groups" else values

    return join
