"""One call through C: arguments and options in, response out, a record for the client's logger. Every handle is freed
whatever happens. The interpreter's lock is released once, while the call waits, and an exception of a signal handler ends
the call and comes out of it.
"""

from __future__ import annotations

from ctypes import byref
from functools import partial
from threading import get_ident
from time import monotonic
from typing import Callable, Mapping, Optional, Sequence, Tuple, TypeVar

from . import _log, _options, codes
from ._answers import Answer, Told, read_response, response_of
from ._handle import Handle
from ._lists import Rows, lists_made
from ._log import Logger
from ._options import Given as Options
from ._options import done_with, options_for
from .errors import PartialError, error_for
from .response import Response

__all__ = ["Caller", "Options", "Tell", "ask", "read_response", "run"]

Result = TypeVar("Result")

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
        told = answer if code == codes.OK else read_response(code, answer)
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
    _log.tell(logger, command, response, seconds)
