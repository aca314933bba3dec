"""How awaited calls wait: on so many threads for each command, in order, for as long as somebody awaits them and no longer."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import threading
import time
from typing import Any, List, Tuple

import pytest
from scene import PATIENCE, PATIENT, USER, awaited, nothing_runs, python, requests_came, worker_threads

import tencent_chat
from tencent_chat import (
    CallTimeoutError,
    CancelledError,
    CancelToken,
    Contact,
    GroupNotFoundError,
    ShutdownError,
    async_client,
)
from tencent_chat.testing import Emulator

FRIEND = Contact.one_to_one("user_0002")


def test_calls_overlap_on_as_many_threads_as_connections_and_no_more(emulator: Emulator) -> None:
    emulator.fault(hang=True, times=5)

    async def story() -> None:
        async with emulator.async_client(max_connections=3, **PATIENT) as client:
            tasks = [asyncio.ensure_future(client.del_contact_group(USER, "g")) for _ in range(5)]
            await requests_came(emulator, 3)
            await asyncio.sleep(0.2)
            assert len(emulator.requests()) == 3 and len(worker_threads()) == 3
            tasks[0].cancel()
            await requests_came(emulator, 4)
            assert len(worker_threads()) == 3
            # asyncio's own threads, which any part of a program may have taken, are not used.
            assert getattr(asyncio.get_running_loop(), "_default_executor", None) is None
            await client.shutdown()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            assert [type(error) for error in ended] == [asyncio.CancelledError, *[ShutdownError] * 4]

    awaited(story)
    assert worker_threads() == []


def test_calls_that_were_not_begun_when_their_tasks_are_cancelled_never_begin(emulator: Emulator) -> None:
    emulator.fault(hang=True, times=0)
    users = [f"user_{number}" for number in range(40)]

    async def story() -> None:
        async with emulator.async_client(max_connections=4, **PATIENT) as client:
            tasks = [asyncio.ensure_future(client.create_contact_group(user, "g")) for user in users]
            await requests_came(emulator, 4)
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            assert all(isinstance(error, asyncio.CancelledError) for error in ended)
            # The threads are free again, and what they could have begun is behind them.
            emulator.clear_faults()
            assert (await client.get_contact_group(USER)).complete
            await nothing_runs(client)

    awaited(story)
    assert [request["path"].endswith("create_contact_group") for request in emulator.requests()] == [True] * 4 + [False]


def test_a_loop_that_is_gone_begins_nothing_any_more(emulator: Emulator) -> None:
    emulator.fault(hang=True, times=0)
    client = emulator.async_client(max_connections=1, max_attempts=1, **PATIENT)
    loop = asyncio.new_event_loop()

    async def begin() -> None:
        begun.extend(asyncio.ensure_future(client.get_contact_group(USER)) for _ in range(3))
        await requests_came(emulator, 1)

    begun: List[Any] = []
    loop.run_until_complete(begin())
    loop.close()
    emulator.clear_faults()
    awaited(lambda: nothing_runs(client))
    for task in begun:
        # Nobody can cancel them any more; asyncio would complain of each.
        task._log_destroy_pending = False
    begun.clear()
    awaited(client.close)
    assert len(emulator.requests()) == 1


AT_EXIT = """
import asyncio, threading
from tencent_chat.testing import Emulator

emulator = Emulator()
emulator.fault(delay_ms=300, times=0)
client = emulator.async_client(max_connections=1)

async def main():
    for _ in range(20):
        tasks.append(asyncio.ensure_future(client.get_contact_group("user_0001")))
    await asyncio.sleep(60)

