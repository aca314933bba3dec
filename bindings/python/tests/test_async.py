"""`AsyncClient`: the same methods to be awaited, on a bounded number of threads of its own, ended by a task's cancellation."""

from __future__ import annotations

import asyncio
import copy
import functools
import gc
import inspect
import pickle
import threading
from typing import Any, Callable, Dict, List

import pytest
from scene import PATIENCE, PATIENT, USER, awaited, python, requests_came, worker_threads

import tencent_chat
from tencent_chat import AsyncClient, Client, Contact, GroupNotFoundError, ShutdownError, UserSigError, _call
from tencent_chat.testing import Emulator

FRIEND = Contact.one_to_one("user_0002")
GET = "v4/recentcontact/get_contact_group"


def public(kind: type) -> Dict[str, Any]:
    return {name: value for name, value in inspect.getmembers(kind, callable) if not name.startswith("_")}


def test_every_method_of_the_client_is_there_under_its_name_with_its_arguments_and_docs() -> None:
    ours, theirs = public(AsyncClient), public(Client)
    assert set(ours) == set(theirs) and len(ours) > 15
    for name, method in theirs.items():
        # Clients among the arguments are of its own kind.
        assert str(inspect.signature(ours[name])).replace("'AsyncClient'", "'Session'") == str(inspect.signature(method)), name
        assert ours[name].__doc__ == method.__doc__ or name == "close"
        is_called = name.endswith("_items") or name == "with_options"
        assert inspect.iscoroutinefunction(ours[name]) == (not is_called), name
    assert inspect.signature(AsyncClient.__init__) == inspect.signature(Client.__init__)


def test_a_forgotten_await_is_told_by_the_methods_own_name(emulator: Emulator) -> None:
    async def story() -> None:
        async with emulator.async_client() as client:
            for name in ("del_contact_group", "del_contact_groups", "call", "stats", "close", "warm_up"):
                with pytest.warns(RuntimeWarning, match=f"coroutine 'AsyncClient.{name}' was never awaited"):
                    getattr(client, name)()
                    gc.collect()

    awaited(story)


def test_wrong_settings_are_refused_by_the_constructor() -> None:
    with pytest.raises(tencent_chat.ConfigError):
        AsyncClient("china", sdk_app_id=1, identifier="a")
    with pytest.raises(TypeError):
        AsyncClient("china", sdk_app_id="1", identifier="a", secret_key="k")  # type: ignore[arg-type]


