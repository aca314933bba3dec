"""What a user installs: a typed and documented wheel with library and emulator inside, samples and a README that work."""

from __future__ import annotations

import ast
import inspect
import json
import os
import re
import subprocess
import typing
from importlib import metadata
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import pytest
from scene import PYTHON_FACE, Mypy, python

import tencent_chat
from tencent_chat import _library, testing
from tencent_chat.testing import Emulator

PACKAGE = Path(tencent_chat.__file__).parent
SAMPLES = PYTHON_FACE / "samples"


def test_the_tests_run_on_an_installed_wheel() -> None:
    assert PYTHON_FACE not in PACKAGE.parents, (
        "install the wheel (pip install ./bindings/python) and run from outside the source tree"
    )
    wheel = metadata.distribution("tencent-chat").read_text("WHEEL") or ""
    assert re.search(r"^Tag: py3-none-\w+$", wheel, re.MULTILINE) and "Tag: py3-none-any" not in wheel
    assert "Root-Is-Purelib: false" in wheel
    inside = {str(file) for file in metadata.files("tencent-chat") or []}
    names = ("_native/libtencent_chat.so", "_native/chat-emulator", "py.typed")
    assert {f"tencent_chat/{name}" for name in names} <= inside


def test_the_package_needs_nothing_at_run_time() -> None:
    needed = metadata.requires("tencent-chat") or []
    assert [one for one in needed if "extra ==" not in one] == []


def test_library_and_emulator_are_the_wheels_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHAT_EMULATOR", raising=False)
    assert Path(_library.place).parent == PACKAGE / "_native"
    assert Path(testing.find_program()).parent == PACKAGE / "_native"


