"""One group of very many users: every item counted and told once whatever ends the run, an end where there is no use, and
memory that the iterable does not decide.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import pickle
import signal
import sqlite3
import subprocess
import sys
import threading
from operator import itemgetter
from typing import Any, Dict, Iterator, List, Tuple, Type

import pytest
from scene import DELETE, PATIENCE, PATIENT, USER, Running, python

from tencent_chat import (
    BulkItem,
    BulkResult,
    CancelledError,
    CancelToken,
    Client,
    InvalidArgumentError,
    InvalidParameterError,
    IpNotAllowedError,
    PartialError,
    PlanError,
    UserSigError,
    codes,
)
from tencent_chat.testing import Emulator

NONE = (USER, "none")


@pytest.fixture
def client(emulator: Emulator) -> Iterator[Client]:
    """At the speed that the machine has."""
    with emulator.client(rate_limit=0) as client:
        yield client


class Endless:
    """Goes on for ever with a group that the user does not have. In steps of C in which no signal handler runs (as one would
    where an int becomes a str), so that what was taken is known exactly.
    """

    def __init__(self) -> None:
        self._counter = itertools.count()
        self.items: Iterator[Tuple[str, str]] = map(itemgetter(0), zip(itertools.repeat(NONE), self._counter))

    @property
    def taken(self) -> int:
        """Without a step of its own."""
        return int(repr(self._counter)[len("count(") : -1])


class Told:
    """Keeps what a run tells, and finds two threads in it at once."""

    def __init__(self) -> None:
        self.items: List[BulkItem] = []
        self._inside = threading.Lock()

    def __call__(self, ended: BulkItem) -> None:
        assert self._inside.acquire(blocking=False), "two were told at once"
        self.items.append(ended)
        self._inside.release()

    def outcomes(self) -> Dict[str, int]:
        return {name: [item.outcome for item in self.items].count(name) for name in {item.outcome for item in self.items}}


def adds_up(result: BulkResult, taken: int, told: Told) -> None:
    """Each item taken was counted once and told once, as the same."""
    assert result.taken == taken == len(told.items)
    assert sorted(item.number for item in told.items) == list(range(taken))
    assert all(getattr(result, name) == count for name, count in told.outcomes().items())
    assert sum(result.failed_by_code.values()) == result.failed + result.in_doubt
    assert result.attempts == sum(item.attempts for item in told.items)
    assert not [thread.name for thread in threading.enumerate() if "bulk" in thread.name], "a thread was left behind"


def stopped(kind: Type[BaseException], act: Any) -> Tuple[Any, BulkResult]:
    """What came out of a run that did not end well, and its result."""
    with pytest.raises(kind) as caught:
        act()
    assert type(caught.value) is kind
    return caught.value, getattr(caught.value, "result")  # noqa: B009


def test_a_group_is_deleted_for_many_users_and_the_others_are_counted(client: Client) -> None:
    fans = [f"fan_{number}" for number in range(40)]
    client.multiaccount_import(fans)
    for fan in fans:
        client.create_contact_group(fan, "team")
    told, items = Told(), ["nobody", NONE, [USER, "other"], *fans]
    result = client.del_contact_groups(iter(items), "team", on_result=told)
    assert (result.deleted, result.missing, result.unknown, result.attempts) == (40, 2, 1, 43)
    adds_up(result, 43, told)
    ended = {item.number: item for item in told.items}
    assert [ended[number].item for number in range(43)] == items
    assert ended[1].error is not None and ended[1].error.code == 51009 and ended[2].outcome == "missing"
    assert ended[9].error is None and ended[9].response is not None and ended[9].response.code == 0
    again = client.del_contact_groups(fans, "team")
    assert (again.deleted, again.missing) == (0, 40)
    assert pickle.loads(pickle.dumps(result)) == result


def test_groups_that_are_not_there_are_failures_if_told(client: Client) -> None:
    told = Told()
    error, result = stopped(
        PartialError, lambda: client.del_contact_groups([NONE] * 20, missing="fail", on_result=told, max_failures=None)
    )
    adds_up(result, 20, told)
    assert (result.failed, result.missing, result.failed_by_code) == (20, 0, {51009: 20})
    assert error.code == codes.ERR_PARTIAL and "20 of 20 items" in str(error) and "[51009]" in str(error)
    assert set(result.failures) == set(told.items) and pickle.loads(pickle.dumps(error)).result.failed == 20


CONDEMNED = {51013: PlanError, 60020: PlanError, 60021: IpNotAllowedError, 70009: UserSigError}


@pytest.mark.parametrize("code", CONDEMNED)
def test_a_run_stops_at_once_when_no_call_can_succeed(emulator: Emulator, client: Client, code: int) -> None:
    emulator.fault(path=DELETE, code=code, skip=20, times=0)
    endless, told = Endless(), Told()
    error, result = stopped(
        CONDEMNED[code], lambda: client.del_contact_groups(endless.items, workers=4, on_result=told, max_failures=None)
    )
    adds_up(result, endless.taken, told)
    assert error.code == code and "the run stopped" in str(error)
    # Each worker had one on the way.
    assert result.missing == 20 and result.failed == 0 and 0 < result.not_done <= 4


def test_a_run_stops_after_many_failures_or_never_if_told(emulator: Emulator, client: Client) -> None:
    emulator.fault(code=50002, times=0)

    def run(most: int, **given: int) -> None:
        endless, told = Endless(), Told()
        _, result = stopped(
            InvalidParameterError, lambda: client.del_contact_groups(endless.items, workers=4, on_result=told, **given)
        )
        adds_up(result, endless.taken, told)
        assert most <= result.failed <= most + 3 and result.failed_by_code == {50002: result.failed}

    run(100)
    run(7, max_failures=7)
    told = Told()
    _, result = stopped(PartialError, lambda: client.del_contact_groups([NONE] * 150, max_failures=None, on_result=told))
    adds_up(result, 150, told)
    assert result.failed == 150 and len(result.failures) == 100


def test_no_more_items_are_taken_than_there_are_workers(emulator: Emulator) -> None:
    emulator.fault(hang=True, times=0)
    endless, told, token = Endless(), Told(), CancelToken()
    with emulator.client(rate_limit=0, **PATIENT) as client:
        run = Running(lambda: client.del_contact_groups(endless.items, workers=3, on_result=told, cancel=token))
        emulator.wait_for_requests(3)
        assert endless.taken == 3
        token.trigger()
        error = run.error()
    assert isinstance(error, CancelledError)
    adds_up(error.result, endless.taken, told)
    assert error.result.in_doubt == 3


def test_an_item_without_a_turn_in_time_waits_for_one(emulator: Emulator) -> None:
    # Sixteen at a time wait for more than a second.
    with emulator.client(rate_limit=10, timeout=0.7) as client:
        told = Told()
        try:
            result = client.del_contact_groups([NONE] * 25, on_result=told)
        except PartialError as error:
            # A turn may come so late that the call's time is over, on a busy machine for many; that is a failure, to have none is not.
            result = error.result
        adds_up(result, 25, told)
        assert result.missing > 0 and result.not_done == 0 and codes.ERR_THROTTLED not in result.failed_by_code
        assert client.stats()["calls_throttled"] > 0, "every item had its turn at once: this test shows nothing"


def test_progress_may_be_a_bar_or_a_function(client: Client) -> None:
    class Bar:
        n = 0

        def update(self, n: int = 1) -> bool:
            self.n += n
            return True

        def __call__(self, _result: object) -> None:
            raise AssertionError("a bar that can be called is a bar")

    bar, seen = Bar(), []
    client.del_contact_groups([NONE] * 20, progress=bar)
    assert bar.n == 20
    client.del_contact_groups([NONE] * 20, progress=lambda result: seen.append((result.taken, result.missing)))
    assert seen == [(number, number) for number in range(1, 21)]


def test_the_iterable_runs_on_the_callers_thread(client: Client) -> None:
    database = sqlite3.connect(":memory:")  # refuses every other thread
    database.execute("create table users (id)")
    database.executemany("insert into users values (?)", [(USER,), ("user_0002",)])
    rows = database.execute("select id, 'team' from users")
    assert client.del_contact_groups(rows, workers=2).missing == 2
    database.close()


def test_what_the_iterable_raises_comes_out_with_the_result(client: Client) -> None:
    def items() -> Iterator[str]:
        yield from [USER] * 10
        raise OSError("the file is gone")

    told = Told()
    error, result = stopped(OSError, lambda: client.del_contact_groups(items(), "none", on_result=told))
    adds_up(result, 10, told)
    # A worker may not have begun with its item yet.
    assert str(error) == "the file is gone" and result.missing + result.not_done == 10


@pytest.mark.parametrize(
    "wrong, says",
    [
        (5, "not int"),
        (None, "not NoneType"),
        (("a", "b", "c"), "not tuple"),
        (("a", 5), "not tuple"),
        ("lonely", "give group_name"),
    ],
)
def test_an_item_of_a_wrong_type_is_named_by_its_place(client: Client, wrong: Any, says: str) -> None:
    told = Told()
    error, result = stopped(TypeError, lambda: client.del_contact_groups([NONE, NONE, wrong], workers=1, on_result=told))
    adds_up(result, 3, told)
    assert str(error).startswith("items[2] ") and says in str(error)
    assert (result.missing, result.not_done) == (2, 1)


def test_an_item_that_breaks_a_rule_is_a_failure_and_the_run_goes_on(client: Client) -> None:
    items = [NONE, (USER, "g" * 65), ("", "g"), (USER, "a\0b"), (USER, "\ud800"), NONE]
    told = Told()
    error, result = stopped(PartialError, lambda: client.del_contact_groups(items, workers=1, on_result=told))
    adds_up(result, 6, told)
    assert [item.number for item in result.failures] == [1, 2, 3, 4] and result.missing == 2
    assert "4 of 6" in str(error) and "items[1]" in str(error)


@pytest.mark.parametrize("by", ["on_result", "progress"])
def test_what_a_function_of_the_callers_raises_ends_the_run_and_comes_out(client: Client, by: str) -> None:
    calls: List[object] = []

    def function(ended: object) -> None:
        calls.append(ended)
        if len(calls) >= 5:
            raise OSError("the disk is full")

    endless = Endless()
    given: Any = {by: function}
    _, result = stopped(OSError, lambda: client.del_contact_groups(endless.items, workers=3, **given))
    assert result.taken == endless.taken == len(calls) and 5 <= result.taken <= 5 + 2


def test_wrong_arguments_are_refused_before_an_item_is_taken(client: Client) -> None:
    endless = Endless()
    refused: List[Tuple[Type[Exception], Dict[str, Any], str]] = [
        (TypeError, {"workers": "4"}, "workers"),
        (InvalidArgumentError, {"workers": 0}, "workers"),
        (InvalidArgumentError, {"missing": "no"}, "missing"),
        (InvalidArgumentError, {"max_failures": 0}, "max_failures"),
        (InvalidArgumentError, {"timeout": 0}, "timeout"),
        (TypeError, {"cancel": 5}, "cancel"),
        (TypeError, {"progress": 5}, "progress"),
        (TypeError, {"on_result": 5}, "on_result"),
        (TypeError, {"group_name": 5}, "group_name"),
    ]
    for kind, given, says in refused:
        with pytest.raises(kind, match=says):
            client.del_contact_groups(endless.items, **given)
    for items in ("user_0001", b"user_0001", 5, None):
        with pytest.raises(TypeError, match="items"):
            client.del_contact_groups(items, "g")  # type: ignore[arg-type]
    assert endless.taken == 0 and client.stats()["calls"] == 0
    assert client.del_contact_groups([]).taken == 0


#: Prints what it knows of a run that was interrupted; the emulator's log tells whether that is so.
INTERRUPTED = """
import itertools, json, signal, sys, threading, time
from operator import itemgetter
from tencent_chat import Client

