"""The threads on which an asynchronous client's calls wait, and the bridge from them to the event loop. A call waits only
for calls of its own command, never begins if its awaiter is gone, and the time it waits for a thread counts as its own.
"""

from __future__ import annotations

import contextlib
import contextvars
import threading
import time
from collections import OrderedDict
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, Set, TypeVar

from . import _arguments, codes
from .cancel import checked, follower
from .errors import CallTimeoutError

if TYPE_CHECKING:
    import asyncio

Result = TypeVar("Result")

#: A wait below this is the hand-over to a thread, not a queue; the call then keeps its time unchanged.
_HAND_OVER_S = 0.001
#: What is left for a call at least, so that the library tells the end of its time.
_SHORTEST_S = 0.001
#: How long a thread without a call waits for the next one.
_IDLE_S = 10.0


class _Work:
    """One call for a thread, and the future that its awaiter waits for."""

    def __init__(self, loop: asyncio.AbstractEventLoop, call: Callable[..., Any], options: Dict[str, Any]) -> None:
        self.waiter: asyncio.Future[Any] = loop.create_future()
        self.is_abandoned = False
        self._loop = loop
        self._call = call
        self._options = options
        # Log records and tracing look for the caller's variables while the call runs.
        self._context = contextvars.copy_context()

    def is_wanted(self) -> bool:
        """Whether somebody still waits. A task that was cancelled says so here before its loop gets to it."""
        return not (self.is_abandoned or self.waiter.cancelled() or self._loop.is_closed())

    def perform(self, timeout: Optional[float] = None) -> None:
        """On a thread: makes the call and takes what became of it to the loop."""
        if timeout is not None:
            self._options["timeout"] = timeout
        result: Any = None
        error: Optional[BaseException] = None
        try:
            result = self._context.run(self._call, **self._options)
        except BaseException as raised:
            error = raised
        # The loop may be closed meanwhile: then there is nobody to be told.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(_settle, self.waiter, result, error)
        # An exception that its own traceback holds would live, with all its frames hold, until the collector comes.
        del error


def _settle(waiter: asyncio.Future[Any], result: Any, error: Optional[BaseException]) -> None:
    if waiter.done():
        return
    if error is not None:
        waiter.set_exception(error)
    else:
        waiter.set_result(result)


class _Lane:
    """The calls of one command: how many have a thread, and those that wait for one, in order."""

    def __init__(self, command: str) -> None:
        self.command = command
        self.running = 0
        self.waiting: OrderedDict[_Queued, None] = OrderedDict()


class _Queued:
    """A call in a lane, and when its time began."""

    def __init__(self, lane: _Lane, work: _Work, limit: float) -> None:
        self.lane = lane
        self._work = work
        self._limit = limit
        self._begun = time.monotonic()

    def perform(self) -> None:
        if not self._work.is_wanted():
            return
        waited = time.monotonic() - self._begun
        self._work.perform(max(self._limit - waited, _SHORTEST_S) if waited > _HAND_OVER_S else None)


