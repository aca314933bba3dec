"""`AsyncClient`: every method of `Client` under the same name, to be awaited. The event loop never waits for the network:
calls wait on at most `max_connections` threads of the client for each command. Cancelling a task ends its call.
"""

from __future__ import annotations

import functools
from collections import deque
from types import TracebackType
from typing import TYPE_CHECKING, Any, AsyncIterator, Callable, Coroutine, Deque, Generic, NoReturn, Optional, Type, TypeVar

from ._arguments import Duration
from ._library import free_with
from ._workers import Workers, on_a_thread_of_its_own, run_apart
from .client import Client
from .items import Items
from .response import Response

if TYPE_CHECKING:
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

    create_contact_group = _on_a_worker(Client.create_contact_group)
    update_contact_group_name = _on_a_worker(Client.update_contact_group_name)
    update_contact_group_contacts = _on_a_worker(Client.update_contact_group_contacts)
    del_contact_group = _on_a_worker(Client.del_contact_group)
    del_contact_groups = _apart(Client.del_contact_groups)
    mark_contact = _on_a_worker(Client.mark_contact)
    search_contact_group = _on_a_worker(Client.search_contact_group)
    get_contact_group = _on_a_worker(Client.get_contact_group)
    contact_group_items = _iterating(Client.contact_group_items)
    recent_contact_get_list = _on_a_worker(Client.recent_contact_get_list)
    recent_contact_items = _iterating(Client.recent_contact_items)
    recent_contact_delete = _on_a_worker(Client.recent_contact_delete)
    account_import = _on_a_worker(Client.account_import)
    multiaccount_import = _on_a_worker(Client.multiaccount_import)
    account_check = _on_a_worker(Client.account_check)
    account_delete = _on_a_worker(Client.account_delete)
    call = _by_path(Client.call)
    with_options = _differing(Client.with_options)
    stats = _at_once(Client.stats)
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
