"""One group of very many users: what `Client.del_contact_groups` tells, and the threads that it works on. Each item taken is
counted and told once whatever ends the run, no more items are held than there are threads, and a run ends that cannot succeed.

The caller's thread alone goes through the iterable, and may meet a signal handler's exception at any place. So it takes no
lock, and whatever must not be done by halves it does within one function of C, in which no handler runs.
"""

from __future__ import annotations

import contextvars
import os
import threading
import time
from _thread import start_new_thread
from itertools import islice, repeat
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterable, List, Mapping, Optional, Protocol, Tuple, Union

from . import _arguments, _call, codes
from ._arguments import Duration
from ._options import CancelToken, checked, follower
from .errors import (
    AccountNotImportedError,
    CallTimeoutError,
    CancelledError,
    ChatError,
    ForkedError,
    GroupNotFoundError,
    PartialError,
    RateExceededError,
    ThrottledError,
)
from .response import Response, Value, dataclass, field

#: What may become of an item: the counts that a `BulkResult` begins with.
OUTCOMES = ("deleted", "already_deleted", "missing", "unknown", "failed", "in_doubt", "not_done")


class ProgressBar(Protocol):
    """What `progress` may be: tqdm's bars and many others have this."""

    def update(self, n: int, /) -> object:
        """So many items more have ended."""


@dataclass(frozen=True)
class BulkItem(Value):
    """What became of one item, given to ``on_result``."""

    #: Its place in the iterable, from 0.
    number: int
    #: As the iterable gave it.
    item: Any
    #: The name of the count in `BulkResult` that it is in: ``deleted``, ``already_deleted``, ``missing``, ``unknown``,
    #: ``failed``, ``in_doubt`` or ``not_done``.
    outcome: str
    #: Why it was not deleted; None when it was, and of an item that was never sent.
    error: Optional[ChatError] = None
    #: The last answer, as for its `random`; None when there was none.
    response: Optional[Response] = field(default=None, repr=False)
    #: Requests, repeats included.
    attempts: int = 0


@dataclass(frozen=True)
class BulkResult(Value):
    """What `Client.del_contact_groups` did, up to now or in all."""

    #: Groups that were deleted.
    deleted: int = 0
    #: Those whose first answer was lost, and whose repeat found no such group.
    already_deleted: int = 0
    #: The user has no such group (51009); with ``missing="fail"`` these are `failed`.
    missing: int = 0
    #: Chat does not know the user (50001).
    unknown: int = 0
    #: Refused, or not sent in time; the group is still there.
    failed: int = 0
    #: No answer came, and the group may be deleted or not: another run over the same items finds out.
    in_doubt: int = 0
    #: Taken from the iterable and not deleted, because the run ended.
    not_done: int = 0
    #: Requests, repeats included.
    attempts: int = 0
    #: Code -> how many of the items that are `failed` or `in_doubt`.
    failed_by_code: Mapping[int, int] = field(default_factory=dict)
    #: The first 100 of those items, in the order in which they ended. ``on_result`` is told of all.
    failures: Tuple[BulkItem, ...] = field(default=(), repr=False)

    @staticmethod
    def of(stopped: BaseException) -> BulkResult:
        """The result so far that an exception out of a run has as its attribute ``result``, which type checkers know of
        `ChatError` only.

        :raises TypeError: it did not come out of a run.
        """
        result = getattr(stopped, "result", None)
        if not isinstance(result, BulkResult):
            raise TypeError(f"this {type(stopped).__name__} did not come out of a run of del_contact_groups")
        return result

    @property
    def taken(self) -> int:
        """How many items came from the iterable: the sum of the first seven counts."""
        ended = self.deleted + self.already_deleted + self.missing + self.unknown
        return ended + self.failed + self.in_doubt + self.not_done


if TYPE_CHECKING:
    from .client import Client

#: How often an item is tried again that waited in vain for its turn, or that the service throttled in spite of the client's own
#: repeats, each of which slows the client down.
_THROTTLED_ROUNDS = 5
#: Failures that a result holds.
_MOST_FAILURES = 100
#: Seconds: a pause below the first would spin; the second is how soon the end of a run is noticed in one.
_SHORTEST_PAUSE, _GLANCE = 0.01, 0.05


