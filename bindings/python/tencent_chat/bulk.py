"""One group of very many users: what `Client.del_contact_groups` tells, and the threads that it works on. Each item taken is
counted and told once whatever ends the run, no more items are held than there are threads, and a run ends that cannot succeed.

The caller's thread alone goes through the iterable, and may meet a signal handler's exception at any place. So it takes no
lock, not even one of `threading`'s own, which could then stay taken; and whatever must not be done by halves it does within one
function of C, in which no handler runs.
"""

from __future__ import annotations

import contextvars
import os
import threading
import time
from _thread import start_new_thread
from itertools import islice
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterable, List, Mapping, Optional, Protocol, Tuple, Union

from . import _arguments, _handle, codes
from ._arguments import Duration
from .cancel import CancelToken, checked, follower
from .errors import (
    AccountNotImportedError,
    CallTimeoutError,
    CancelledError,
    ChatError,
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

#: What a worker takes from the queue: an item with its number, or None at the end.
_Numbered = Optional[Tuple[int, Any]]


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
    tell = _Teller(progress, on_result)
    client._handle.check()
    with follower(checked(cancel)) as token:
        run = _Run(missing == "fail", max_failures, tell)
        delete = _Delete(client, group_name, timeout, token, run)
        return _Pool(min(workers, client._connections), run, delete, token).go(items)


class _Teller:
    """Whoever wants to know of each item."""

    def __init__(self, progress: Any, on_result: Any) -> None:
        update = getattr(progress, "update", None)
        if not (progress is None or callable(update) or callable(progress)):
            raise _arguments.wrong_type("progress", "a bar with update(), or a function of a BulkResult", progress)
        if not (on_result is None or callable(on_result)):
            raise _arguments.wrong_type("on_result", "a function of a BulkItem", on_result)
        self._on_result = on_result
        self._update = update if callable(update) else None
        self._progress = None if callable(update) else progress

    def tell(self, ended: BulkItem, result: Callable[[], BulkResult]) -> None:
        try:
            if self._on_result is not None:
                self._on_result(ended)
        finally:
            if self._update is not None:
                self._update(1)
            elif self._progress is not None:
                self._progress(result())


class _Run:
    """What became of the items, and whether the run goes on. Any thread of the pool; the caller's own once those ended."""

    def __init__(self, missing_fails: bool, max_failures: Optional[int], teller: _Teller) -> None:
        #: Nothing more is begun.
        self.is_stopping = False
        #: The failure of an item that stopped it; the first one stands.
        self.refused: Optional[ChatError] = None
        #: What else stopped it: an item of a wrong type, or what a function of the caller's raised.
        self.broken: Optional[BaseException] = None
        self._missing_fails = missing_fails
        self._max_failures = max_failures
        self._teller = teller
        self._lock = threading.Lock()
        self._counts: Dict[str, int] = {}
        self._by_code: Dict[int, int] = {}
        self._failures: List[BulkItem] = []
        self._attempts = 0

    def stop_broken(self, error: BaseException) -> None:
        self.broken = self.broken or error
        self.is_stopping = True

    def _stop(self, refused: ChatError) -> None:
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
                self._teller.tell(ended, self.result)
            except BaseException as error:
                self.stop_broken(error)

    def _outcome(self, ending: _Ending) -> str:
        error = ending.error
        if error is None:
            return ending.outcome
        if isinstance(error, GroupNotFoundError) and not self._missing_fails:
            return "missing"
        if isinstance(error, AccountNotImportedError):
            return "unknown"
        # A broken handshake says so of every call only while nothing has worked yet.
        ends = error.is_fatal and not (error.code == codes.ERR_TLS and self._has_worked())
        if ends or isinstance(error, CancelledError):
            self._stop(error)
        if error.is_in_doubt:
            return "in_doubt"
        return "not_done" if ends or isinstance(error, (CancelledError, ThrottledError)) else "failed"

    def _has_worked(self) -> bool:
        return any(name in self._counts for name in ("deleted", "already_deleted", "missing", "unknown"))

    def _failed(self, ended: BulkItem, error: ChatError) -> None:
        self._by_code[error.code] = self._by_code.get(error.code, 0) + 1
        if len(self._failures) < _MOST_FAILURES:
            self._failures.append(ended)
        if self._max_failures is not None and sum(self._by_code.values()) >= self._max_failures:
            self._stop(error)

    def result(self) -> BulkResult:
        counts = {name: self._counts.get(name, 0) for name in OUTCOMES}
        failures = tuple(self._failures)
        return BulkResult(**counts, attempts=self._attempts, failed_by_code=dict(self._by_code), failures=failures)


class _Ending:
    """How the calls for one item ended; as it is made, that of an item that was never sent."""

    outcome = "not_done"
    error: Optional[ChatError] = None
    response: Any = None
    attempts = 0


class _Delete:
    """The work on one item."""

    def __init__(
        self, client: Client, group_name: Optional[str], timeout: Optional[Duration], token: CancelToken, run: _Run
    ) -> None:
        self._client = client
        self._group_name = group_name
        self._timeout = timeout
        self._token = token
        self._run = run

    def perform(self, number: int, item: Any) -> _Ending:
        """Makes the call, again and again while only the rate is in its way."""
        ending = _Ending()
        user, group = self._named(number, item)
        rounds = 0
        while not self._run.is_stopping:
            ending.error = error = self._call(user, group, ending)
            if error is None or not _is_throttle(error) or rounds == _THROTTLED_ROUNDS:
                break
            # By the client's own rate limit nothing was sent, and there will be a turn.
            rounds += not isinstance(error, ThrottledError)
            self._pause(error.retry_after)
        return ending

    def _call(self, user: str, group: str, ending: _Ending) -> Optional[ChatError]:
        try:
            result = self._client.del_contact_group(user, group, timeout=self._timeout, cancel=self._token)
            ending.response = result.response
            ending.outcome = "already_deleted" if result.already_deleted else "deleted"
            return None
        except ChatError as error:
            ending.response = error.response
            # Kept for the caller, who has no use for the frames that its traceback keeps.
            return error.with_traceback(None)
        finally:
            ending.attempts += ending.response.attempts if ending.response is not None else 0

    def _named(self, number: int, item: Any) -> Tuple[str, str]:
        """UserID and group name."""
        if isinstance(item, str):
            if self._group_name is None:
                raise TypeError(f"items[{number}] is a UserID without a group: give group_name, or pairs")
            return item, self._group_name
        if isinstance(item, (tuple, list)) and len(item) == 2 and all(isinstance(part, str) for part in item):
            return item[0], item[1]
        raise _arguments.wrong_type(f"items[{number}]", "a UserID, or a pair of UserID and group name", item)

    def _pause(self, asked: float) -> None:
        """As long as the rate asks, or until the run ends."""
        end = time.monotonic() + max(asked, _SHORTEST_PAUSE)
        while not (self._run.is_stopping or self._token.triggered or self._client._handle.is_closed):
            left = end - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, _GLANCE))