counter, told = itertools.count(), []
items = map(itemgetter(0), zip(itertools.repeat(("user_0001", "none")), counter))

def watch():
    # A second signal within the handler of the first would make one exception of two.
    while sys._current_frames()[threading.main_thread().ident].f_code.co_name != "go":
        time.sleep(0.01)
    print("waits for the calls under way", flush=True)

watcher = threading.Thread(target=watch)

def heard(*_):
    if not watcher.ident:
        watcher.start()
    raise KeyboardInterrupt

signal.signal(signal.SIGINT, heard)
app = dict(sdk_app_id=1400000000, identifier="administrator", secret_key=sys.argv[2])
with Client(base_url=sys.argv[1], timeout=600, attempt_timeout=600, rate_limit=0, **app) as client:
    try:
        client.del_contact_groups(items, workers=4, on_result=told.append)
    except KeyboardInterrupt as error:
        result = error.result
watcher.join()
print(json.dumps({
    "came": int(repr(counter)[len("count("):-1]), "taken": result.taken, "missing": result.missing, "in_doubt": result.in_doubt,
    "not_done": result.not_done, "attempts": result.attempts, "told": sorted(ended.number for ended in told),
    "threads": threading.active_count(),
}))
"""


def interrupted(emulator: Emulator, times: int) -> Dict[str, Any]:
    """A run in a program of its own, interrupted when 44 calls have come, so often."""
    command = [sys.executable, "-c", INTERRUPTED, emulator.url, emulator.secret_key]
    program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")
    stop = threading.Timer(PATIENCE, program.kill)
    stop.start()
    try:
        emulator.wait_for_requests(44)
        assert program.stdout is not None
        program.send_signal(signal.SIGINT)
        out = program.stdout.readline()
        assert out == "waits for the calls under way\n"
        for _ in range(times - 1):
            program.send_signal(signal.SIGINT)
        out = program.stdout.read()
        assert program.wait() == 0, out
    finally:
        stop.cancel()
        program.kill()
        program.communicate()
    told: Dict[str, Any] = json.loads(out)
    assert told["came"] == told["taken"] and told["told"] == list(range(told["taken"])) and told["threads"] == 1
    assert told["taken"] == told["missing"] + told["in_doubt"] + told["not_done"]
    assert told["attempts"] == len(emulator.requests()) >= 44
    return told


def test_ctrl_c_once_more_ends_the_calls_under_way_too(emulator: Emulator) -> None:
    emulator.fault(hang=True, skip=40, times=0)
    told = interrupted(emulator, 2)
    assert (told["missing"], told["in_doubt"]) == (40, 4)


#: A signal that comes at whatever place of the caller's thread, and again, because Python itself drops what is raised in a
#: function that it calls when it frees something.
PESTERED = """
import itertools, signal
from operator import itemgetter
from tencent_chat.testing import Emulator

