"""A client's life: shared by threads, shut down and closed by any of them, never used after it was freed, never forked."""

from __future__ import annotations

import asyncio
import contextvars
import copy
import functools
import gc
import os
import pickle
import sys
import threading
import time
from pathlib import Path
from typing import Any, Callable, List, Optional

import pytest
from scene import CREATE, PATIENT, USER, Running, awaited, create, group_names, python
from TLSSigAPIv2 import TLSSigAPIv2

import tencent_chat
from tencent_chat import (
    CancelToken,
    ChatError,
    Client,
    Contact,
    ServiceError,
    ShutdownError,
    TransportError,
    UserSigError,
    _call,
    _options,
    response,
    session,
)
from tencent_chat.testing import Emulator


def test_calls_of_several_threads_overlap(emulator: Emulator) -> None:
    emulator.fault(hang=True, times=4)
    with emulator.client(**PATIENT) as client:
        calls = [Running(lambda: client.del_contact_group(USER, "g")) for _ in range(4)]
        # All four lie at the service, none is answered, and this thread runs Python: nobody holds the interpreter lock.
        emulator.wait_for_requests(4, timeout=10)
        assert all(call.is_running for call in calls)
        client.shutdown()
        assert all(isinstance(call.error(), ShutdownError) for call in calls)


def test_many_threads_share_one_client(emulator: Emulator) -> None:
    with emulator.client() as client:
        randoms = range(1, 25)
        calls = [
            Running(lambda random=random: client.call("v4/im_open_login_svc/account_check", _check(random), random=random))
            for random in randoms
        ]
        for random, call in zip(randoms, calls):
            response = call.end()
            assert response.random == random
            assert response.json()["ResultItem"][0]["UserID"] == f"user_{random}"


def _check(number: int) -> Any:
    return {"CheckItem": [{"UserID": f"user_{number}"}]}


def test_close_ends_calls_in_progress_and_waits_for_them(emulator: Emulator) -> None:
    gc.collect()
    before = _open_sockets()
    emulator.fault(hang=True, times=8)
    client = emulator.client(**PATIENT)
    calls = [Running(lambda: client.del_contact_group(USER, "g")) for _ in range(8)]
    emulator.wait_for_requests(8)
    assert _open_sockets() == before + 8
    Running(client.close).end()
    assert _open_sockets() == before
    assert all(isinstance(call.error(), ShutdownError) for call in calls)


