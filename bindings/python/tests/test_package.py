"""What a user installs: a typed wheel with library and emulator inside, a sample and a README that work, a build that says
what it lacks.
"""

from __future__ import annotations

import ast
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import typing
from importlib import metadata
from pathlib import Path
from typing import Dict

import pytest
from scene import PYTHON_FACE, REPOSITORY, python

import tencent_chat
from tencent_chat import _library, testing
from tencent_chat.testing import Emulator

PACKAGE = Path(tencent_chat.__file__).parent
SAMPLES = PYTHON_FACE / "samples"
README = (PYTHON_FACE / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE)


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
    assert metadata.requires("tencent-chat") in (None, [])


def test_library_and_emulator_are_the_wheels_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHAT_EMULATOR", raising=False)
    assert Path(_library.place).parent == PACKAGE / "_native"
    assert Path(testing.find_program()).parent == PACKAGE / "_native"


def test_the_package_is_strictly_typed(tmp_path: Path) -> None:
    ended = python("-m", "mypy", "--strict", "--python-version", "3.9", "-p", "tencent_chat", cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_a_typed_program_that_uses_the_package_is_checked(tmp_path: Path) -> None:
    samples = [str(sample) for sample in SAMPLES.glob("*.py")]
    ended = python("-m", "mypy", "--strict", *samples, cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    wrong = tmp_path / "wrong.py"
    wrong.write_text(
        "import tencent_chat\ndef f(client: tencent_chat.Client) -> int:\n    return client.del_contact_group('a', 5).groups\n"
    )
    ended = python("-m", "mypy", "--strict", str(wrong), cwd=tmp_path)
    assert "arg-type" in ended.stdout and "return-value" in ended.stdout


def test_a_typed_program_that_awaits_is_checked_as_one_that_waits(tmp_path: Path) -> None:
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
    ended = python("-m", "mypy", "--strict", str(right), cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    wrong = tmp_path / "wrong.py"
    wrong.write_text(
        "from tencent_chat import AsyncClient\n"
        "async def f() -> int:\n"
        "    client = AsyncClient('china', sdk_app_id='1', identifier='a', secret_key='k')\n"
        "    await client.mark_contact('u', ['v'], splitt=True)\n"
        "    return (await client.create_contact_group('u', 'g')).group\n"
    )
    ended = python("-m", "mypy", "--strict", str(wrong), cwd=tmp_path)
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
    for file in [*PACKAGE.glob("*.py"), *SAMPLES.glob("*.py"), PYTHON_FACE / "hatch_build.py"]:
        tree = ast.parse(file.read_text(encoding="utf-8"), feature_version=(3, 9))
        assert ast.get_docstring(tree), file


def test_every_public_name_is_documented() -> None:
    for file in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_") and node.col_offset <= 4:
                within = ("text", "iterator", "other")
                assert ast.get_docstring(node) or node.name in within, f"{file.name}: {node.name}"


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


def test_the_readme_has_programs() -> None:
    assert len(BLOCKS) >= 3


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_every_program_of_the_readme_runs(tmp_path: Path, number: int) -> None:
    program = tmp_path / "program.py"
    program.write_text(BLOCKS[number], encoding="utf-8")
    (tmp_path / "my_app.py").write_text("chat = None\n")
    ended = python("-W", "error", str(program), environment={"CHAT_SECRET_KEY": "k" * 64}, cwd=tmp_path)
    assert (ended.stderr, ended.returncode) == ("", 0)
    promised = re.findall(r"# prints: (.*)", BLOCKS[number])
    assert ended.stdout.splitlines() == promised


def test_the_hook_of_the_readme_gives_each_worker_a_client_of_its_own(tmp_path: Path) -> None:
    (hook,) = (block for block in BLOCKS if "post_fork" in block)
    (tmp_path / "conf.py").write_text(hook, encoding="utf-8")
    (tmp_path / "my_app.py").write_text("chat = None\n")
    program = """
import os
import conf, my_app
from tencent_chat import ForkedError

conf.post_fork(None, None)
parents = my_app.chat
if os.fork() == 0:
    try:
        parents.stats()
    except ForkedError:
        conf.post_fork(None, None)
        print(my_app.chat is not parents, my_app.chat.stats()["calls"], flush=True)
    os._exit(0)
os.wait()
print(parents.stats()["calls"])
"""
    ended = python("-c", program, environment={"CHAT_SECRET_KEY": "k" * 64, "PYTHONPATH": str(tmp_path)}, cwd=tmp_path)
    assert (ended.stdout, ended.stderr, ended.returncode) == ("True 0\n0\n", "", 0)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What the build reads, in a tree of its own, so that no test writes into the repository."""
    face = tmp_path / "clone" / "bindings" / "python"
    shutil.copytree(PYTHON_FACE, face, ignore=shutil.ignore_patterns("_native", "__pycache__", "tests"))
    shutil.copy(REPOSITORY / "Cargo.toml", tmp_path / "clone" / "Cargo.toml")
    (tmp_path / "clone" / "Makefile").write_text("stage:\n\t@echo the stage is built here; false\n")
    return face


def pip(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return python("-m", "pip", "--disable-pip-version-check", *arguments, environment={"TENCENT_CHAT_STAGE": "", **environment})


def test_a_build_from_an_incomplete_prefix_names_what_is_missing(clone: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ended = pip("wheel", "--no-deps", "-w", str(tmp_path), str(clone), TENCENT_CHAT_STAGE=str(tmp_path / "empty"))
    said = ended.stdout + ended.stderr
    assert ended.returncode != 0
    assert str(tmp_path / "empty" / "lib" / "libtencent_chat.so") in said and "make stage" in said


def test_a_build_without_cargo_says_what_to_install(clone: Path, tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "make").symlink_to(shutil.which("make") or "make")
    ended = pip("wheel", "--no-deps", "-w", str(tmp_path), str(clone), PATH=str(tmp_path / "tools"))
    said = ended.stdout + ended.stderr
    assert ended.returncode != 0
    assert "cargo was not found" in said and "Install Rust" in said and "TENCENT_CHAT_STAGE" in said


def test_a_build_without_a_prefix_makes_the_stage_itself(clone: Path, tmp_path: Path) -> None:
    ended = pip("wheel", "-v", "--no-deps", "-w", str(tmp_path), str(clone))
    said = ended.stdout + ended.stderr
    assert ended.returncode != 0
    assert "the stage is built here" in said and "`make stage`" in said


def test_a_build_away_from_the_repository_says_so(clone: Path, tmp_path: Path) -> None:
    (tmp_path / "clone" / "Makefile").unlink()
    ended = pip("wheel", "--no-deps", "-w", str(tmp_path), str(clone))
    assert ended.returncode != 0
    assert "not the project's repository" in ended.stdout + ended.stderr


def test_an_editable_install_works_and_sees_the_prefix(clone: Path, tmp_path: Path) -> None:
    stage = tmp_path / "stage"
    for place, name in (("lib", "libtencent_chat.so"), ("bin", "chat-emulator")):
        (stage / place).mkdir(parents=True)
        shutil.copy(PACKAGE / "_native" / name, stage / place / name)
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    own = str(environment / "bin" / "python")
    installed = pip("--python", own, "install", "--no-deps", "-e", str(clone), TENCENT_CHAT_STAGE=str(stage))
    assert installed.returncode == 0, installed.stdout + installed.stderr
    show = "import tencent_chat.testing as t; e = t.Emulator(); print(t.__file__, e.client()); e.close()"
    ended = subprocess.run(
        [own, "-c", show], cwd=tmp_path, env=_plain_environment(), capture_output=True, encoding="utf-8", timeout=180
    )
    assert str(clone) in ended.stdout and "Client" in ended.stdout, ended.stderr
    assert (clone / "tencent_chat" / "_native" / "libtencent_chat.so").resolve() == (
        stage / "lib" / "libtencent_chat.so"
    ).resolve()


def _plain_environment() -> Dict[str, str]:
    return {
        name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "TENCENT_CHAT_LIBRARY", "CHAT_EMULATOR")
    }
