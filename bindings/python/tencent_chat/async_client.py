"""`AsyncClient`: every method of `Client` under the same name, to be awaited. Waiting happens on threads of the client's own,
so that the event loop never waits for the network; a call waits for calls of its own command only, the time it waits for a
thread counts as its own, and one whose awaiter is gone never begins.
"""

from __future__ import annotations

import contextlib
import contextvars
import functools
import threading
import time
from collections import OrderedDict, deque
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import (
    TYPE_CHECKING,
    Any,
    AsyncIterator,
    Callable,
    Coroutine,
    Deque,
    Dict,
    Generic,
    List,
    NoReturn,
    Optional,
    Set,
    Type,
    TypeVar,
)

from . import _arguments, codes
from ._arguments import Duration
from ._library import free_with
from ._options import checked, follower
from .client import Client
from .errors import CallTimeoutError
from .items import Items
from .response import Response
from .session import Stats

if TYPE_CHECKING:
    import asyncio

    from typing_extensions import Concatenate, ParamSpec

    _P = ParamSpec("_P")

__all__ = ["AsyncClient", "AsyncItems"]

_R = TypeVar("_R")
_T = TypeVar("_T")
_F = TypeVar("_F", bound=Callable[..., Any])
_Self = TypeVar("_Self", bound="AsyncClient")


def _named(function: _F) -> _F:
    """With the name that a forgotten await is told by."""
    function.__qualname__ = f"AsyncClient.{function.__name__}"
    return function


def _on_a_worker(
    method: Callable[Concatenate[Client, _P], _R],
) -> Callable[Concatenate[AsyncClient, _P], Coroutine[Any, Any, _R]]:
    """A method that calls the service."""

    @functools.wraps(method)
    async def awaitable(self: AsyncClient, /, *arguments: _P.args, **options: _P.kwargs) -> _R:
        return await self._workers.run(method.__name__, functools.partial(method, self._client, *arguments), options)

    return _named(awaitable)


def _by_path(
    method: Callable[Concatenate[Client, _P], _R],
) -> Callable[Concatenate[AsyncClient, _P], Coroutine[Any, Any, _R]]:
    """A method that makes any call: the commands are its paths."""

    @functools.wraps(method)
    async def awaitable(self: AsyncClient, /, *arguments: _P.args, **options: _P.kwargs) -> _R:
        path = arguments[0] if arguments else options.get("path")
        return await self._workers.run(str(path), functools.partial(method, self._client, *arguments), options)

    return _named(awaitable)


def _apart(
    method: Callable[Concatenate[Client, _P], _R],
) -> Callable[Concatenate[AsyncClient, _P], Coroutine[Any, Any, _R]]:
    """A method of many calls, on a thread made for it, so that it takes none from the single calls."""

    @functools.wraps(method)
    async def awaitable(self: AsyncClient, /, *arguments: _P.args, **options: _P.kwargs) -> _R:
        return await run_apart(functools.partial(method, self._client, *arguments), options)

    return _named(awaitable)


def _on_a_thread_of_its_own(
    method: Callable[Concatenate[Client, _P], _R],
) -> Callable[Concatenate[AsyncClient, _P], Coroutine[Any, Any, _R]]:
    """A method that waits, and that nothing ends before its time."""

    @functools.wraps(method)
    async def awaitable(self: AsyncClient, /, *arguments: _P.args, **options: _P.kwargs) -> _R:
        call = functools.partial(method, self._client, *arguments)
        return await on_a_thread_of_its_own(f"tencent-chat-{method.__name__}", call, options)

    return _named(awaitable)


def _at_once(
    method: Callable[Concatenate[Client, _P], _R],
) -> Callable[Concatenate[AsyncClient, _P], Coroutine[Any, Any, _R]]:
    """A method that does not wait, and so also works while every thread is busy."""

    @functools.wraps(method)
    async def awaitable(self: AsyncClient, /, *arguments: _P.args, **options: _P.kwargs) -> _R:
        try:
            return method(self._client, *arguments, **options)
        finally:
            # A new key is no variable of this frame any more when it is refused.
            del arguments, options

    return _named(awaitable)


def _iterating(
    method: Callable[Concatenate[Client, _P], Items[_T]],
) -> Callable[Concatenate[AsyncClient, _P], AsyncItems[_T]]:
    """A method that goes through a list; called, not awaited, like an asynchronous generator."""

    @functools.wraps(method)
    def iterator(self: AsyncClient, /, *arguments: _P.args, **options: _P.kwargs) -> AsyncItems[_T]:
        return AsyncItems(self._workers, method(self._client, *arguments, **options))

    return _named(iterator)


def _differing(
    method: Callable[Concatenate[Client, _P], Client],
) -> Callable[Concatenate[AsyncClient, _P], AsyncClient]:
    """A method that gives the same client for calls that do something differently; called, not awaited."""

    @functools.wraps(method)
    def other(self: AsyncClient, /, *arguments: _P.args, **options: _P.kwargs) -> AsyncClient:
        client = method(self._client, *arguments, **options)
        made = object.__new__(type(self))
        # The first client is held as well: when nobody holds it, its threads end.
        made.__dict__.update(self.__dict__, _client=client, _first=self)
        return made

    return _named(other)


def _taking_the_same(
    _constructor: Callable[Concatenate[Client, _P], None],
) -> Callable[[Callable[..., None]], Callable[Concatenate[AsyncClient, _P], None]]:
    """A constructor with the arguments of another."""
    return functools.wraps(_constructor)


