"""The pytest plugin as a user meets it: in a test run of their own, where nothing but the installation makes it known."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Dict, Optional

from scene import PYTHON_FACE, Mypy, python


def run(
    folder: Path, program: str, *arguments: str, environment: Optional[Dict[str, str]] = None
) -> "subprocess.CompletedProcess[str]":
    """A run of pytest over one file."""
    (folder / "test_users.py").write_text(program, encoding="utf-8")
    return python("-m", "pytest", "-q", "-W", "error", *arguments, environment=environment, cwd=folder)


def test_a_test_gets_an_emulator_of_its_own(tmp_path: Path) -> None:
    program = """
import pathlib
import pytest
from tencent_chat import GroupNotFoundError
from tencent_chat.testing import EmulatorError

before = []

@pytest.mark.parametrize("turn", [1, 2])
def test_it_starts_with_nothing(chat_emulator, turn):
    assert chat_emulator.requests() == [] and chat_emulator.faults() == []
    with chat_emulator.client() as client:
        with pytest.raises(GroupNotFoundError):
            client.del_contact_group("user_0001", "g")
        client.create_contact_group("user_0001", "g")
    chat_emulator.fault(code=50004)
    before.append(chat_emulator)

def test_it_is_gone_afterwards():
    assert len({emulator.url for emulator in before}) == 2
    for emulator in before:
        assert not pathlib.Path(emulator.ca_file).exists()
        with pytest.raises(EmulatorError):
            emulator.requests()
"""
    ended = run(tmp_path, program)
    assert ended.returncode == 0 and "3 passed" in ended.stdout, ended.stdout


def test_one_emulator_serves_a_whole_run_when_asked(tmp_path: Path) -> None:
    program = """
def test_first(chat_emulator_session):
    with chat_emulator_session.client() as client:
        client.create_contact_group("user_0001", "g")

def test_second(chat_emulator_session, chat_emulator):
    assert chat_emulator.url != chat_emulator_session.url
    with chat_emulator_session.client() as client:
        client.del_contact_group("user_0001", "g")
"""
    ended = run(tmp_path, program)
    assert ended.returncode == 0 and "2 passed" in ended.stdout, ended.stdout


def test_a_run_that_does_not_use_it_never_imports_the_package(tmp_path: Path) -> None:
    # Not even where the package could not be imported: no library there would break such a run.
    program = """
import sys

def test_neither_is_loaded():
    assert [name for name in sys.modules if name.startswith(("tencent_chat", "ctypes"))] == []
"""
    ended = run(tmp_path, program, environment={"TENCENT_CHAT_LIBRARY": "/nowhere.so"})
    assert ended.returncode == 0 and "1 passed" in ended.stdout, ended.stdout


def test_the_fixtures_are_listed_with_their_words(tmp_path: Path) -> None:
    ended = run(tmp_path, "", "--fixtures")
    assert "chat_emulator -- " in ended.stdout and "for this test alone" in ended.stdout
    assert "chat_emulator_session [session scope] -- " in ended.stdout


def test_it_can_be_switched_off(tmp_path: Path) -> None:
    ended = run(tmp_path, "def test(chat_emulator): pass\n", "-p", "no:tencent_chat")
    assert ended.returncode == 1 and "fixture 'chat_emulator' not found" in ended.stdout


def test_a_test_without_an_emulator_is_told_where_it_was_looked_for(tmp_path: Path) -> None:
    nothing = str(tmp_path / "nothing")
    ended = run(tmp_path, "def test(chat_emulator): pass\n", environment={"CHAT_EMULATOR": nothing})
    assert ended.returncode == 1 and f"CHAT_EMULATOR names {nothing}" in ended.stdout


def test_a_typed_test_with_the_fixture_is_checked(tmp_path: Path) -> None:
    (tmp_path / "typed.py").write_text(
        "from tencent_chat.testing import Emulator\n"
        "def test_typed(chat_emulator: Emulator) -> None:\n"
        "    with chat_emulator.client(timeout=5) as client:\n"
        "        client.create_contact_group('user_0001', 'g').group.name.upper()\n"
    )
    shutil.copy(PYTHON_FACE / "_tencent_chat_pytestplugin.py", tmp_path / "plugin.py")
    # Sees the whole environment, because the plugin names types of pytest.
    ended = python("-m", "mypy", "--strict", "--python-version", "3.9", "typed.py", "plugin.py", cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