def _is_throttle(error: ChatError) -> bool:
    """Too many calls; or the time was over before there was a turn, or a place among `max_connections`."""
    if isinstance(error, CallTimeoutError):
        return error.response is not None and error.response.attempts == 0
    return isinstance(error, (RateExceededError, ThrottledError))


class _Pool:
    """The threads of one run, and the caller's, which feeds them."""

    def __init__(self, workers: int, run: _Run, delete: _Delete, token: CancelToken) -> None:
        self._run = run
        self._delete = delete
        self._token = token
        self._process = os.getpid()
        # The caller's variables, for log records and for the functions that are told of items.
        self._context = contextvars.copy_context()
        #: One entry for each thread that asks for an item.
        self._asked: SimpleQueue[None] = SimpleQueue()
        self._queue: SimpleQueue[_Numbered] = SimpleQueue()
        self._workers = workers
        self._threads: List[threading.Thread] = []
        #: One entry for each worker that ended, and then one when all have, and `has_ended` says so.
        self._left: SimpleQueue[None] = SimpleQueue()
        self._ended: SimpleQueue[None] = SimpleQueue()
        self._has_ended = False
        #: Has an entry once a thread looks after the workers.
        self._begun: List[int] = []

    def go(self, items: Iterable[Any]) -> BulkResult:
        """Goes through the items. What is raised on the way comes out once the calls under way have ended; what a signal
        handler raises while those are waited for ends them.
        """
        raised: Optional[BaseException] = None
        is_feeding = True
        while True:
            try:
                if is_feeding:
                    self._start()
                    self._feed(items)
                    is_feeding = False
                if os.getpid() == self._process:
                    self._drain()
                break
            except BaseException as error:
                self._run.is_stopping = True
                if not is_feeding:
                    self._token.trigger()
                is_feeding = False
                # A second one is kept only if it is no error of the iterable's, but a wish to end.
                raised = error if raised is None or not isinstance(error, Exception) else raised
        try:
            return self._told(raised)
        finally:
            # An exception that its own traceback holds would live, with all its frames hold, until the collector comes.
            del raised
            self._run.broken = self._run.refused = None

    def _start(self) -> None:
        # Threads are started by another one: an exception within `Thread.start` may leave a lock taken.
        self._begun.extend(map(start_new_thread, (self._look_after_workers,), ((),)))

    def _look_after_workers(self) -> None:
        started = 0
        try:
            for number in range(self._workers):
                # A daemon, so that a program whose own daemon thread is in a run can end.
                name = f"tencent-chat-bulk_{number}"
                thread = threading.Thread(target=self._context.copy().run, args=(self._work,), name=name, daemon=True)
                thread.start()
                self._threads.append(thread)
                started += 1
        except BaseException as error:
            # The system has no room for more.
            self._run.stop_broken(error)
            self._asked.put(None)
        for _ in range(started):
            self._left.get()
        self._has_ended = True
        self._ended.put(None)

    def _feed(self, items: Iterable[Any]) -> None:
        numbered = enumerate(items)
        while not self._run.is_stopping:
            self._asked.get()
            # Not a loop over the items: between two of its steps one could be lost to a signal handler's exception.
            if self._run.is_stopping or not list(map(self._queue.put, islice(numbered, 1))):
                return
            if os.getpid() != self._process:
                return

    def _drain(self) -> None:
        """Waits for the calls under way. May be begun again."""
        for _ in range(self._workers):
            self._queue.put(None)
        # Not `Thread.join`: once interrupted, it takes a thread for ended (Python 3.9 to 3.12).
        while self._begun and not self._has_ended:
            self._ended.get()
        for thread in self._threads:
            # Only the last step of each is left.
            thread.join()

    def _work(self) -> None:
        try:
            while os.getpid() == self._process and self._work_on_one():
                pass
        finally:
            self._left.put(None)

    def _work_on_one(self) -> bool:
        self._asked.put(None)
        task = self._queue.get()
        if task is None:
            return False
        number, item = task
        ending = _Ending()
        try:
            if not self._run.is_stopping:
                ending = self._delete.perform(number, item)
        except BaseException as error:
            self._run.stop_broken(error)
        self._run.enter(number, item, ending)
        return True

    def _told(self, raised: Optional[BaseException]) -> BulkResult:
        """The result, or, with it, why the run ended early or what failed."""
        if os.getpid() != self._process:
            # A child of a fork() within the iterable: the threads are the parent's, and so are the locks they hold.
            raise _handle.forked() from None
        result = self._run.result()
        failed = result.failed + result.in_doubt
        broken, refused = raised or self._run.broken, self._run.refused
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
