"""The threads on which an asynchronous client's calls wait, and the bridge from them to the event loop.
Promises a fixed number of threads, that the time a call waits for one counts as the call's, and that a cancelled task's
call is ended by its token. Knows no method: a call is whatever takes `timeout` and `cancel`.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Callable, Dict, Optional, TypeVar

from . import _arguments, codes
from .cancel import checked, follower
from .errors import CallTimeoutError

Result = TypeVar("Result")

#: A wait below this is the hand-over to a thread, not a queue; the call then keeps its time unchanged.
_HAND_OVER_S = 0.001
#: What is left for a call at least, so that the library tells the end of its time.
_SHORTEST_S = 0.001


class Workers:
    """At most `count` threads; more calls wait their turn, in order, until their time is over.

    :param timeout: seconds that a call without a time of its own may take.
    :param check: raises what a call is refused with once its client is closed, or belongs to the process before a fork().
    """

    def __init__(self, count: int, timeout: float, check: Callable[[], None]) -> None:
        self._count = count
        self._timeout = timeout
        self._check = check
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="tencent-chat")

    async def run(self, call: Callable[..., Result], options: Dict[str, Any]) -> Result:
        """Awaits ``call(**options)`` made on a worker. A cancelled task's call ends at once and its result is dropped."""
        given = options.get("timeout")
        if given is not None:
            _arguments.milliseconds("timeout", given)
        limit = self._timeout if given is None else given
        loop = asyncio.get_running_loop()
        # Not asyncio's own bridge, whose future cannot tell a call that never began from a cancelled task.
        waiter: "asyncio.Future[Result]" = loop.create_future()
        with follower(checked(options.get("cancel"))) as token:
            work = self._submit(_work, call, {**options, "cancel": token}, limit, time.monotonic())
            work.add_done_callback(lambda done: _hand_back(loop, waiter, done))
            timer = loop.call_later(limit, self._give_up, work, waiter)
            try:
                return await waiter
            except asyncio.CancelledError:
                work.cancel()
                token.trigger()
                raise
            finally:
                timer.cancel()

    def _submit(self, work: Callable[..., Result], *arguments: object) -> "Future[Result]":
        self._check()
        try:
            return self._pool.submit(work, *arguments)
        except RuntimeError:
            # Closed by another thread since it was asked.
            self._check()
            raise

    def _give_up(self, work: "Future[Result]", waiter: "asyncio.Future[Result]") -> None:
        """When the time is over: a call that no thread has taken up will not begin; one that runs ends by itself."""
        if not waiter.done() and work.cancel():
            message = (
                f"the deadline passed while {self._count} other calls were running; nothing was sent. Raise the timeout, "
                "or max_connections"
            )
            waiter.set_exception(CallTimeoutError(codes.ERR_TIMEOUT, message))

    def close(self) -> None:
        """Lets the threads end. Those that have calls end with them."""
        self._pool.shutdown(wait=True)


async def run_apart(call: Callable[..., Result], options: Dict[str, Any]) -> Result:
    """Awaits ``call(**options)`` made on a thread of its own. A cancelled task's call is ended by its token, and has ended when
    the task goes on; a second cancellation does not wait for that.
    """
    with follower(checked(options.get("cancel"))) as token:
        pool = ThreadPoolExecutor(1, thread_name_prefix="tencent-chat-apart")
        work = asyncio.wrap_future(pool.submit(call, **{**options, "cancel": token}))
        # Heard by somebody, also when nobody waits any more.
        work.add_done_callback(lambda done: done.cancelled() or done.exception())
        pool.shutdown(wait=False)
        try:
            await asyncio.wait([work])
        except asyncio.CancelledError:
            token.trigger()
            await asyncio.wait([work])
            raise
        return work.result()


def _work(call: Callable[..., Result], options: Dict[str, Any], limit: float, begun: float) -> Result:
    waited = time.monotonic() - begun
    if waited > _HAND_OVER_S:
        options["timeout"] = max(limit - waited, _SHORTEST_S)
    return call(**options)


def _hand_back(loop: asyncio.AbstractEventLoop, waiter: "asyncio.Future[Result]", done: "Future[Result]") -> None:
    """On the worker: takes what became of a call to the loop, unless nobody waits for it any more."""
    if done.cancelled() or waiter.cancelled():
        return
    # The loop may be closed meanwhile: then there is nobody to be told.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(_settle, waiter, done)


def _settle(waiter: "asyncio.Future[Result]", done: "Future[Result]") -> None:
    if waiter.done():
        return
    error: Optional[BaseException] = done.exception()
    if error is not None:
        waiter.set_exception(error)
    else:
        waiter.set_result(done.result())