class Workers:
    """At most `most` threads for each command; more calls of it wait, in order, until their time is over. So the calls of one
    command, which may all wait for their turn under the rate limit, hold up no other command.

    :param timeout: seconds that a call without a time of its own may take.
    :param check: raises what a call is refused with once its client is closed, or belongs to the process before a fork().
    """

    def __init__(self, most: int, timeout: float, check: Callable[[], None]) -> None:
        self._most = most
        self._timeout = timeout
        self._check = check
        # Re-entrant: `stop` may be called by the collector, in the middle of anything.
        self._lock = threading.RLock()
        #: The commands that have calls.
        self._lanes: Dict[str, _Lane] = {}
        #: Where each thread without a call waits for one; None ends it.
        self._idle: List[SimpleQueue[Optional[_Queued]]] = []
        self._threads: Set[threading.Thread] = set()
        self._is_closed = False

    async def run(self, command: str, call: Callable[..., Result], options: Dict[str, Any]) -> Result:
        """Awaits ``call(**options)`` made on a thread. A cancelled task's call ends at once and its result is dropped."""
        import asyncio

        given = options.get("timeout")
        limit = self._timeout if given is None else _arguments.milliseconds("timeout", given) / 1000
        loop = asyncio.get_running_loop()
        with follower(checked(options.get("cancel"))) as token:
            work = _Work(loop, call, {**options, "cancel": token})
            queued = self._begin(command, work, limit)
            timer = loop.call_later(limit, self._give_up, queued, work.waiter)
            try:
                result: Result = await work.waiter
                return result
            finally:
                timer.cancel()
                if work.waiter.cancelled() or not work.waiter.done():
                    work.is_abandoned = True
                    self._forget(queued)
                    token.trigger()

    def _begin(self, command: str, work: _Work, limit: float) -> _Queued:
        """Gives the call a thread, or its place in the queue."""
        self._check()
        with self._lock:
            if self._is_closed:
                self._check()
            lane = self._lanes.setdefault(command, _Lane(command))
            queued = _Queued(lane, work, limit)
            if lane.running == self._most:
                lane.waiting[queued] = None
                return queued
            lane.running += 1
            try:
                if self._idle:
                    self._idle.pop().put(queued)
                else:
                    self._start(queued)
            except BaseException:
                self._leave(lane)
                raise
            return queued

    def _start(self, queued: _Queued) -> None:
        # A daemon: what nobody awaits any more holds up the end of no program.
        name = f"tencent-chat_{len(self._threads)}"
        thread = threading.Thread(target=self._work, args=([queued],), name=name, daemon=True)
        self._threads.add(thread)
        try:
            thread.start()
        except BaseException:
            self._threads.discard(thread)
            raise

    def _work(self, handed: List[_Queued]) -> None:
        inbox: SimpleQueue[Optional[_Queued]] = SimpleQueue()
        queued: Optional[_Queued] = handed.pop()
        while queued is not None:
            queued.perform()
            lane = queued.lane
            # What a call brought is not kept until the next one comes.
            del queued
            queued = self._next(lane, inbox)
        with self._lock:
            self._threads.discard(threading.current_thread())

    def _next(self, lane: _Lane, inbox: SimpleQueue[Optional[_Queued]]) -> Optional[_Queued]:
        with self._lock:
            if lane.waiting:
                return lane.waiting.popitem(last=False)[0]
            self._leave(lane)
            if self._is_closed:
                return None
            # The last to come is the first to go on, so that those which a burst needed come to their end.
            self._idle.append(inbox)
        with contextlib.suppress(Empty):
            return inbox.get(timeout=_IDLE_S)
        with self._lock:
            if inbox in self._idle:
                self._idle.remove(inbox)
                return None
        return inbox.get()

    def _leave(self, lane: _Lane) -> None:
        lane.running -= 1
        if not lane.running:
            del self._lanes[lane.command]

    def _forget(self, queued: _Queued) -> bool:
        """Takes a call out of its queue; False when it has a thread already."""
        with self._lock:
            was_waiting = queued in queued.lane.waiting
            queued.lane.waiting.pop(queued, None)
            return was_waiting

    def _give_up(self, queued: _Queued, waiter: asyncio.Future[Any]) -> None:
        """When the time is over: a call that no thread has taken up will not begin; one that runs ends by itself."""
        if self._forget(queued) and not waiter.done():
            message = (
                f"the deadline passed while {self._most} other calls of {queued.lane.command} were running; nothing was sent. "
                "Raise the timeout, or max_connections"
            )
            waiter.set_exception(CallTimeoutError(codes.ERR_TIMEOUT, message))

    def stop(self) -> None:
        """Lets the threads end when they have no call; waits for nothing, not even, in a child of a fork(), for the lock."""
        self._is_closed = True
        if self._lock.acquire(blocking=False):
            try:
                while self._idle:
                    self._idle.pop().put(None)
            finally:
                self._lock.release()

    def close(self) -> None:
        """Waits for the threads to end. Those that have calls end with them."""
        with self._lock:
            self.stop()
            threads = list(self._threads)
        for thread in threads:
            thread.join()


def on_a_thread_of_its_own(name: str, call: Callable[..., Result], options: Dict[str, Any]) -> asyncio.Future[Result]:
    """``call(**options)``, begun on a thread that is made for it; what comes of it."""
    import asyncio

    work = _Work(asyncio.get_running_loop(), call, options)
    # Heard by somebody, also when nobody waits any more.
    work.waiter.add_done_callback(lambda done: done.cancelled() or done.exception())
    threading.Thread(target=work.perform, name=name, daemon=True).start()
    return work.waiter


async def run_apart(call: Callable[..., Result], options: Dict[str, Any]) -> Result:
    """Awaits ``call(**options)`` made on a thread of its own. A cancelled task's call is ended by its token, and has ended when
    the task goes on; a second cancellation does not wait for that.
    """
    import asyncio

    with follower(checked(options.get("cancel"))) as token:
        work = on_a_thread_of_its_own("tencent-chat-apart", call, {**options, "cancel": token})
        try:
            await asyncio.wait([work])
        except asyncio.CancelledError:
            token.trigger()
            await asyncio.wait([work])
            raise
        finally:
            if not work.done():
                token.trigger()
        return work.result()
