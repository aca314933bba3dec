"""The public names: loaded when they are first used, and the same to programs, editors, help() and type checkers."""

from __future__ import annotations

import ast
import pydoc
from pathlib import Path
from typing import Dict, Set

import pytest
from scene import Mypy, python

import tencent_chat

SOURCE = Path(tencent_chat.__file__)


def told_to_type_checkers() -> Dict[str, Set[str]]:
    """Module -> names, from the block that only type checkers read."""
    found: Dict[str, Set[str]] = {}
    for node in ast.walk(ast.parse(SOURCE.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module not in (None, "_library"):
            assert all(alias.asname == alias.name for alias in node.names), ast.unparse(node)
            found.setdefault(str(node.module), set()).update(alias.name for alias in node.names)
    return found


def test_programs_and_type_checkers_know_the_same_names() -> None:
    told = told_to_type_checkers()
    assert told == {home: set(names) for home, names in tencent_chat._HOMES.items()}
    assert set(tencent_chat.__all__) == {"__version__", "codes"}.union(*told.values())
    assert len(tencent_chat.__all__) == len(set(tencent_chat.__all__)) > 50


def test_every_public_name_is_there_under_its_own_name() -> None:
    for name in tencent_chat.__all__:
        found = getattr(tencent_chat, name)
        assert getattr(found, "__name__", name).rpartition(".")[2] == name
        assert getattr(tencent_chat, name) is found
    assert tencent_chat.errors.ChatError is tencent_chat.ChatError  # type: ignore[attr-defined]


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'tencent_chat' has no attribute 'Clinet'"):
        tencent_chat.Clinet  # type: ignore[attr-defined] # noqa: B018


def test_a_star_import_brings_every_public_name(tmp_path: Path) -> None:
    ended = python("-c", "from tencent_chat import *; print(Client.__name__, codes.OK, __version__)", cwd=tmp_path)
    assert ended.stdout == f"Client 0 {tencent_chat.__version__}\n", ended.stderr


def test_names_are_listed_and_helped_with_before_they_are_used(tmp_path: Path) -> None:
    ended = python("-c", "import tencent_chat; print(set(tencent_chat.__all__) <= set(dir(tencent_chat)))", cwd=tmp_path)
    assert ended.stdout == "True\n", ended.stderr
    helped = pydoc.plaintext.document(tencent_chat)
    assert "class Client(" in helped and "class GroupNotFoundError(" in helped


def test_type_checkers_refuse_a_name_that_does_not_exist(tmp_path: Path, mypy: Mypy) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text(
        "import tencent_chat\nfrom tencent_chat import Clinet\nprint(tencent_chat.Mork, tencent_chat.__version__)\n"
    )
    ended = mypy(str(wrong), cwd=tmp_path)
    assert '"Clinet"' in ended.stdout and '"Mork"' in ended.stdout and "Found 2 errors" in ended.stdout, ended.stdout


def test_a_library_that_is_missing_is_told_at_the_first_use_and_at_the_next(tmp_path: Path) -> None:
    program = """
import os
import tencent_chat

for _ in range(2):
    try:
        tencent_chat.Client
    except ImportError as error:
        print("missing.so" in str(error) and "TENCENT_CHAT_LIBRARY" in str(error))
try:
    from tencent_chat import CancelToken
except ImportError as error:
    print("missing.so" in str(error))
print(tencent_chat.codes.ERR_TIMEOUT, tencent_chat.ChatError.__name__)
del os.environ["TENCENT_CHAT_LIBRARY"]
print(tencent_chat.Client.__name__)
"""
    ended = python("-c", program, environment={"TENCENT_CHAT_LIBRARY": str(tmp_path / "missing.so")}, cwd=tmp_path)
    assert (ended.stdout, ended.stderr) == ("True\nTrue\nTrue\n-4 ChatError\nClient\n", "")


def test_threads_may_be_the_first_to_use_a_name_together(tmp_path: Path) -> None:
    program = """
import threading
import tencent_chat

start, found = threading.Barrier(8), []

def use(name):
    start.wait()
    found.append(getattr(tencent_chat, name))

names = ["Client", "AsyncClient", "Contact", "Items"] * 2
threads = [threading.Thread(target=use, args=(name,)) for name in names]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(found), len(set(found)))
"""
    ended = python("-c", program, cwd=tmp_path)
    assert (ended.stdout, ended.stderr) == ("8 4\n", "")
