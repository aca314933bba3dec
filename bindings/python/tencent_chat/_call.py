"""One call through C: options in, response out, signals heard on the way, a record for the client's logger.
Promises that every handle made for a call is freed whatever happens, and that a Python signal handler runs while the call
waits: the exception it raises ends the call and comes out of it. Knows no endpoint.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, Generator, Iterator, List, Mapping, Optional, Sequence, Tuple, TypeVar

from . import _arguments, _log, codes
from ._handle import Handle
from ._library import copy_text, library
from ._lists import lists_made
from ._log import Logger
from ._signatures import INTERRUPT
from .cancel import CancelToken, checked
from .errors import PartialError, error_class, error_for
from .response import Response

#: timeout in seconds, random, cancel; None leaves each to the client.
Options = Tuple[Optional[float], Optional[int], Optional[CancelToken]]

Result = TypeVar("Result")

#: Writes a logger's record of a response that took so many seconds.
Tell = Callable[[Logger, Response, float], None]

#: Setter behind ``chat_call_options_`` -> what prepares its value: what a client can be given for all calls made through it.
_DIFFERENCES: Dict[str, Tuple[str, Callable[[str, object], int]]] = {
    "attempt_timeout": ("set_attempt_timeout_ms", _arguments.milliseconds),
    "connect_timeout": ("set_connect_timeout_ms", _arguments.milliseconds),
    "max_attempts": ("set_max_attempts", _arguments.unsigned),
    "repeat_in_doubt": ("set_repeat_in_doubt", _arguments.flag),
}


@dataclass(frozen=True)
class Caller:
    """The client that a call is made with, and what its calls do differently from the client's settings."""

    handle: Handle
    differences: Mapping[str, int] = field(default_factory=dict)

    def with_differences(self, given: Mapping[str, object]) -> Caller:
        """The same client with more of them; None leaves one as it is. What the library refuses is told with its reason."""
        differences = dict(self.differences)
        for name, value in given.items():
            if value is not None:
                setter, prepare = _DIFFERENCES[name]
                differences[setter] = prepare(name, value)
        made = library.chat_call_options_new()
        try:
            for setter, prepared in differences.items():
                code = getattr(library, f"chat_call_options_{setter}")(made, prepared)
                if code != codes.OK:
                    raise error_class(code)(code, copy_text(library.chat_call_options_message(made)))
        finally:
            library.chat_call_options_free(made)
        return Caller(self.handle, differences)


def run(
    caller: Caller,
    function: Callable[..., int],
    arguments: Sequence[object],
    options: Options,
    read: Callable[[Response], Result],
) -> Result:
    """Makes the call and returns what `read` makes of its response, or raises what it ended with."""
    response = ask(caller, function, arguments, options, functools.partial(_tell, function, arguments))
    if response.code == codes.OK:
        return read(response)
    error = error_for(response)
    if isinstance(error, PartialError):
        error.result = read(response)
    raise error


def ask(caller: Caller, function: Callable[..., int], arguments: Sequence[object], options: Options, tell: Tell) -> Response:
    """Makes the call and returns its response, whatever it was. Lists among the arguments become the library's own.

    `tell` is called with the client's logger, if it has one, also when a signal handler's exception ends the call.
    """
    raised: List[BaseException] = []
    with _options(caller, options, raised) as made, lists_made(arguments) as given, caller.handle as client:
        begun = time.monotonic()
        pointer = ctypes.c_void_p()
        try:
            code = function(client, *given, made, ctypes.byref(pointer))
            response = read_response(code, pointer)
        finally:
            library.chat_response_free(pointer)
    logger = caller.handle.logger
    if logger is not None:
        tell(logger, response, time.monotonic() - begun)
    if raised:
        # A signal handler's exception, such as KeyboardInterrupt, is never traded for a result.
        raise raised.pop()
    return response


def _tell(
    function: Callable[..., int], arguments: Sequence[object], logger: Logger, response: Response, seconds: float
) -> None:
    """Under the method's name, or the path of a generic call that was sent; a path that was refused may be anything."""
    command = function.__name__[len("chat_") :]
    path = arguments[0]
    if command == "call" and response.attempts and isinstance(path, bytes):
        command = path.decode("utf-8")
    _log.tell(logger, command, response, seconds)


@contextlib.contextmanager
def _options(caller: Caller, options: Options, raised: List[BaseException]) -> Iterator[Optional[int]]:
    """The `chat_call_options` of one call, or None where the client's own settings are enough."""
    timeout, random, cancel = options
    milliseconds = None if timeout is None else _arguments.milliseconds("timeout", timeout)
    random = None if random is None else _arguments.unsigned("random", random)
    cancel = checked(cancel)
    # Python runs its signal handlers on the main thread only.
    hears_signals = threading.current_thread() is threading.main_thread()
    if not hears_signals and not caller.differences and milliseconds is None and random is None and cancel is None:
        yield None
        return
    made = library.chat_call_options_new()
    try:
        for setter, value in caller.differences.items():
            getattr(library, f"chat_call_options_{setter}")(made, value)
        # A refused value is remembered by the library, which then refuses the call with its reason.
        if milliseconds is not None:
            library.chat_call_options_set_timeout_ms(made, milliseconds)
        if random is not None:
            library.chat_call_options_set_random(made, random)
        if cancel is not None:
            library.chat_call_options_set_cancel(made, cancel._pointer)
        interrupt = _interrupt(raised) if hears_signals else None
        if interrupt is not None:
            library.chat_call_options_set_interrupt(made, interrupt, None)
        yield made
    finally:
        library.chat_call_options_free(made)


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


def read_response(code: int, pointer: Any) -> Response:
    """Copies everything out of a `chat_response`; the caller frees it."""
    length = ctypes.c_size_t()

    def text(accessor: Callable[..., int]) -> str:
        address = accessor(pointer, ctypes.byref(length))
        return ctypes.string_at(address, length.value).decode("utf-8", "replace")

    return Response(
        code=code,
        message=text(library.chat_response_message),
        http_status=library.chat_response_http_status(pointer),
        body=text(library.chat_response_body),
        attempts=library.chat_response_attempts(pointer),
        random=library.chat_response_random(pointer),
        is_retriable=bool(library.chat_response_is_retriable(pointer)),
        is_in_doubt=bool(library.chat_response_is_in_doubt(pointer)),
        retry_after=library.chat_response_retry_after_ms(pointer) / 1000,
        is_already_deleted=bool(library.chat_response_is_already_deleted(pointer)),
        _trace=copy_text(library.chat_response_trace(pointer)),
    )
