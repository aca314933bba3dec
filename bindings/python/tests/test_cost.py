"""What the package costs, in counts that no load can change: modules of an import, Python functions of a call, and how often a
call gives up the interpreter's lock.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Callable, List

import pytest
from scene import USER, Running, answering, python

import tencent_chat
from tencent_chat import _call, _library, _options, _signatures, client, contact, response
from tencent_chat.testing import Emulator

ADDED = "import sys; before = set(sys.modules); import tencent_chat; {}; print(*sorted(set(sys.modules) - before))"
A_CLIENT = "tencent_chat.Client('singapore', sdk_app_id=1, identifier='a', secret_key='k').close()"

#: What a program that makes calls may never need, and that takes long to import.
HEAVY = {"argparse", "asyncio", "concurrent", "email", "http", "json", "pathlib", "ssl"}
HEAVY |= {"subprocess", "tempfile", "urllib"}


@pytest.mark.parametrize("act", ["pass", A_CLIENT], ids=["import", "client"])
def test_importing_the_package_and_making_a_client_import_nothing_heavy(tmp_path: Path, act: str) -> None:
    added = set(python("-c", ADDED.format(act), cwd=tmp_path).stdout.split())
    assert {"tencent_chat.client", "ctypes"} <= added
    assert added & HEAVY == set()


def functions_called(act: Callable[[], object]) -> List[str]:
    """The Python functions that run in an action, the action itself left out."""
    called: List[str] = []

    def note(frame: Any, event: str, _argument: Any) -> None:
        if event == "call":
            called.append(frame.f_code.co_name)

    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(None)
    return called[1:]


def test_a_call_costs_few_python_functions() -> None:
    body = '{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","GroupItem":[{"GroupName":"g","GroupId":7}]}'
    with answering(body) as client:

        def unseen() -> None:
            client.del_contact_group(USER, "g")

        def seen() -> None:
            client.del_contact_group(USER, "g").groups  # noqa: B018

        # The first of each imports and makes what the next use again.
        seen()
        for act, limit in ((unseen, 11), (seen, 39)):
            called = functions_called(act)
            assert "del_contact_group" in called and len(called) <= limit, called
        called = Running(lambda: functions_called(unseen)).end()
        assert "del_contact_group" in called and len(called) <= 10, called


def test_a_call_gives_up_the_interpreters_lock_once(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    # A function of PyDLL's keeps the lock, which is bit 4 of its flags.
    keeps = [bool(type(function)._flags_ & 4) for function in (_library.library.chat_call, _library.quick.chat_response_free)]
    assert keeps == [False, True]
    given_up: List[str] = []

    class Watched:
        def __getattr__(self, name: str) -> Any:
            real = getattr(_library.library, name)

            def function(*arguments: Any) -> Any:
                given_up.append(name)
                return real(*arguments)

            function.__name__ = name
            return function

    for module in (response, contact):
        assert not hasattr(module, "library"), module
    for module in (client, _call, _options):
        monkeypatch.setattr(module, "library", Watched())
    friends = [tencent_chat.Contact.one_to_one("friend")]
    with emulator.client() as made:
        made.create_contact_group(USER, "g", friends, timeout=5.0)
        assert made.search_contact_group(USER, friends).response.attempts == 1
        assert made.del_contact_group(USER, "g").groups[0].name == "g"
        assert given_up == ["chat_create_contact_group", "chat_search_contact_group", "chat_del_contact_group"]


def test_only_functions_that_never_wait_keep_the_interpreters_lock() -> None:
    for name in _signatures.QUICK:
        function = getattr(_library.quick, name)
        assert (function.restype, tuple(function.argtypes)) == _signatures.SIGNATURES[name], name
        assert name.startswith(("chat_call_options_", "chat_contacts_", "chat_marks_", "chat_accounts_", "chat_response_")), (
            name
        )
