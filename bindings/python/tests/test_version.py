"""`python -m tencent_chat`: what is in use and where it is, for people and for programs."""

from __future__ import annotations

import json
import platform
import shutil
import sys
from pathlib import Path

from scene import python

import tencent_chat
from tencent_chat import _library, _signatures, testing

VERSION = tencent_chat.__version__
PACKAGE = Path(tencent_chat.__file__).parent


def test_version_tells_package_library_emulator_and_python(tmp_path: Path) -> None:
    ended = python("-m", "tencent_chat", "--version", environment={"CHAT_EMULATOR": ""}, cwd=tmp_path)
    assert (ended.stderr, ended.returncode) == ("", 0)
    assert ended.stdout.splitlines() == [
        f"tencent-chat {VERSION} {PACKAGE}",
        f"library {VERSION} (ABI {_signatures.ABI}) {PACKAGE / '_native' / 'libtencent_chat.so'}",
        f"emulator {PACKAGE / '_native' / 'chat-emulator'}",
        f"python {platform.python_version()} {sys.executable}",
    ]


def test_json_tells_programs_the_same(tmp_path: Path) -> None:
    for arguments in (["--json"], ["--version", "--json"]):
        ended = python("-m", "tencent_chat", *arguments, environment={"CHAT_EMULATOR": ""}, cwd=tmp_path)
        assert (ended.stderr, ended.returncode) == ("", 0)
        assert json.loads(ended.stdout) == {
            "package": {"version": VERSION, "path": str(PACKAGE)},
            "library": {"version": VERSION, "abi": _signatures.ABI, "path": _library.place},
            "emulator": {"path": testing.find_program()},
            "python": {"version": platform.python_version(), "path": sys.executable},
        }


def test_a_library_of_the_system_is_told_with_its_whole_path(tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    shutil.copytree(PACKAGE, bare / "tencent_chat", ignore=shutil.ignore_patterns("_native", "__pycache__"))
    library = tmp_path / "system lib" / _library._SYSTEM_NAME
    library.parent.mkdir()
    shutil.copy(PACKAGE / "_native" / "libtencent_chat.so", library)
    environment = {
        "PYTHONPATH": str(bare),
        "LD_LIBRARY_PATH": str(library.parent),
        "TENCENT_CHAT_LIBRARY": "",
        "CHAT_EMULATOR": "",
        "PATH": str(tmp_path),
    }
    ended = python("-m", "tencent_chat", "--json", environment=environment, cwd=tmp_path)
    assert (ended.stderr, ended.returncode) == ("", 0)
    found = json.loads(ended.stdout)
    assert found["library"]["path"] == str(library.resolve())
    assert found["emulator"]["path"] is None, "a library alone is enough"


def test_without_a_wish_it_says_what_it_can_do(tmp_path: Path) -> None:
    ended = python("-m", "tencent_chat", cwd=tmp_path)
    assert ended.returncode == 0 and "--version" in ended.stdout and "--json" in ended.stdout


def test_a_missing_library_is_told_and_ends_with_1(tmp_path: Path) -> None:
    nothing = str(tmp_path / "nothing.so")
    ended = python("-m", "tencent_chat", "--version", environment={"TENCENT_CHAT_LIBRARY": nothing}, cwd=tmp_path)
    assert ended.returncode == 1 and nothing in ended.stderr and "TENCENT_CHAT_LIBRARY" in ended.stderr