armed = False

def raises(*_):
    if armed:
        raise KeyboardInterrupt

signal.signal(signal.SIGALRM, raises)
with Emulator() as emulator, emulator.client(rate_limit=0) as client:
    most = 0
    for number in range(150):
        counter, told = itertools.count(), []
        items = map(itemgetter(0), zip(itertools.repeat(("user_0001", "none")), counter))
        armed = True
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.001 + (number / 600) ** 2, 0.5)
            client.del_contact_groups(items, workers=4, on_result=told.append)
        except KeyboardInterrupt as error:
            armed = False
            came = int(repr(counter)[len("count("):-1])
            # Without one the run had not begun.
            result = getattr(error, "result", None)
            assert (result.taken if result else 0) == len(told) == came, (result, len(told), came)
            most = max(most, came)
    print("ended" if most > 10 else "no run had begun")
"""


def test_no_item_is_lost_wherever_the_callers_thread_is_interrupted() -> None:
    ended = python("-c", PESTERED)
    assert (ended.stdout, ended.returncode) == ("ended\n", 0), ended.stderr


FORKED = """
import os
from tencent_chat import ForkedError
from tencent_chat.testing import Emulator

with Emulator() as emulator, emulator.client(rate_limit=0) as client:
    children = []

    def items():
        for number in range(20):
            if number == 10:
                child = os.fork()
                if child:
                    children.append(child)
            yield "user_0001"

    told = []
    try:
        result = client.del_contact_groups(items(), "none", workers=4, on_result=told.append)
    except ForkedError:
        os._exit(7 if not children else 8)
    print(os.WEXITSTATUS(os.waitpid(children[0], 0)[1]), result.missing, len(told), len(emulator.requests()))
    client.close()
    child = os.fork()
    if child == 0:
        try:
            client.del_contact_groups(["user_0001"], "none")
        except ForkedError:
            os._exit(7)
    print(os.WEXITSTATUS(os.waitpid(child, 0)[1]))
