"""Going through a list of pages: each conversation once, its end told, errors survived, everything freed."""

from __future__ import annotations

import copy
import gc
import pickle
import signal
import threading
from typing import Any, Callable, List

import pytest
from scene import PATIENT, USER, Running, load_conversations, python

from tencent_chat import CancelledError, CancelToken, Client, Contact
from tencent_chat import items as items_module
from tencent_chat.testing import Emulator

GET = "v4/recentcontact/get_contact_group"


def fill(emulator: Emulator, client: Client, count: int, page_size: int) -> List[str]:
    """So many conversations in one group, and on the user's list; returns their ids in the order of the group."""
    ids = [f"u{number:03}" for number in range(count)]
    client.create_contact_group(USER, "g", [Contact.one_to_one(each) for each in ids])
    load_conversations(emulator, *({"type": 1, "id": each, "msg_time": 1000} for each in ids))
    emulator.settings(page_size=page_size, list_page_size=page_size)
    return ids


def pages_asked(emulator: Emulator) -> int:
    paths = [request["path"].strip("/") for request in emulator.requests()]
    return sum(path in (GET, "v4/recentcontact/get_list") for path in paths)


def test_the_page_beside_an_item_is_the_whole_answer(emulator: Emulator, client: Client) -> None:
    fill(emulator, client, 3, 2)
    items = client.contact_group_items(USER)
    seen = []
    for _ in items:
        assert items.page is not None
        seen.append(items.page)
    assert [len(page.json()["ContactItem"]) for page in seen] == [2, 2, 1]
    assert seen[0] is seen[1] and seen[0].random != seen[2].random
    assert seen[2].json()["GroupItem"] == [{"GroupName": "g", "GroupId": 1}]


class Freed:
    """Counts what is freed of iterations."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # What an earlier test left in a traceback is not counted.
        gc.collect()
        self.pointers: List[int] = []
        self._library = items_module.library
        monkeypatch.setattr(items_module, "library", self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._library, name)

    def chat_items_free(self, pointer: int) -> None:
        self.pointers.append(pointer)
        self._library.chat_items_free(pointer)


def test_an_early_break_frees(emulator: Emulator, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(emulator, client, 5, 2)
    freed = Freed(monkeypatch)
    for entry in client.contact_group_items(USER):
        assert entry.contact.id == "u000"
        break
    gc.collect()
    assert len(freed.pointers) == 1 and pages_asked(emulator) == 1


def test_closing_frees_once_and_ends_it(emulator: Emulator, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(emulator, client, 5, 2)
    freed = Freed(monkeypatch)
    with client.contact_group_items(USER) as items:
        next(items)
    assert len(freed.pointers) == 1
    items.close()
    assert list(items) == [] and not items.complete
    assert items.page is not None
    del items
    gc.collect()
    assert len(freed.pointers) == 1


def test_closing_while_another_thread_steps_does_not_wait_and_frees_after_the_step(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    freed = Freed(monkeypatch)
    emulator.fault(path=GET, hang=True)
    token = CancelToken()
    with emulator.client(**PATIENT) as client:
        items = client.contact_group_items(USER, cancel=token)
        step = Running(lambda: next(items))
        emulator.wait_for_requests(1)
        items.close()
        assert step.is_running and freed.pointers == []
        token.trigger()
        assert isinstance(step.error(), CancelledError)
        assert len(freed.pointers) == 1 and list(items) == []


def test_threads_that_share_one_take_turns(emulator: Emulator, client: Client) -> None:
    ids = fill(emulator, client, 60, 7)
    items = client.contact_group_items(USER)
    parts = [Running(lambda: [entry.contact.id for entry in items]) for _ in range(6)]
    assert sorted(each for part in parts for each in part.end()) == ids
    assert pages_asked(emulator) == 9


@pytest.mark.parametrize("way", [pickle.dumps, copy.copy, copy.deepcopy], ids=["pickle", "copy", "deepcopy"])
def test_an_iteration_cannot_be_copied(client: Client, way: Callable[[object], object]) -> None:
    with pytest.raises(TypeError, match="cannot be copied or pickled"):
        way(client.contact_group_items(USER))


def test_a_signal_handler_may_close_the_iteration_it_interrupted_but_not_step_it(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    freed = Freed(monkeypatch)
    emulator.fault(path=GET, hang=True)
    token = CancelToken()
    said = []

    def handler(*_: Any) -> None:
        try:
            next(items)
        except ValueError as error:
            said.append(str(error))
        items.close()
        said.append(f"{len(freed.pointers)} freed")
        token.trigger()

    def send() -> None:
        emulator.wait_for_requests(1)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, handler)
    try:
        with emulator.client(**PATIENT) as client:
            items = client.contact_group_items(USER, cancel=token)
            sender = threading.Thread(target=send, daemon=True)
            sender.start()
            with pytest.raises(CancelledError):
                next(items)
            sender.join()
            assert "in use" in said[0] and said[1:] == ["0 freed"]
            assert len(freed.pointers) == 1 and list(items) == []
    finally:
        signal.signal(signal.SIGUSR1, before)


FORK = """
import os, threading
from tencent_chat import ForkedError, ShutdownError
from tencent_chat.testing import Emulator

with Emulator() as emulator, emulator.client() as client:
    items = client.contact_group_items("user_0001")
    emulator.fault(hang=True)
    # Another thread of the parent is inside a step: the child must not wait for it.
    def step():
        try:
            next(items)
        except ShutdownError:
            pass
    inside = threading.Thread(target=step)
    inside.start()
    emulator.wait_for_requests(1)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            next(items)
        except ForkedError as error:
            items.close()
            del items
            status = 0 if error.code == -8 else 2
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    assert status == 0, status
    client.close()
    inside.join()
    print("the parent goes on")
"""


def test_a_forked_child_is_refused_at_once() -> None:
    ended = python("-W", "ignore::DeprecationWarning", "-c", FORK)
    assert (ended.stdout, ended.returncode) == ("the parent goes on\n", 0), ended.stderr