def test_the_package_is_strictly_typed(tmp_path: Path, mypy: Mypy) -> None:
    ended = mypy("-p", "tencent_chat", cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_a_typed_program_that_uses_the_package_is_checked(tmp_path: Path, mypy: Mypy) -> None:
    samples = [str(sample) for sample in SAMPLES.glob("*.py")]
    ended = mypy(*samples, cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    wrong = tmp_path / "wrong.py"
    wrong.write_text(
        "import tencent_chat\ndef f(client: tencent_chat.Client) -> int:\n    return client.del_contact_group('a', 5).groups\n"
    )
    ended = mypy(str(wrong), cwd=tmp_path)
    assert "arg-type" in ended.stdout and "return-value" in ended.stdout


def test_a_typed_program_that_awaits_is_checked_as_one_that_waits(tmp_path: Path, mypy: Mypy) -> None:
    right = tmp_path / "right.py"
    right.write_text(
        "import logging\n"
        "from tencent_chat import AsyncClient, Contact, ContactGroup, Mark\n"
        "async def f() -> ContactGroup:\n"
        "    async with AsyncClient('china', sdk_app_id=1, identifier='a', secret_key='k') as client:\n"
        "        await client.mark_contact('u', [Mark(Contact.one_to_one('v'), [32])], split=True, timeout=1.5)\n"
        "        async for entry in client.contact_group_items('u'):\n"
        "            print(entry.group_names[0].upper())\n"
        "        await client.log_to(logging.getLogger('chat'))\n"
        "        await client.log_to(logging.LoggerAdapter(logging.getLogger('chat'), {}))\n"
        "        waits: int = (await client.stats())['rate_waits']\n"
        "        once = client.with_options(max_attempts=1, repeat_in_doubt=False)\n"
        "        return (await once.create_contact_group('u', f'g{waits}')).group\n"
    )
    ended = mypy(str(right), cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    wrong = tmp_path / "wrong.py"
    wrong.write_text(
        "from tencent_chat import AsyncClient\n"
        "async def f() -> int:\n"
        "    client = AsyncClient('china', sdk_app_id='1', identifier='a', secret_key='k')\n"
        "    await client.mark_contact('u', ['v'], splitt=True)\n"
        "    return (await client.create_contact_group('u', 'g')).group\n"
    )
    ended = mypy(str(wrong), cwd=tmp_path)
    complaints = ('"sdk_app_id" to "AsyncClient"', '"splitt"', "list-item", "return-value")
    assert all(complaint in ended.stdout for complaint in complaints), ended.stdout


def test_annotations_can_be_read_by_programs() -> None:
    kinds = [getattr(tencent_chat, name) for name in tencent_chat.__all__]
    for kind in [*filter(inspect.isclass, kinds), Emulator]:
        typing.get_type_hints(kind)
        for name, method in inspect.getmembers(kind, inspect.isfunction):
            ours = method.__module__.startswith("tencent_chat")
            assert typing.get_type_hints(method) or name.startswith("_") or not ours, f"{kind.__name__}.{name}"


def test_no_file_is_longer_than_six_hundred_lines() -> None:
    for file in [*PYTHON_FACE.rglob("*.py")]:
        assert len(file.read_text(encoding="utf-8").splitlines()) <= 600, file


def test_every_file_is_python_3_9_and_says_what_it_is() -> None:
    for file in [*PACKAGE.glob("*.py"), *SAMPLES.glob("*.py"), *PYTHON_FACE.glob("*.py")]:
        tree = ast.parse(file.read_text(encoding="utf-8"), feature_version=(3, 9))
        assert ast.get_docstring(tree), file


def _public() -> Iterator[Tuple[str, Any]]:
    """Every name a user may write: the package's, those of `testing`, and what their classes offer."""
    for module in (tencent_chat, testing):
        for name in module.__all__:
            value = getattr(module, name)
            yield name, value
            for member, inside in vars(value).items() if inspect.isclass(value) else ():
                if not member.startswith("_"):
                    yield f"{name}.{member}", inside


def test_every_public_function_class_and_property_has_words_of_its_own() -> None:
    silent = []
    count = 0
    for name, value in _public():
        value = value.__func__ if isinstance(value, (classmethod, staticmethod)) else value
        if inspect.isclass(value) or inspect.isroutine(value) or isinstance(value, property):
            count += 1
            # `__doc__` and not `getdoc`: a word inherited from a base is about the base.
            if not (vars(value).get("__doc__") if inspect.isclass(value) else value.__doc__):
                silent.append(name)
    assert silent == [] and count > 120, count


def test_every_public_constant_and_field_is_explained() -> None:
    """By a `#:` comment at its line, or in the words of its class."""
    unexplained = []
    for file in PACKAGE.glob("[!_]*.py"):
        text = file.read_text(encoding="utf-8")
        for within, names in _assigned(ast.parse(text)):
            for name, line in names:
                beside = "".join(text.splitlines()[max(line - 2, 0) : line])
                if "#:" not in beside and not re.search(rf"\b{name}\b", within):
                    unexplained.append(f"{file.name}:{line} {name}")
    assert unexplained == []


def _is_for_users(name: str) -> bool:
    return name[0] != "_" and name != "T"  # T: a type variable


def _assigned(module: ast.Module) -> Iterator[Tuple[str, List[Tuple[str, int]]]]:
    """For the module and each class of it: its docstring, and the public names it assigns with their lines."""
    for scope in [module, *(node for node in module.body if isinstance(node, ast.ClassDef) and node.name[0] != "_")]:
        names = []
        for node in scope.body:
            # A class assigns without an annotation what is a method; the test above reads its words.
            plain = node.targets if isinstance(node, ast.Assign) and isinstance(scope, ast.Module) else []
            targets = [node.target] if isinstance(node, ast.AnnAssign) else plain
            names += [
                (target.id, node.lineno) for target in targets if isinstance(target, ast.Name) and _is_for_users(target.id)
            ]
        yield ast.get_docstring(scope) or "", names


def test_the_sample_prints_its_story(emulator: Emulator, tmp_path: Path) -> None:
    sample = str(SAMPLES / "delete_group.py")
    ended = python(sample, emulator.tls_url, emulator.ca_file, cwd=tmp_path)
    assert (ended.stderr, ended.returncode) == ("", 0)
    lines = ended.stdout.splitlines()
    assert lines[:2] == ["created 設計会議 (GroupId 1)", "deleted 設計会議 (GroupId 1)"]
    messages = [_message(request) for request in emulator.requests()[-2:]]
    assert lines[2:] == [f"again: 51009 {messages[0]}", f"wrong key: 70009 {messages[1]}"]


def _message(request: Dict[str, object]) -> str:
    """A refusal as the library tells it: its own words for the code, then the service's."""
    own = _library.copy_text(_library.library.chat_strerror(request["code"]))
    said = json.loads(str(request["answer"]))["ErrorInfo"]
    return f'{own}; the service says: "{said}"'


def test_the_longer_sample_prints_its_story(emulator: Emulator, tmp_path: Path) -> None:
    sample = str(SAMPLES / "organise_groups.py")
    for place in ([emulator.tls_url, emulator.ca_file], [emulator.url]):
        emulator.reset()
        ended = python(sample, *place, cwd=tmp_path)
        assert (ended.stderr, ended.returncode) == ("", 0)
        *story, partial = ended.stdout.splitlines()
        (search,) = (request for request in emulator.requests() if "search_contact_group" in request["path"])
        mark = json.loads(search["answer"])["ContactResultItem"][1]["StandardMark"]
        assert story == [
            "imported 3 users",
            "created 同僚 (GroupId 1), conversations: 2",
            "created 家族 (GroupId 2), conversations: 1",
            "moved user_1002 from 同僚 to 家族",
            "marked user_1003",
            "user_1002: groups 家族; marks -; custom -",
            f"user_1003: groups 家族; marks {mark}; custom vip",
            "3 conversations in groups, complete",
            "renamed 家族 to 親族 (GroupId 2)",
            "deleted 同僚 (GroupId 1)",
            "deleted 親族 (GroupId 2)",
        ]
        assert partial.startswith("partial: -15 the call succeeded") and "70107" in partial


def test_the_longer_sample_ends_with_1_and_a_word_on_stderr_when_something_is_wrong(emulator: Emulator, tmp_path: Path) -> None:
    emulator.settings(plan=False)
    ended = python(str(SAMPLES / "organise_groups.py"), emulator.url, cwd=tmp_path)
    assert ended.returncode == 1 and ended.stderr.startswith("[51013]") and "Traceback" not in ended.stderr


def test_the_sample_takes_a_place_without_a_ca_file(emulator: Emulator, tmp_path: Path) -> None:
    sample = str(SAMPLES / "delete_group.py")
    for arguments in ([emulator.url], [emulator.url, ""]):
        emulator.reset()
        ended = python(sample, *arguments, cwd=tmp_path)
        assert (ended.stderr, ended.returncode) == ("", 0)


def test_the_sample_ends_with_1_and_a_word_on_stderr_when_something_is_wrong(emulator: Emulator, tmp_path: Path) -> None:
    sample = str(SAMPLES / "delete_group.py")
    emulator.settings(plan=False)
    for place in (emulator.url, emulator.tls_url, "nonsense"):
        ended = python(sample, place, cwd=tmp_path)
        assert ended.returncode == 1 and ended.stderr.startswith("[") and "Traceback" not in ended.stderr


FROZEN = """
from tencent_chat import ChatError
from tencent_chat.testing import Emulator

with Emulator() as emulator, emulator.client() as client:
    try:
        client.del_contact_group("user_0001", "none")
    except ChatError as error:
        print("frozen", error.code)
"""


def test_a_program_frozen_by_pyinstaller_holds_library_and_emulator(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(FROZEN)
    built = python("-m", "PyInstaller", "--onedir", "--log-level", "WARN", "app.py", cwd=tmp_path)
    assert built.returncode == 0, built.stderr
    place = {"PATH": "", "LD_LIBRARY_PATH": "", "TENCENT_CHAT_LIBRARY": "", "CHAT_EMULATOR": ""}
    ended = subprocess.run(
        [str(tmp_path / "dist" / "app" / "app")], env={**os.environ, **place}, capture_output=True, encoding="utf-8", timeout=60
    )
    assert (ended.stdout, ended.stderr) == ("frozen 51009\n", "")


GREENLETS = """
from gevent import monkey
monkey.patch_all()
import warnings
import gevent
from tencent_chat import CancelledError, CancelToken, Client
from tencent_chat.testing import Emulator

with Emulator() as emulator, warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    client = emulator.client(timeout=60, attempt_timeout=60)
    (warning,) = [warning for warning in told if warning.category is RuntimeWarning]
    assert "gevent.get_hub().threadpool" in str(warning.message), warning.message
    pool = gevent.get_hub().threadpool
    emulator.fault(hang=True)
    token = CancelToken()
    waiting = pool.spawn(client.del_contact_group, "user_0001", "g", cancel=token)
    # The hub goes on: this greenlet gets its turn while the call hangs, and ends it.
    while not emulator.requests():
        gevent.sleep(0.01)
    assert not waiting.ready()
    token.trigger()
    try:
        waiting.get()
    except CancelledError:
        print("cancelled")
    ended = pool.spawn(client.del_contact_groups, ["user_0001", "nobody"], "g")
    while not ended.ready():
        gevent.sleep(0.01)
    print(ended.get().taken)
    client.close()
"""


def test_under_gevent_a_warning_names_the_way_that_works() -> None:
    ended = python("-c", GREENLETS)
    # On stderr gevent itself tells of a task of its pool that raised.
    assert (ended.stdout, ended.returncode) == ("cancelled\n2\n", 0), ended.stderr


def test_the_methods_fit_protocols_of_the_users_own(tmp_path: Path, mypy: Mypy) -> None:
    (tmp_path / "typed.py").write_text(
        "from datetime import timedelta\n"
        "from typing import Protocol\n"
        "from tencent_chat import *\n"
        "class Groups(Protocol):\n"
        "    def del_contact_group(self, from_account: str, group_name: str) -> DelContactGroupResult: ...\n"
        "class AsyncGroups(Protocol):\n"
        "    async def del_contact_group(self, from_account: str, group_name: str) -> DelContactGroupResult: ...\n"
        "    async def close(self) -> None: ...\n"
        "class Fake:\n"
        "    def del_contact_group(self, from_account: str, group_name: str) -> DelContactGroupResult:\n"
        "        return DelContactGroupResult((ContactGroup('g', 7),), Response(is_already_deleted=True))\n"
        "def use(groups: Groups) -> None: ...\n"
        "def await_for(groups: AsyncGroups) -> None: ...\n"
        "def main(client: Client, other: AsyncClient) -> None:\n"
        "    use(client)\n"
        "    use(Fake())\n"
        "    await_for(other)\n"
        "    client.del_contact_group('u', 'g', timeout=timedelta(seconds=5))\n"
        "    client.create_contact_group('u', 'g', None)\n"
        "    print(client.get_contact_group('u').as_dict()['groups'], __version__, codes.OK)\n"
    )
    ended = mypy("typed.py", cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
