"""The public names: there without the library, and the same to programs, editors, help() and type checkers."""

from __future__ import annotations

import ast
import pydoc
import shutil
import sys
from pathlib import Path

import pytest
from scene import Mypy, python

import tencent_chat

SOURCE = Path(tencent_chat.__file__)


def test_the_list_of_public_names_is_what_the_package_imports() -> None:
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"))
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.level == 1]
    told = {alias.name for node in imports for alias in node.names}
    assert set(tencent_chat.__all__) == {"__version__"} | told
    assert len(tencent_chat.__all__) == len(set(tencent_chat.__all__)) > 50


def test_every_public_name_is_there_under_its_own_name() -> None:
    for name in tencent_chat.__all__:
        found = getattr(tencent_chat, name)
        assert getattr(found, "__name__", name).rpartition(".")[2] == name


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'tencent_chat' has no attribute 'Clinet'"):
        tencent_chat.Clinet  # type: ignore[attr-defined] # noqa: B018


def test_a_star_import_brings_every_public_name(tmp_path: Path) -> None:
    ended = python("-c", "from tencent_chat import *; print(Client.__name__, codes.OK, __version__)", cwd=tmp_path)
    assert ended.stdout == f"Client 0 {tencent_chat.__version__}\n", ended.stderr


def test_names_are_listed_and_helped_with() -> None:
    assert set(tencent_chat.__all__) - {"__version__"} <= set(dir(tencent_chat))
    helped = pydoc.plaintext.document(tencent_chat)
    assert "class Client(" in helped and "class GroupNotFoundError(" in helped


def test_an_editor_that_runs_nothing_completes_names_methods_and_results(tmp_path: Path) -> None:
    import jedi

    project = jedi.Project(str(tmp_path), environment_path=sys.prefix)
    client = "(sdk_app_id=1, identifier='a', secret_key='k')\n"
    for source, expected in (
        ("import tencent_chat\ntencent_chat.Cl", "Client"),
        ("import tencent_chat\ntencent_chat.codes.SERVICE_GROUP_N", "SERVICE_GROUP_NOT_FOUND"),
        (f"from tencent_chat import Client\nc = Client{client}c.del_", "del_contact_group"),
        (f"from tencent_chat import Client\nc = Client{client}c.del_contact_group('u', 'g').gr", "groups"),
        (f"from tencent_chat import AsyncClient\nc = AsyncClient{client}c.del_", "del_contact_group"),
        ("from tencent_chat import ChatError\ntry:\n    pass\nexcept ChatError as error:\n    error.is_in", "is_in_doubt"),
        ("from tencent_chat import Contact\nContact.one_to_one('u').ty", "type"),
    ):
        lines = source.splitlines()
        found = [completion.name for completion in jedi.Script(source, project=project).complete(len(lines), len(lines[-1]))]
        assert expected in found, (source, found)


def test_type_checkers_refuse_a_name_that_does_not_exist(tmp_path: Path, mypy: Mypy) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text(
        "import tencent_chat\nfrom tencent_chat import Clinet\nprint(tencent_chat.Mork, tencent_chat.__version__)\n"
    )
    ended = mypy(str(wrong), cwd=tmp_path)
    assert '"Clinet"' in ended.stdout and '"Mork"' in ended.stdout and "Found 2 errors" in ended.stdout, ended.stdout


def test_without_a_library_everything_is_there_but_a_client(tmp_path: Path) -> None:
    program = """
import os
from tencent_chat import *
from tencent_chat import Client, DelContactGroupResult, GroupNotFoundError, testing
from unittest import mock

fake = mock.create_autospec(Client, instance=True)
fake.del_contact_group.return_value = DelContactGroupResult()
print(fake.del_contact_group("u", "g").already_deleted, Mark(Contact.one_to_one("u"), [32]).set_mark, codes.ERR_TIMEOUT)
fake.del_contact_group.side_effect = GroupNotFoundError(51009, "no such group")
try:
    fake.del_contact_group("u", "g")
except ChatError as error:
    print(error.code, error.is_in_doubt)

app = dict(sdk_app_id=1, identifier="a", secret_key="k")
for make in (lambda: Client("china", **app), lambda: AsyncClient("china", **app), lambda: testing.Emulator()):
    for _ in range(2):
        try:
            make()
        except ImportError as error:
            print("missing.so" in str(error) and "TENCENT_CHAT_LIBRARY" in str(error))
del os.environ["TENCENT_CHAT_LIBRARY"]
with Client("china", **app) as client:
    print(client)
"""
    environment = {"TENCENT_CHAT_LIBRARY": str(tmp_path / "missing.so"), "PATH": ""}
    ended = python("-c", program, environment=environment, cwd=tmp_path)
    expected = ["False (32,) -4", "51009 False", *["True"] * 6, "<tencent_chat.Client china sdk_app_id=1 identifier='a'>"]
    assert (ended.stdout.splitlines(), ended.stderr) == (expected, "")


def test_a_python_whose_ctypes_will_not_do_is_named(tmp_path: Path) -> None:
    program = """
import ctypes
del ctypes.PyDLL
from tencent_chat import Client
try:
    Client("china", sdk_app_id=1, identifier="a", secret_key="k")
except ImportError as error:
    print(error)
"""
    ended = python("-c", program, cwd=tmp_path)
    assert ended.stdout == "tencent_chat needs CPython: the ctypes of cpython has no PyDLL\n", ended.stderr


def test_an_error_inside_the_package_is_told_as_what_it_is(tmp_path: Path) -> None:
    package = tmp_path / "tencent_chat"
    shutil.copytree(SOURCE.parent, package, ignore=shutil.ignore_patterns("_native", "__pycache__"))
    (package / "client.py").write_text("import os\nos.no_such_name\n")
    ended = python("-c", "from tencent_chat import Client", environment={"PYTHONPATH": str(tmp_path)}, cwd=tmp_path)
    assert "AttributeError" in ended.stderr and "no_such_name" in ended.stderr and "cannot import name" not in ended.stderr


def test_threads_may_be_the_first_to_make_a_client_together(tmp_path: Path) -> None:
    program = """
import threading
import tencent_chat

start, made = threading.Barrier(8), []

def make():
    start.wait()
    with tencent_chat.Client("china", sdk_app_id=1, identifier="a", secret_key="k") as client:
        made.append(repr(client))

threads = [threading.Thread(target=make) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(made), len(set(made)))
"""
    ended = python("-c", program, cwd=tmp_path)
    assert (ended.stdout, ended.stderr) == ("8 1\n", "")