"""


def test_a_fork_within_the_iterable_leaves_the_run_to_the_parent() -> None:
    # Which locks are held at the moment of the fork is luck.
    for _ in range(3):
        ended = python("-W", "ignore::DeprecationWarning", "-c", FORKED)
        assert (ended.stdout, ended.stderr, ended.returncode) == ("7 20 20 20\n7\n", "", 0)


def test_awaiting_a_run_leaves_the_threads_to_the_calls_and_a_cancelled_task_ends_it(emulator: Emulator) -> None:
    emulator.fault(path=DELETE, hang=True, skip=10, times=0)
    endless, told = Endless(), Told()

    async def story() -> None:
        async with emulator.async_client(rate_limit=0, max_connections=4, **PATIENT) as client:
            run = asyncio.ensure_future(client.del_contact_groups(endless.items, workers=3, on_result=told))
            while len(emulator.requests()) < 13:
                await asyncio.sleep(0.005)
            assert (await client.get_contact_group(USER)).complete
            run.cancel()
            with pytest.raises(asyncio.CancelledError):
                await run
            # Nothing of the run is left, and all of it was told.
            assert len(told.items) == endless.taken == 13
            with pytest.raises(TypeError, match="items"):
                await client.del_contact_groups(5)  # type: ignore[arg-type]

    asyncio.run(asyncio.wait_for(story(), PATIENCE))
    assert told.outcomes() == {"missing": 10, "in_doubt": 3}