def test_a_hook_is_told_of_each_attempt_where_the_call_was_made(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    request: "contextvars.ContextVar[str]" = contextvars.ContextVar("request", default="-")
    told: List[Any] = []
    with emulator.client(attempt_hook=lambda attempt: told.append((request.get(), attempt))) as client:
        request.set("r1")
        emulator.fault(code=50004)
        trace = client.account_import("a").trace
    assert [(name, attempt["code"]) for name, attempt in told] == [("r1", 50004), ("r1", 0)]
    assert [attempt["random"] for _, attempt in told] == [attempt["random"] for attempt in trace]

    async def story() -> None:
        async with emulator.async_client(attempt_hook=lambda attempt: told.append((request.get(), attempt))) as other:
            request.set("r2")
            await other.account_import("a")

    awaited(story)
    assert told[-1][0] == "r2"
    with emulator.client(attempt_hook=lambda _attempt: told.append(1 // 0)) as client:
        monkeypatch.setattr(sys, "unraisablehook", lambda raised: told.append(type(raised.exc_value)))
        assert client.account_import("a").code == 0
        monkeypatch.undo()
    assert told[-1] is ZeroDivisionError
    with pytest.raises(TypeError, match="attempt_hook"):
        emulator.client(attempt_hook=5)


def test_close_returns_only_when_the_last_call_is_out(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    reading, go_on = threading.Event(), threading.Event()
    read_response = _call.read_response

    def read_slowly(*arguments: Any) -> Any:
        reading.set()
        go_on.wait()
        return read_response(*arguments)

    client = emulator.client()
    monkeypatch.setattr(_call, "read_response", read_slowly)
    call = Running(lambda: client.del_contact_group(USER, "g"))
    reading.wait()
    closing = [Running(client.close) for _ in range(3)]
    time.sleep(0.2)
    assert all(close.is_running for close in closing)
    go_on.set()
    for close in closing:
        close.end()
    assert isinstance(call.error(), tencent_chat.GroupNotFoundError)


def test_close_may_be_called_again_and_by_several_threads(emulator: Emulator) -> None:
    client = emulator.client()
    create(client, "g")
    for closing in [Running(client.close) for _ in range(8)]:
        closing.end()
    client.close()
    assert "closed" in repr(client)


@pytest.mark.parametrize(
    "use",
    [
        group_names,
        lambda client: client.set_secret_key("k"),
        lambda client: client.set_user_sig("k"),
        lambda client: client.del_contact_group("a", "b"),
    ],
    ids=["call", "set_secret_key", "set_user_sig", "del_contact_group"],
)
def test_a_closed_client_refuses_everything_by_name(emulator: Emulator, use: Callable[[Client], object]) -> None:
    with emulator.client() as client:
        pass
    with pytest.raises(ShutdownError, match="closed"):
        use(client)


def test_closing_while_others_call_is_safe(emulator: Emulator) -> None:
    def hammer(client: Client, started: threading.Barrier) -> None:
        started.wait()
        while True:
            client.call("v4/im_open_login_svc/account_check", _check(1))

    for _ in range(20):
        client = emulator.client()
        started = threading.Barrier(9)
        callers = [Running(functools.partial(hammer, client, started)) for _ in range(8)]
        started.wait()
        client.close()
        assert all(isinstance(caller.error(), ShutdownError) for caller in callers)


def test_a_client_that_is_dropped_closes_its_connections(emulator: Emulator) -> None:
    gc.collect()
    before = _open_sockets()
    client = emulator.client()
    create(client, "g")
    assert _open_sockets() == before + 1
    with pytest.warns(ResourceWarning, match="unclosed <tencent_chat.Client https://.* identifier='administrator'>"):
        del client
        gc.collect()
    assert _open_sockets() == before


def _open_sockets() -> int:
    """Connections of this process; what wakes a waiting call up is none."""
    tables = [Path(f"/proc/self/net/{name}").read_text().splitlines()[1:] for name in ("tcp", "tcp6")]
    connections = {f"socket:[{line.split()[9]}]" for table in tables for line in table}
    links = (f"/proc/self/fd/{number}" for number in os.listdir("/proc/self/fd"))
    return sum(os.path.lexists(link) and os.readlink(link) in connections for link in links)


def test_a_token_may_be_dropped_while_its_call_runs(emulator: Emulator) -> None:
    emulator.fault(delay_ms=200)
    token = CancelToken()
    with emulator.client() as client:
        call = Running(lambda token=token: client.del_contact_group(USER, "g", cancel=token))
        emulator.wait_for_requests(1)
        del token
        gc.collect()
        assert isinstance(call.error(), tencent_chat.GroupNotFoundError)


@pytest.mark.parametrize("way", [pickle.dumps, copy.copy, copy.deepcopy], ids=["pickle", "copy", "deepcopy"])
def test_what_belongs_to_one_process_cannot_be_copied(
    emulator: Emulator, client: Client, way: Callable[[object], object]
) -> None:
    for owner in (client, CancelToken(), emulator):
        with pytest.raises(TypeError, match="cannot be copied or pickled"):
            way(owner)


def test_every_response_and_every_option_is_freed(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    responses, options = _freed(monkeypatch, response.Answer), _freed(monkeypatch, _options.Options)
    made = _Counting(_options.quick)
    monkeypatch.setattr(_options, "quick", made)
    monkeypatch.setattr(_options, "_idle", [])
    with emulator.client() as client:
        del responses[:]
        create(client, "g")
        group_names(client)
        Running(lambda: group_names(client)).end()
        for action in (
            lambda: client.del_contact_group(USER, "h"),
            lambda: client.del_contact_group(USER, "h", timeout=0.000001),
            lambda: client.call("no path"),
        ):
            with pytest.raises(ChatError):
                action()
        with pytest.raises(TypeError):
            client.del_contact_group(USER, "g", random=1.5)  # type: ignore[arg-type]
        kept = client.del_contact_group(USER, "g")
        assert (len(responses), all(responses)) == (6, True)
        # Those of the main thread's other calls are one that is used again; another thread without options has none.
        assert made.calls.count("chat_call_options_new") == 2
        assert (len(options), all(options), len(_options._idle)) == (1, True, 1)
    # A result may be looked at for the first time when the client is gone, and its memory goes when nobody holds it.
    assert kept.groups[0].name == "g" and len(responses) == 6
    del kept
    assert len(responses) == 7


def _freed(monkeypatch: pytest.MonkeyPatch, kind: Any) -> List[Optional[int]]:
    """The pointers of a kind that are freed from now on."""
    pointers: List[Optional[int]] = []
    free = kind.__del__

    def counted(held: Any) -> None:
        pointers.append(held.value)
        free(held)

    monkeypatch.setattr(kind, "__del__", counted)
    return pointers


class _Counting:
    """The library, with a list of the functions that were asked for."""

    def __init__(self, library: Any) -> None:
        self._library = library
        self.calls: List[str] = []

    def __getattr__(self, name: str) -> Any:
        self.calls.append(name)
        return getattr(self._library, name)


def test_key_and_signature_can_be_replaced_while_threads_call(emulator: Emulator) -> None:
    stop = threading.Event()
    with emulator.client(secret_key="0" * 64) as client:
        with pytest.raises(UserSigError):
            group_names(client)
        client.set_secret_key(emulator.secret_key)
        group_names(client)

        def keep_calling() -> None:
            while not stop.is_set():
                group_names(client)

        ready = TLSSigAPIv2(emulator.sdk_app_id, emulator.secret_key).gen_sig(emulator.identifier)
        callers = [Running(keep_calling) for _ in range(4)]
        for _ in range(20):
            client.set_user_sig(ready)
            group_names(client)
            client.set_secret_key(emulator.secret_key)
            group_names(client)
        stop.set()
        for caller in callers:
            caller.end()
    refused, *accepted = emulator.requests()
    assert refused["code"] == 70009 and all(request["code"] == 0 for request in accepted)
    assert len({request["query"]["usersig_sha256"] for request in accepted}) >= 2


FORK = """
import os, sys
from tencent_chat import Client, ForkedError, ShutdownError
from tencent_chat.testing import Emulator
import threading

with Emulator() as emulator, emulator.client() as client:
    check = ("v4/im_open_login_svc/account_check", {"CheckItem": [{"UserID": "user_0001"}]})
    client.call(*check)
    emulator.fault(hang=True, path="v4/recentcontact/del_contact_group")
    # Another thread of the parent is inside a call: the child must not wait for it.
    def hang():
        try:
            client.del_contact_group("user_0001", "g")
        except ShutdownError:
            pass
    inside = threading.Thread(target=hang)
    inside.start()
    emulator.wait_for_requests(2)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            client.call(*check)
        except ForkedError as error:
            client.shutdown()
            client.close()
            del client
            with emulator.client() as own:
                own.call(*check)
            status = 0 if error.code == -8 and "fork" in str(error) else 2
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    assert status == 0, status
    client.call(*check)
    assert inside.is_alive()
    client.close()
    inside.join()
    print("the parent goes on")
"""


def test_a_forked_child_is_refused_at_once_and_the_parent_goes_on() -> None:
    ended = python("-W", "ignore::DeprecationWarning", "-c", FORK)
    assert (ended.stdout, ended.returncode) == ("the parent goes on\n", 0), ended.stderr


def test_a_program_may_end_without_closing() -> None:
    program = """
import threading
from tencent_chat.testing import Emulator
emulator = Emulator()
client = emulator.client(timeout=600, attempt_timeout=600)
emulator.fault(hang=True)
threading.Thread(target=lambda: client.del_contact_group("user_0001", "g"), daemon=True).start()
emulator.wait_for_requests(1)
print("over")
"""
    ended = python("-c", program)
    assert (ended.stdout, ended.stderr, ended.returncode) == ("over\n", "", 0)


def test_a_client_with_options_is_the_same_client(emulator: Emulator) -> None:
    client = emulator.client()
    other = client.with_options(max_attempts=2).with_options(repeat_in_doubt=True)
    create(client, "a")
    create(other, "b")
    assert len({request["connection"] for request in emulator.requests()}) == 1
    assert client.stats() == other.stats() and repr(client) == repr(other)
    emulator.fault(drop="fin", times=0)
    with pytest.raises(TransportError) as caught:
        other.call(CREATE, {})
    assert caught.value.response is not None and caught.value.response.attempts == 2, "both differences hold"
    emulator.clear_faults()
    del client
    gc.collect()
    assert group_names(other) == ["a", "b"]
    other.close()
    with pytest.raises(ShutdownError, match="closed"):
        group_names(other)


def test_closing_one_of_them_closes_both(emulator: Emulator) -> None:
    client = emulator.client()
    with client.with_options(max_attempts=1):
        pass
    with pytest.raises(ShutdownError, match="closed"):
        group_names(client)


def test_options_of_a_client_reach_parts_pages_and_awaited_calls(emulator: Emulator, client: Client) -> None:
    client.create_contact_group(USER, "g", [Contact.one_to_one("u")])
    once = client.with_options(max_attempts=1)

    async def awaited() -> None:
        async with emulator.async_client() as waiting:
            await waiting.with_options(max_attempts=1).get_contact_group(USER)

    uses: List[Callable[[], Any]] = [
        lambda: once.account_check([f"u{number}" for number in range(101)], split=True),
        lambda: list(once.contact_group_items(USER)),
        lambda: asyncio.run(awaited()),
    ]
    for use in uses:
        before = len(emulator.requests())
        emulator.fault(code=50004)
        with pytest.raises(ServiceError):
            use()
        assert len(emulator.requests()) - before == 1


def test_a_closed_client_has_no_counters(emulator: Emulator) -> None:
    client = emulator.client()
    client.close()
    with pytest.raises(ShutdownError, match="closed"):
        client.stats()


def test_every_snapshot_is_freed(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    real = session.library

    class Counting:
        def __getattr__(self, name: str) -> object:
            seen.append(name)
            return getattr(real, name)

    monkeypatch.setattr(session, "library", Counting())
    client.stats()
    assert seen.count("chat_client_stats") == seen.count("chat_stats_free") == 1


def test_counters_are_read_while_threads_call(client: Client) -> None:
    callers = [Running(lambda: [group_names(client) for _ in range(20)]) for _ in range(4)]
    last = 0
    while any(caller.is_running for caller in callers):
        calls = client.stats()["calls"]
        assert calls >= last
        last = calls
    for caller in callers:
        caller.end()
    assert client.stats()["calls_ok"] == 80
