"""One call through C: arguments and options in, response out, a record for the client's logger; and a list that is too long for
one call, in parts. Every handle is freed whatever happens. The interpreter's lock is released once, while the call waits, and
an exception of a signal handler ends the call and comes out of it.
"""

from __future__ import annotations

import logging
import sys
import traceback
from ctypes import byref
from functools import partial
from threading import get_ident
from time import monotonic
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple, TypeVar

from . import _arguments, _options, codes
from ._answers import Answer, Told, read_response, response_of
from ._handle import Handle, Logger
from ._options import Given as Options
from ._options import done_with, options_for
from .contact import Rows, lists_made
from .errors import ChatError, PartialError, error_for
from .response import Response, Responses, names, unread

Result = TypeVar("Result")
Joined = TypeVar("Joined", bound=Responses)


def checked_logger(logger: object) -> Optional[Logger]:
    """The argument `logger`: something that logs, or None."""
    if logger is not None and not all(callable(getattr(logger, name, None)) for name in ("isEnabledFor", "log")):
        raise _arguments.wrong_type("logger", "a logging.Logger", logger)
    return logger  # type: ignore[return-value]


def write_record(logger: Logger, command: str, response: Response, seconds: float) -> None:
    """Writes the record of a call that took so long in all. The call has ended, so an error of the logger's is no error of the
    call: it is shown as `logging` shows the errors of its handlers.
    """
    try:
        _write_record(logger, command, response, seconds)
    except Exception:
        if logging.raiseExceptions and sys.stderr is not None:
            print(
                f"tencent_chat: the logger failed on the record of {command}; the call itself is not touched", file=sys.stderr
            )
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


#: Writes a logger's record of a response that took so many seconds.
Tell = Callable[[Logger, Response, float], None]


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

    `tell` is called with the client's logger, if it has one, also when a signal handler's exception ends the call.
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
    logger = handle.logger
    if logger is not None:
        (tell or partial(_tell, function, arguments))(logger, response_of(told), monotonic() - begun)
    if options is not None:
        done_with(options)
    return code, told


def _tell(
    function: Callable[..., int], arguments: Sequence[object], logger: Logger, response: Response, seconds: float
) -> None:
    """Under the method's name, or the path of a generic call that was sent; a path that was refused may be anything."""
    command = function.__name__[len("chat_") :]
    path = arguments[0]
    if command == "call" and response.attempts and isinstance(path, bytes):
        command = path.decode("utf-8")
    write_record(logger, command, response, seconds)


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