def test_the_loop_goes_on_while_calls_wait_and_while_it_closes(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    reading, go_on = threading.Event(), threading.Event()
    read_response = _call.read_response

    def read_slowly(*arguments: Any) -> Any:
        reading.set()
        go_on.wait(PATIENCE)
        return read_response(*arguments)

    async def story() -> None:
        client = emulator.async_client()
        monkeypatch.setattr(_call, "read_response", read_slowly)
        call = asyncio.ensure_future(client.del_contact_group(USER, "g"))
        while not reading.is_set():
            await asyncio.sleep(0.005)
        closing = [asyncio.ensure_future(client.close()) for _ in range(2)]
        await asyncio.sleep(0.2)
        assert not call.done() and not any(close.done() for close in closing)
        go_on.set()
        await asyncio.gather(*closing)
        with pytest.raises(GroupNotFoundError):
            await call
        await client.close()
        assert "AsyncClient" in repr(client) and "closed" in repr(client)

    awaited(story)
    assert worker_threads() == []


def test_close_ends_calls_in_progress_and_in_the_queue(emulator: Emulator) -> None:
    emulator.fault(hang=True, times=0)

    async def story() -> None:
        async with emulator.async_client(max_connections=2, **PATIENT) as client:
            tasks = [asyncio.ensure_future(client.del_contact_group(USER, "g")) for _ in range(4)]
            await requests_came(emulator, 2)
        assert all(isinstance(error, ShutdownError) for error in await asyncio.gather(*tasks, return_exceptions=True))
        for use in (lambda: client.get_contact_group(USER), lambda: client.set_secret_key("k")):
            with pytest.raises(ShutdownError, match="closed"):
                await use()
        with pytest.raises(ShutdownError, match="closed"):
            client.contact_group_items(USER)

    awaited(story)
    assert len(emulator.requests()) == 2


def test_a_key_is_replaced_while_every_thread_is_busy(emulator: Emulator) -> None:
    async def story() -> None:
        async with emulator.async_client(secret_key="0" * 64, max_connections=1, **PATIENT) as client:
            with pytest.raises(UserSigError):
                await client.get_contact_group(USER)
            emulator.fault(hang=True)
            busy = asyncio.ensure_future(client.get_contact_group(USER))
            await requests_came(emulator, 2)
            await client.set_secret_key(emulator.secret_key)
            assert not busy.done()
            busy.cancel()
            assert (await client.get_contact_group(USER)).complete

    awaited(story)


def test_one_client_serves_one_event_loop_after_the_other(emulator: Emulator) -> None:
    client = emulator.async_client()
    for name in ("a", "b"):
        awaited(lambda name=name: client.create_contact_group(USER, name))
    assert len({request["connection"] for request in emulator.requests()}) == 1
    awaited(client.close)


def test_a_step_that_is_cancelled_can_be_taken_again(emulator: Emulator) -> None:
    emulator.fault(path=GET, hang=True)

    async def story() -> None:
        async with emulator.async_client(**PATIENT) as client:
            await client.create_contact_group(USER, "g", [FRIEND])
            items = client.contact_group_items(USER)
            step = asyncio.ensure_future(items.__anext__())
            await requests_came(emulator, 2)
            step.cancel()
            assert [entry.contact async for entry in items] == [FRIEND]

    awaited(story)


def test_an_early_break_and_aclose_free(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    # What an earlier test left in a traceback is not counted.
    gc.collect()
    freed: List[int] = []
    real = tencent_chat.items.library

    class Freeing:
        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def chat_items_free(self, pointer: int) -> None:
            freed.append(pointer)
            real.chat_items_free(pointer)

    monkeypatch.setattr(tencent_chat.items, "library", Freeing())

    async def story() -> None:
        async with emulator.async_client() as client:
            await client.create_contact_group(USER, "g", [FRIEND, Contact.one_to_one("u")])
            async for _ in client.contact_group_items(USER):
                break
            # The worker may hold the step it has just finished for another moment.
            while not freed:
                await asyncio.sleep(0.005)
            assert len(freed) == 1
            async with client.contact_group_items(USER) as items:
                await items.__anext__()
            assert len(freed) == 2
            assert [item async for item in items] == []
            with pytest.raises(TypeError, match="cannot be copied or pickled"):
                copy.copy(items)

    awaited(story)


@pytest.mark.parametrize("way", [pickle.dumps, copy.copy, copy.deepcopy], ids=["pickle", "copy", "deepcopy"])
def test_an_async_client_cannot_be_copied(emulator: Emulator, way: Callable[[object], object]) -> None:
    client = emulator.async_client()
    with pytest.raises(TypeError, match="cannot be copied or pickled"):
        way(client)
    awaited(client.close)


def test_a_client_that_is_dropped_ends_its_threads(emulator: Emulator) -> None:
    client = emulator.async_client()
    awaited(functools.partial(client.get_contact_group, USER))
    assert len(worker_threads()) == 1
    left = worker_threads()
    with pytest.warns(ResourceWarning, match="unclosed <tencent_chat.Client https://"):
        del client
        gc.collect()
    for thread in left:
        thread.join(PATIENCE)
    assert worker_threads() == []


FORK = """
import asyncio, os
from tencent_chat import ForkedError
from tencent_chat.testing import Emulator

with Emulator() as emulator:
    client = emulator.async_client()
    asyncio.run(client.get_contact_group("user_0001"))
    child = os.fork()
    if child == 0:
        status = 1
        try:
            asyncio.run(client.get_contact_group("user_0001"))
        except ForkedError as error:
            status = 0 if error.code == -8 else 2
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    assert status == 0, status
    asyncio.run(client.get_contact_group("user_0001"))
    asyncio.run(client.close())
    print("the parent goes on")
"""


def test_a_forked_child_is_refused_at_once() -> None:
    ended = python("-W", "ignore::DeprecationWarning", "-c", FORK)
    assert (ended.stdout, ended.returncode) == ("the parent goes on\n", 0), ended.stderr