def run(
    client: Client,
    items: Iterable[Any],
    group_name: Optional[str],
    *,
    workers: int,
    missing: str,
    max_failures: Optional[int],
    progress: Union[ProgressBar, Callable[[BulkResult], object], None],
    on_result: Optional[Callable[[BulkItem], object]],
    timeout: Optional[Duration],
    cancel: Optional[CancelToken],
) -> BulkResult:
    """The whole of it, with its arguments as the caller gave them."""
    # A string is iterable too, letter by letter: never what was meant.
    if isinstance(items, (str, bytes)) or not isinstance(items, Iterable):
        raise _arguments.wrong_type("items", "an iterable of UserIDs, or of pairs of UserID and group name", items)
    if group_name is not None:
        _arguments.text("group_name", group_name)
    workers = _arguments.integer("workers", workers, 1, _arguments.LARGEST_U32)
    if missing not in ("ok", "fail"):
        raise _arguments.refused(f"missing: {missing!r}; it is 'ok' or 'fail'")
    if max_failures is not None:
        _arguments.integer("max_failures", max_failures, 1, _arguments.LARGEST_U32)
    if timeout is not None:
        _arguments.milliseconds("timeout", timeout)
    if not (progress is None or callable(getattr(progress, "update", progress))):
        raise _arguments.wrong_type("progress", "a bar with update(), or a function of a BulkResult", progress)
    if not (on_result is None or callable(on_result)):
        raise _arguments.wrong_type("on_result", "a function of a BulkItem", on_result)
    client._handle.check()
    with follower(checked(cancel)) as token:
        counts = _Counts(missing == "fail", max_failures, progress, on_result)

        def delete(user: str, group: str) -> Any:
            return client.del_contact_group(user, group, timeout=timeout, cancel=token)

        is_over = lambda: counts.is_stopping or token.triggered or client._handle.is_closed  # noqa: E731
        return _Pool(counts, lambda n, item: _perform(delete, *_named(n, item, group_name), is_over), token).go(
            items, min(workers, client._connections)
        )


class _Ending:
    """How the calls for one item ended; as it is made, that of an item that was never sent."""

    outcome = "not_done"
    error: Optional[ChatError] = None
    response: Any = None
    attempts = 0


def _named(number: int, item: Any, group_name: Optional[str]) -> Tuple[str, str]:
    """UserID and group name."""
    if isinstance(item, str):
        if group_name is None:
            raise TypeError(f"items[{number}] is a UserID without a group: give group_name, or pairs")
        return item, group_name
    if isinstance(item, (tuple, list)) and len(item) == 2 and all(isinstance(part, str) for part in item):
        return item[0], item[1]
    raise _arguments.wrong_type(f"items[{number}]", "a UserID, or a pair of UserID and group name", item)


def _perform(delete: Callable[[str, str], Any], user: str, group: str, is_over: Callable[[], bool]) -> _Ending:
    """Makes the call, again and again while only the rate is in its way."""
    ending, rounds = _Ending(), 0
    while not is_over():
        try:
            result = delete(user, group)
            ending.response, ending.error = result.response, None
            ending.outcome = "already_deleted" if result.already_deleted else "deleted"
        except ChatError as error:
            # Kept for the caller, who has no use for the frames that its traceback keeps.
            ending.response, ending.error = error.response, error.with_traceback(None)
        ending.attempts += ending.response.attempts if ending.response is not None else 0
        if ending.error is None or not _is_throttle(ending.error) or rounds == _THROTTLED_ROUNDS:
            break
        # By the client's own rate limit nothing was sent, and there will be a turn.
        rounds += not isinstance(ending.error, ThrottledError)
        end = time.monotonic() + max(ending.error.retry_after, _SHORTEST_PAUSE)
        while not is_over() and time.monotonic() < end:
            time.sleep(min(_GLANCE, max(0.0, end - time.monotonic())))
    return ending


def _is_throttle(error: ChatError) -> bool:
    """Too many calls; or the time was over before there was a turn, or a place among `max_connections`."""
    if isinstance(error, CallTimeoutError):
        return error.response is not None and error.response.attempts == 0
    return isinstance(error, (RateExceededError, ThrottledError))