class AsyncClient:
    """`Client` for asyncio: the same settings, the same methods, results and exceptions, to be awaited.

    Calls wait on threads of the client's own, at most `max_connections` of them (64 unless set) for each command; more calls
    of it wait their turn, and that time counts as theirs. A call whose task was cancelled before its turn sends nothing.
    Cancelling the task that awaits a call ends the call as its `cancel` token would; like any call that was ended early it
    may have taken effect. Close it with ``await client.close()``, or use it in an ``async with`` block. It may serve several
    event loops, one after the other or at once.
    """

    @_taking_the_same(Client.__init__)
    def __init__(self, *arguments: Any, **settings: Any) -> None:
        try:
            self._client = Client(*arguments, **settings)
        finally:
            # The key is no variable of this frame any more when something is refused.
            del arguments, settings
        self._workers = Workers(self._client._connections, self._client._timeout, self._client._handle.check)
        free_with(self, self._workers.stop)

    # Made by `make faces`.
    account_check = _on_a_worker(Client.account_check)
    account_delete = _on_a_worker(Client.account_delete)
    account_import = _on_a_worker(Client.account_import)
    create_contact_group = _on_a_worker(Client.create_contact_group)
    del_contact_group = _on_a_worker(Client.del_contact_group)
    get_contact_group = _on_a_worker(Client.get_contact_group)
    mark_contact = _on_a_worker(Client.mark_contact)
    multiaccount_import = _on_a_worker(Client.multiaccount_import)
    recent_contact_delete = _on_a_worker(Client.recent_contact_delete)
    recent_contact_get_list = _on_a_worker(Client.recent_contact_get_list)
    recent_contact_pin = _on_a_worker(Client.recent_contact_pin)
    recent_contact_unpin = _on_a_worker(Client.recent_contact_unpin)
    search_contact_group = _on_a_worker(Client.search_contact_group)
    update_contact_group_name = _on_a_worker(Client.update_contact_group_name)
    update_contact_group_contacts = _on_a_worker(Client.update_contact_group_contacts)
    recent_contact_items = _iterating(Client.recent_contact_items)
    contact_group_items = _iterating(Client.contact_group_items)
    # Here ends what is made.
    del_contact_groups = _apart(Client.del_contact_groups)
    call = _by_path(Client.call)
    with_options = _differing(Client.with_options)

    async def stats(self, *others: AsyncClient) -> Stats:
        return self._client.stats(*[other._client for other in others])

    stats.__doc__ = Client.stats.__doc__
    log_to = _at_once(Client.log_to)
    set_secret_key = _at_once(Client.set_secret_key)
    set_user_sig = _at_once(Client.set_user_sig)
    shutdown = _at_once(Client.shutdown)
    warm_up = _on_a_thread_of_its_own(Client.warm_up)

    async def close(self, *, drain: Optional[Duration] = None) -> None:
        """Shuts down, waits for the calls in progress to end without holding the event loop up, and frees everything.
        Any number of times. With ``drain`` the calls in progress have so many seconds to come to their own end.
        """
        # Not on a worker: those may all have calls, and this is what ends them.
        await on_a_thread_of_its_own("tencent-chat-close", self._close, {"drain": drain})

    def _close(self, drain: Optional[Duration]) -> None:
        self._client.close(drain=drain)
        self._workers.close()

    async def __aenter__(self: _Self) -> _Self:
        return self

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        client = self.__dict__.get("_client")
        return repr(client if client is not None else Client.__new__(Client)).replace("Client", "AsyncClient", 1)

    def __reduce__(self) -> NoReturn:
        raise TypeError("an AsyncClient holds connections and a key: it cannot be copied or pickled; make one in each process")


class AsyncItems(Generic[_T]):
    """`Items` for ``async for``, from `AsyncClient.contact_group_items` or `AsyncClient.recent_contact_items`.

    As there, a page that failed can be tried again, by another ``async for`` over the same object.
    """

    def __init__(self, workers: Workers, items: Items[_T]) -> None:
        self._workers = workers
        self._items = items
        #: Items that came when their awaiter was gone: the next step gives them, so that none is lost.
        self._ready: Deque[_T] = deque()

    @property
    def complete(self) -> bool:
        """As `Items.complete`."""
        return self._items.complete

    @property
    def page(self) -> Optional[Response]:
        """As `Items.page`."""
        return self._items.page

    def __aiter__(self) -> AsyncIterator[_T]:
        return self

    async def __anext__(self) -> _T:
        items = self._items
        if not self._ready:
            await self._workers.run(items._command, self._step, {"timeout": items._timeout, "cancel": items._cancel})
        if not self._ready:
            raise StopAsyncIteration
        return self._ready.popleft()

    def _step(self, **options: Any) -> None:
        item = self._items._advance(**options)
        if item is not None:
            self._ready.append(item)

    async def aclose(self) -> None:
        """As `Items.close`. Dropping the iteration, as an early ``break`` does, is enough."""
        self._items.close()

    async def __aenter__(self) -> AsyncItems[_T]:
        return self

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        await self.aclose()

    def __reduce__(self) -> NoReturn:
        raise TypeError("an iteration belongs to one process and cannot be copied or pickled")


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

    async def run(self, command: str, call: Callable[..., _R], options: Dict[str, Any]) -> _R:
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
                result: _R = await work.waiter
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


def on_a_thread_of_its_own(name: str, call: Callable[..., _R], options: Dict[str, Any]) -> asyncio.Future[_R]:
    """``call(**options)``, begun on a thread that is made for it; what comes of it."""
    import asyncio

    work = _Work(asyncio.get_running_loop(), call, options)
    # Heard by somebody, also when nobody waits any more.
    work.waiter.add_done_callback(lambda done: done.cancelled() or done.exception())
    threading.Thread(target=work.perform, name=name, daemon=True).start()
    return work.waiter


async def run_apart(call: Callable[..., _R], options: Dict[str, Any]) -> _R:
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
