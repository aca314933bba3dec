"""One call through C: options in, response out, signals heard on the way.
Promises that every handle made for a call is freed whatever happens, and that a Python signal handler runs while the call
waits: the exception it raises ends the call and comes out of it. Knows no endpoint.
"""

from __future__ import annotations

import contextlib
import ctypes
import threading
from typing import Any, Callable, Generator, Iterator, List, Optional, Sequence, Tuple, TypeVar

from . import _arguments, codes
from ._handle import Handle
from ._library import copy_text, library
from ._lists import lists_made
from ._signatures import INTERRUPT
from .cancel import CancelToken, checked
from .errors import PartialError, error_for
from .response import Response

#: timeout in seconds, random, cancel; None leaves each to the client.
Options = Tuple[Optional[float], Optional[int], Optional[CancelToken]]

Result = TypeVar("Result")


def run(
    handle: Handle,
    function: Callable[..., int],
    arguments: Sequence[object],
    options: Options,
    read: Callable[[Response], Result],
) -> Result:
    """Makes the call and returns what `read` makes of its response, or raises what it ended with."""
    response = ask(handle, function, arguments, options)
    if response.code == codes.OK:
        return read(response)
    error = error_for(response)
    if isinstance(error, PartialError):
        error.result = read(response)
    raise error


def ask(handle: Handle, function: Callable[..., int], arguments: Sequence[object], options: Options) -> Response:
    """Makes the call and returns its response, whatever it was. Lists among the arguments become the library's own."""
    raised: List[BaseException] = []
    with _options(options, raised) as made, lists_made(arguments) as given, handle as client:
        pointer = ctypes.c_void_p()
        try:
            code = function(client, *given, made, ctypes.byref(pointer))
            response = read_response(code, pointer)
        finally:
            library.chat_response_free(pointer)
    if raised:
        # A signal handler's exception, such as KeyboardInterrupt, is never traded for a result.
        raise raised.pop()
    return response


@contextlib.contextmanager
def _options(options: Options, raised: List[BaseException]) -> Iterator[Optional[int]]:
    """The `chat_call_options` of one call, or None where the client's own settings are enough."""
    timeout, random, cancel = options
    milliseconds = None if timeout is None else _arguments.milliseconds("timeout", timeout)
    random = None if random is None else _arguments.unsigned("random", random)
    cancel = checked(cancel)
    # Python runs its signal handlers on the main thread only.
    hears_signals = threading.current_thread() is threading.main_thread()
    if not hears_signals and milliseconds is None and random is None and cancel is None:
        yield None
        return
    made = library.chat_call_options_new()
    try:
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
        _trace=copy_text(library.chat_response_trace(pointer)),
    )