class _Counts:
    """What became of the items, and whether the run goes on. Any thread of the pool; the caller's own once those ended."""

    def __init__(self, missing_fails: bool, max_failures: Optional[int], progress: Any, on_result: Any) -> None:
        #: Nothing more is begun.
        self.is_stopping = False
        #: The failure of an item that stopped it; the first one stands.
        self.refused: Optional[ChatError] = None
        #: What else stopped it: an item of a wrong type, or what a function of the caller's raised.
        self.broken: Optional[BaseException] = None
        self._missing_fails = missing_fails
        self._max_failures = max_failures
        self._progress = progress
        self._on_result = on_result
        self._lock = threading.Lock()
        self._counts: Dict[str, int] = {}
        self._by_code: Dict[int, int] = {}
        self._failures: List[BulkItem] = []
        self._attempts = 0

    def stop(self, *, broken: Optional[BaseException] = None, refused: Optional[ChatError] = None) -> None:
        self.broken = self.broken or broken
        self.refused = self.refused or refused
        self.is_stopping = True

    def enter(self, number: int, item: Any, ending: _Ending) -> None:
        """Counts an item that ended, stops the run if it says so, and tells of it."""
        with self._lock:
            outcome = self._outcome(ending)
            ended = BulkItem(number, item, outcome, ending.error, ending.response, ending.attempts)
            self._counts[outcome] = self._counts.get(outcome, 0) + 1
            self._attempts += ending.attempts
            if ending.error is not None and outcome in ("failed", "in_doubt"):
                self._failed(ended, ending.error)
            try:
                self._tell(ended)
            except BaseException as error:
                self.stop(broken=error)

    def _tell(self, ended: BulkItem) -> None:
        try:
            if self._on_result is not None:
                self._on_result(ended)
        finally:
            if hasattr(self._progress, "update"):
                self._progress.update(1)
            elif self._progress is not None:
                self._progress(self.result())

    def _outcome(self, ending: _Ending) -> str:
        error = ending.error
        if error is None:
            return ending.outcome
        if isinstance(error, GroupNotFoundError) and not self._missing_fails:
            return "missing"
        if isinstance(error, AccountNotImportedError):
            return "unknown"
        # A broken handshake says so of every call only while nothing has worked yet.
        has_worked = any(name in self._counts for name in ("deleted", "already_deleted", "missing", "unknown"))
        ends = isinstance(error, CancelledError) or error.is_fatal and not (error.code == codes.ERR_TLS and has_worked)
        if ends:
            self.stop(refused=error)
        if error.is_in_doubt:
            return "in_doubt"
        return "not_done" if ends or isinstance(error, ThrottledError) else "failed"

    def _failed(self, ended: BulkItem, error: ChatError) -> None:
        self._by_code[error.code] = self._by_code.get(error.code, 0) + 1
        if len(self._failures) < _MOST_FAILURES:
            self._failures.append(ended)
        if self._max_failures is not None and sum(self._by_code.values()) >= self._max_failures:
            self.stop(refused=error)

    def result(self) -> BulkResult:
        counts = {name: self._counts.get(name, 0) for name in OUTCOMES}
        failures = tuple(self._failures)
        return BulkResult(**counts, attempts=self._attempts, failed_by_code=dict(self._by_code), failures=failures)

    def told(self, raised: Optional[BaseException]) -> BulkResult:
        """The result, or, with it, why the run ended early or what failed."""
        result = self.result()
        failed = result.failed + result.in_doubt
        broken, refused = raised or self.broken, self.refused
        if broken is not None:
            # Python's own exceptions do not have it, and take it.
            setattr(broken, "result", result)
            raise broken
        if refused is not None:
            message = f"{refused.message}; the run stopped: of {result.taken} items taken {failed} failed (see `result`)"
            raise type(refused)(refused.code, message, refused.response, result=result)
        if failed:
            first = result.failures[0]
            which = f"the first was items[{first.number}]: {first.error}"
            message = f"{failed} of {result.taken} items failed (see `result`); {which}"
            raise PartialError(codes.ERR_PARTIAL, message, first.response, result=result)
        return result


class _Pool:
    """The threads of one run, and the caller's, which feeds them."""

    def __init__(self, counts: _Counts, perform: Callable[[int, Any], _Ending], token: CancelToken) -> None:
        self._counts = counts
        self._perform = perform
        self._token = token
        self._process = os.getpid()
        #: One entry for each thread that asks for an item, the item with its number or None at the end, and one for each that ended.
        self._asked: SimpleQueue[None] = SimpleQueue()
        self._queue: SimpleQueue[Optional[Tuple[int, Any]]] = SimpleQueue()
        self._left: SimpleQueue[None] = SimpleQueue()
        self._started: List[int] = []

    def go(self, items: Iterable[Any], workers: int) -> BulkResult:
        """Goes through the items. What is raised on the way comes out once the calls under way have ended; what a signal
        handler raises while those are waited for ends them.
        """
        raised: Optional[BaseException] = None
        try:
            self._feed(items, workers)
        except BaseException as error:
            raised = error
        while True:
            try:
                if os.getpid() != self._process:
                    # A child of a fork() within the iterable: the threads are the parent's, and so are the locks they hold.
                    raise _call.forked() from None
                self._counts.is_stopping = self._counts.is_stopping or raised is not None
                self._queue.put(None)
                while self._left.qsize() < len(self._started):
                    time.sleep(_SHORTEST_PAUSE)
                break
            except ForkedError:
                raise
            except BaseException as error:
                self._token.trigger()
                # A second one is kept only if it is no error of the iterable's, but a wish to end.
                raised = error if raised is None or not isinstance(error, Exception) else raised
        try:
            return self._counts.told(raised)
        finally:
            # An exception that its own traceback holds would live, with all its frames hold, until the collector comes.
            del raised
            self._counts.broken = self._counts.refused = None

    def _feed(self, items: Iterable[Any], workers: int) -> None:
        # Each thread has the caller's variables, for log records and for the functions that are told of items.
        runs: List[Any] = [contextvars.copy_context().run for _ in range(workers)]
        self._started.extend(map(start_new_thread, runs, repeat((self._work,))))
        numbered = enumerate(items)
        while not self._counts.is_stopping:
            self._asked.get()
            # Not a loop over the items: between two of its steps one could be lost to a signal handler's exception.
            if self._counts.is_stopping or not list(map(self._queue.put, islice(numbered, 1))):
                return
            if os.getpid() != self._process:
                return

    def _work(self) -> None:
        self._asked.put(None)
        while True:
            task = self._queue.get()
            if task is None:
                break
            ending = _Ending()
            try:
                if not self._counts.is_stopping:
                    ending = self._perform(*task)
            except BaseException as error:
                self._counts.stop(broken=error)
            self._counts.enter(*task, ending)
            self._asked.put(None)
        # For the next one.
        self._queue.put(None)
        self._left.put(None)
