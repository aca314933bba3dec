"""Sends a list that is too long for one call in parts, in order, and joins the answers, where items do not depend on each
other. The failed items of all parts are raised once, at the end, with the joined result; an error on the way says how far
the list was done.
"""

from __future__ import annotations

from typing import Any, Callable, List, Optional, Sequence, Tuple, TypeVar

from . import _arguments, _call
from ._answers import Told
from ._lists import Rows
from ._values import names, unread
from .errors import ChatError, PartialError
from .response import Responses

Result = TypeVar("Result", bound=Responses)


def run(
    caller: _call.Caller,
    function: Callable[..., int],
    arguments: Tuple[object, ...],
    options: _call.Options,
    read: Callable[[Told], Result],
    split: object,
    longest: int,
) -> Result:
    """`_call.run` with the whole list, which is the last of the arguments, or, where the caller said ``split=True``, one
    call for each `longest` items of it.
    """
    *others, rows = arguments
    if not isinstance(rows, Rows):
        raise TypeError("the last argument of a call that can be split is its list")
    if not _arguments.flag("split", split) or len(rows) <= longest:
        return _call.run(caller, function, arguments, options, read)
    results: List[Result] = []
    partial: Optional[PartialError] = None
    for done in range(0, len(rows), longest):
        try:
            results.append(_call.run(caller, function, (*others, rows.part(done, longest)), options, read))
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


def joined(results: Sequence[Result]) -> Result:
    """One result of several: each member, a tuple in all of them, put together when it is looked at."""
    kind = type(results[0])
    return unread(kind, {name: _joining(name) for name in names(kind)}, results)


def _joining(name: str) -> Callable[[Sequence[Responses]], Tuple[Any, ...]]:
    def join(results: Sequence[Responses]) -> Tuple[Any, ...]:
        values = tuple([value for result in results for value in getattr(result, name)])
        # A user's groups come in every answer.
        return tuple(dict.fromkeys(values)) if name == "groups" else values

    return join
