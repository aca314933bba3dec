"""Signals reach Python while a call is blocked in C, wherever it stands: Ctrl-C ends it, a handler's exception comes out of it,
and a handler that returns lets it go on. All while the peer still hangs.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import Any, Iterator

import pytest
from scene import PATIENCE, PATIENT, USER, create

from tencent_chat import Client, ShutdownError
from tencent_chat.testing import Emulator

PROGRAM = """
import sys
from tencent_chat import Client

app = dict(sdk_app_id=1400000000, identifier="administrator", secret_key=sys.argv[2])
client = Client(base_url=sys.argv[1], timeout=600, attempt_timeout=600, **app)
try:
    client.del_contact_group("user_0001", "g")
except KeyboardInterrupt:
    print("interrupted")
client.close()
"""


AWAITED = """
import asyncio, sys
from tencent_chat import AsyncClient

async def main():
    settings = dict(sdk_app_id=1400000000, identifier="administrator", secret_key=sys.argv[2], timeout=600, attempt_timeout=600)
    async with AsyncClient(base_url=sys.argv[1], **settings) as client:
        await client.del_contact_group("user_0001", "g")

try:
    asyncio.run(main())
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.parametrize("source", [PROGRAM, AWAITED], ids=["in a call", "in a task"])
def test_ctrl_c_ends_a_program_that_waits(emulator: Emulator, source: str) -> None:
    emulator.fault(hang=True)
    program = subprocess.Popen(
        [sys.executable, "-c", source, emulator.url, emulator.secret_key],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        emulator.wait_for_requests(1)
        program.send_signal(signal.SIGINT)
        out, error = program.communicate(timeout=PATIENCE)
    finally:
        program.kill()
        program.wait()
    assert (out, error, program.returncode) == ("interrupted\n", "", 0)
    assert emulator.requests()[0]["status"] is None


#: In the child the thread that forked is the main thread, the only one that Python runs signal handlers on.
FORKED_BY_A_THREAD = """
import os, sys, threading
from tencent_chat import Client

def fork():
    child = os.fork()
    if child:
        print(child, flush=True)
        os.waitpid(child, 0)
        return
    app = dict(sdk_app_id=1400000000, identifier="administrator", secret_key=sys.argv[2])
    try:
        Client(base_url=sys.argv[1], timeout=600, attempt_timeout=600, **app).del_contact_group("user_0001", "g")
    except KeyboardInterrupt:
        print("interrupted", flush=True)
    os._exit(0)

thread = threading.Thread(target=fork)
thread.start()
thread.join()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork() here")
def test_ctrl_c_ends_a_call_of_a_child_that_a_thread_forked(emulator: Emulator) -> None:
    emulator.fault(hang=True)
    command = [sys.executable, "-W", "ignore", "-c", FORKED_BY_A_THREAD, emulator.url, emulator.secret_key]
    program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
    assert program.stdout is not None
    child = int(program.stdout.readline())
    stop = threading.Timer(PATIENCE, os.kill, (child, signal.SIGKILL))
    stop.start()
    try:
        emulator.wait_for_requests(1)
        os.kill(child, signal.SIGINT)
        out, error = program.communicate()
    finally:
        stop.cancel()
        program.kill()
        program.wait()
    assert (out, error, program.returncode) == ("interrupted\n", "", 0)


#: What waits in front of a call: the places under a rate limit of one a second that other threads have taken.
WAITING_FOR_A_SLOT = """
import sys, threading, time
from tencent_chat import ChatError, Client

app = dict(sdk_app_id=1400000000, identifier="administrator", secret_key=sys.argv[2])
client = Client(base_url=sys.argv[1], timeout=600, rate_limit=1, **app)

def other():
    try:
        client.del_contact_group("user_0001", "another's")
    except ChatError:
        pass

for _ in range(90):
    threading.Thread(target=other, daemon=True).start()

def come(number):
    stats = client.stats()
    while stats["calls_in_progress"] + stats["calls"] < number:
        time.sleep(0.01)
        stats = client.stats()

def tell():
    come(91)
    print("waiting", flush=True)

come(90)
threading.Thread(target=tell, daemon=True).start()
try:
    client.del_contact_group("user_0001", "mine")
except KeyboardInterrupt:
    print("interrupted", client.stats()["calls_in_progress"] > 0)
client.close()
"""

#: Told to pause for longer than any test waits.
WAITING_BETWEEN_ATTEMPTS = """
import sys, threading, time
from tencent_chat import Client

app = dict(sdk_app_id=1400000000, identifier="administrator", secret_key=sys.argv[2])
client = Client(base_url=sys.argv[1], timeout=600, **app)

def tell():
    while client.stats()["throttle_answers"] == 0:
        time.sleep(0.01)
    print("waiting", flush=True)

threading.Thread(target=tell, daemon=True).start()
try:
    client.del_contact_group("user_0001", "mine")
except KeyboardInterrupt:
    print("interrupted", client.stats()["calls_cancelled"] == 1)
client.close()
"""


@pytest.mark.parametrize("story, sent", [(WAITING_FOR_A_SLOT, 0), (WAITING_BETWEEN_ATTEMPTS, 1)], ids=["a slot", "a pause"])
def test_ctrl_c_ends_a_call_that_waits_for(emulator: Emulator, story: str, sent: int) -> None:
    if sent:
        emulator.fault(answer={"status": 429, "headers": {"Retry-After": "300"}, "body": ""})
    program = subprocess.Popen(
        [sys.executable, "-c", story, emulator.url, emulator.secret_key],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    watchdog = threading.Timer(PATIENCE, program.kill)
    watchdog.start()
    try:
        assert program.stdout is not None and program.stdout.readline() == "waiting\n"
        program.send_signal(signal.SIGINT)
        out, error = program.communicate(timeout=PATIENCE)
    finally:
        watchdog.cancel()
        program.kill()
        program.wait()
    assert (out, error, program.returncode) == ("interrupted True\n", "", 0)
    assert sum("mine" in request["body"] for request in emulator.requests()) == sent


class Alarm(Exception):
    """What a handler raises."""


@pytest.fixture
def on_signal() -> Iterator[Any]:
    """Sets the handler of SIGUSR1 for one test."""
    before = signal.getsignal(signal.SIGUSR1)
    yield lambda handler: signal.signal(signal.SIGUSR1, handler)
    signal.signal(signal.SIGUSR1, before)


def send_when_requests_came(emulator: Emulator, count: int) -> threading.Thread:
    def send() -> None:
        emulator.wait_for_requests(count)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)

    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    return thread


def test_what_a_handler_raises_comes_out_of_the_call(
    emulator: Emulator, on_signal: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    def handler(*_: Any) -> None:
        raise Alarm("from the handler")

    on_signal(handler)
    emulator.fault(hang=True)
    with emulator.client(**PATIENT) as client:
        sender = send_when_requests_came(emulator, 1)
        with pytest.raises(Alarm, match="from the handler"):
            client.del_contact_group(USER, "g")
        sender.join()
        create(client, "the client goes on")
    assert capfd.readouterr().err == ""


def test_a_handler_that_returns_lets_the_call_go_on(emulator: Emulator, on_signal: Any) -> None:
    heard = []
    on_signal(lambda *_: heard.append("heard"))
    with emulator.client(**PATIENT) as client:
        create(client, "g")
        emulator.fault(delay_ms=1000)
        sender = send_when_requests_came(emulator, 2)
        assert client.del_contact_group(USER, "g").groups[0].name == "g"
        sender.join()
    assert heard == ["heard"]


def test_a_handler_may_make_calls_of_its_own(emulator: Emulator, on_signal: Any) -> None:
    emulator.fault(delay_ms=1000, path="v4/recentcontact/create_contact_group")
    with emulator.client(**PATIENT) as client:
        answers = []
        on_signal(
            lambda *_: answers.append(client.call("v4/im_open_login_svc/account_check", {"CheckItem": [{"UserID": USER}]}).code)
        )
        sender = send_when_requests_came(emulator, 1)
        create(client, "g")
        sender.join()
    assert answers == [0]


def test_a_handler_may_close_the_client_it_interrupted(emulator: Emulator, on_signal: Any) -> None:
    emulator.fault(hang=True)
    client = emulator.client(**PATIENT)
    on_signal(lambda *_: client.close())
    sender = send_when_requests_came(emulator, 1)
    with pytest.raises(ShutdownError):
        client.del_contact_group(USER, "g")
    sender.join()
    with pytest.raises(ShutdownError, match="closed"):
        client.del_contact_group(USER, "g")


def test_a_thousand_signals_disturb_no_call(emulator: Emulator, on_signal: Any) -> None:
    heard = {signal.SIGUSR1: 0, signal.SIGALRM: 0}

    def handler(number: Any, _: Any) -> None:
        heard[number] += 1

    on_signal(handler)
    before = signal.signal(signal.SIGALRM, handler)
    # An answer that takes a moment, so that the signals meet calls that wait.
    emulator.fault(delay_ms=3, times=0)
    stop = threading.Event()

    def pester() -> None:
        while not stop.is_set():
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)
            stop.wait(0.0005)

    check = {"CheckItem": [{"UserID": USER}]}
    with emulator.client(rate_limit=0, **PATIENT) as client:
        pestering = threading.Thread(target=pester, daemon=True)
        pestering.start()
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
        try:
            while min(heard.values()) < 1000:
                response = client.call("v4/im_open_login_svc/account_check", check)
                assert (response.code, response.attempts) == (0, 1)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            stop.set()
            pestering.join()
            signal.signal(signal.SIGALRM, before)
        stats = client.stats()
        assert stats["calls"] == stats["calls_ok"] == stats["attempts"] and stats["connections_opened"] == 1


def test_a_thread_that_hears_no_signals_still_calls(client: Client) -> None:
    ended = []
    thread = threading.Thread(target=lambda: ended.append(create(client, "g")))
    thread.start()
    thread.join(PATIENCE)
    assert ended == [None]