tasks = []
threading.Thread(target=lambda: asyncio.run(main()), daemon=True).start()
emulator.wait_for_requests(1)
import atexit
atexit.register(lambda: print(len(emulator.requests())))
"""


def test_a_program_that_ends_begins_nothing_any_more() -> None:
    ended = python("-c", AT_EXIT)
    assert (ended.stdout, ended.returncode) == ("1\n", 0), ended.stderr


def test_a_cancelled_list_in_parts_sends_no_more_parts(emulator: Emulator) -> None:
    emulator.fault(hang=True, skip=1)

    async def story() -> None:
        async with emulator.async_client(**PATIENT) as client:
            task = asyncio.ensure_future(client.account_check([f"u{number}" for number in range(500)], split=True))
            await requests_came(emulator, 2)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await nothing_runs(client)

    awaited(story)
    assert len(emulator.requests()) == 2


def test_an_idle_command_is_answered_while_calls_of_another_still_wait_for_their_turn(emulator: Emulator) -> None:
    async def story() -> None:
        async with emulator.async_client(rate_limit=1, max_connections=2, **PATIENT) as client:
            burst = [asyncio.ensure_future(client.account_import("a")) for _ in range(20)]
            by_path = [asyncio.ensure_future(client.call("v4/openim/sendmsg", {})) for _ in range(20)]
            await requests_came(emulator, 1)
            assert (await client.get_contact_group(USER)).complete
            await client.account_check([USER])
            assert [entry async for entry in client.contact_group_items(USER)] == []
            assert not all(task.done() for task in burst) and sum(task.done() for task in burst) < 10
            for task in burst + by_path:
                task.cancel()
            await asyncio.gather(*burst, *by_path, return_exceptions=True)

    awaited(story)


def test_an_item_whose_awaiter_was_cancelled_comes_with_the_next_step(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    stepped, go_on = threading.Event(), threading.Event()
    advance = tencent_chat.Items._advance

    def advance_and_wait(self: Any, **options: Any) -> Any:
        item = advance(self, **options)
        stepped.set()
        go_on.wait(PATIENCE)
        return item

    async def story() -> None:
        async with emulator.async_client() as client:
            friends = [Contact.one_to_one(f"u{number}") for number in range(3)]
            await client.create_contact_group(USER, "g", friends)
            items = client.contact_group_items(USER)
            monkeypatch.setattr(tencent_chat.Items, "_advance", advance_and_wait)
            step = asyncio.ensure_future(items.__anext__())
            while not stepped.is_set():
                await asyncio.sleep(0.005)
            step.cancel()
            await asyncio.wait([step])
            go_on.set()
            assert len([entry async for entry in items]) == 3

    awaited(story)


def test_the_callers_context_variables_are_there_while_its_call_runs(emulator: Emulator) -> None:
    name: "contextvars.ContextVar[str]" = contextvars.ContextVar("name", default="-")
    seen: List[Tuple[str, str]] = []

    class Keeps(logging.Handler):
        def emit(self, record: Any) -> None:
            seen.append((name.get(), record.chat_command))

    logger = logging.Logger("apart")
    logger.addHandler(Keeps())

    async def story() -> None:
        async with emulator.async_client(logger=logger) as client:

            async def call(number: int) -> None:
                name.set(f"task {number}")
                await client.account_import("a")
                await client.del_contact_groups(["a"], "g", on_result=lambda _: seen.append((name.get(), "told")))
                assert [entry async for entry in client.contact_group_items(USER)] == []

            await asyncio.gather(*(call(number) for number in range(2)))

    awaited(story)
    commands = ["account_import", "contact_group_items", "del_contact_group", "told"]
    assert sorted(seen) == [(f"task {number}", command) for number in range(2) for command in commands]
    assert name.get() == "-"


def test_the_default_is_sixty_four_threads(emulator: Emulator) -> None:
    emulator.fault(hang=True, times=0)

    async def story() -> None:
        async with emulator.async_client(**PATIENT) as client:
            tasks = [asyncio.ensure_future(client.del_contact_group(USER, "g")) for _ in range(70)]
            await requests_came(emulator, 64)
            await asyncio.sleep(0.2)
            assert len(emulator.requests()) == 64 == len(worker_threads())
            await client.shutdown()
            assert all(isinstance(error, ShutdownError) for error in await asyncio.gather(*tasks, return_exceptions=True))

    awaited(story)


def test_a_cancelled_task_ends_its_call_while_the_peer_still_hangs(emulator: Emulator) -> None:
    emulator.fault(hang=True)

    async def story() -> None:
        async with emulator.async_client(max_connections=1, **PATIENT) as client:
            task = asyncio.ensure_future(client.del_contact_group(USER, "g"))
            await requests_came(emulator, 1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            # The only thread is free again, so the call on it has ended.
            with pytest.raises(GroupNotFoundError):
                await client.del_contact_group(USER, "g")

    awaited(story)
    assert emulator.requests()[0]["status"] is None


def test_a_task_cancelled_in_the_queue_sends_nothing(emulator: Emulator) -> None:
    emulator.fault(hang=True)

    async def story() -> None:
        async with emulator.async_client(max_connections=1, **PATIENT) as client:
            first = asyncio.ensure_future(client.del_contact_group(USER, "first"))
            await requests_came(emulator, 1)
            second = asyncio.ensure_future(client.del_contact_group(USER, "second"))
            third = asyncio.ensure_future(client.del_contact_group(USER, "third"))
            await asyncio.sleep(0.05)
            second.cancel()
            first.cancel()
            with pytest.raises(GroupNotFoundError):
                await third
            assert second.cancelled()

    awaited(story)
    assert ["second" in request["body"] for request in emulator.requests()] == [False, False]


def test_a_token_of_the_callers_ends_calls_and_a_task_cancelled_leaves_it_alone(emulator: Emulator) -> None:
    emulator.fault(hang=True, times=3)
    token = CancelToken()

    async def story() -> None:
        async with emulator.async_client(**PATIENT) as client:
            tasks = [asyncio.ensure_future(client.del_contact_group(USER, "g", cancel=token)) for _ in range(3)]
            await requests_came(emulator, 3)
            tasks[0].cancel()
            await asyncio.wait(tasks[:1])
            await asyncio.sleep(0.1)
            assert not token.triggered and not tasks[1].done() and not tasks[2].done()
            token.trigger()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            assert [type(error) for error in ended] == [asyncio.CancelledError, CancelledError, CancelledError]
            with pytest.raises(CancelledError):
                await client.del_contact_group(USER, "g", cancel=token)

    awaited(story)
    assert len(emulator.requests()) == 3 and token._followers == set()


def test_a_call_that_finds_no_thread_ends_at_its_timeout_and_sends_nothing(emulator: Emulator) -> None:
    emulator.fault(hang=True)

    async def story() -> None:
        async with emulator.async_client(max_connections=1, **PATIENT) as client:
            first = asyncio.ensure_future(client.del_contact_group(USER, "g"))
            await requests_came(emulator, 1)
            begun = time.monotonic()
            with pytest.raises(CallTimeoutError, match="max_connections") as caught:
                await client.del_contact_group(USER, "g", timeout=0.3)
            assert time.monotonic() - begun >= 0.3
            assert not caught.value.is_in_doubt and not first.done()
            first.cancel()

    awaited(story)
    assert len(emulator.requests()) == 1


def test_the_time_that_a_call_waits_for_a_thread_is_its_own() -> None:
    seen: List[float] = []
    go_on = threading.Event()

    async def story() -> None:
        workers = async_client.Workers(1, 10.0, lambda: None)
        slow = asyncio.ensure_future(workers.run("a", lambda **_: go_on.wait(PATIENCE), {}))
        await asyncio.sleep(0)
        note = lambda **options: seen.append(options["timeout"])
        waiting = asyncio.ensure_future(workers.run("a", note, {"timeout": 5.0}))
        await asyncio.sleep(0.3)
        go_on.set()
        await asyncio.gather(slow, waiting)
        workers.close()

    awaited(story)
    assert 0 < seen[0] <= 4.7
