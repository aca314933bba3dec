"""Finding and loading the shared library, and the tables that must equal its header."""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
from pathlib import Path
from typing import Dict, List

import pytest
from scene import REPOSITORY, python

import tencent_chat
from tencent_chat import _library, _signatures, codes

HEADER = (REPOSITORY / "include" / "tencent_chat.h").read_text(encoding="utf-8")
SHOW = "import tencent_chat, tencent_chat._library as l; print(tencent_chat.__version__, l.place)"

#: A type of the header -> the type of the table.
PLAIN = {
    "int": ctypes.c_int,
    "int32_t": ctypes.c_int,
    "uint32_t": ctypes.c_uint32,
    "uint64_t": ctypes.c_uint64,
    "int64_t": ctypes.c_int64,
    "size_t": ctypes.c_size_t,
    "uintptr_t": ctypes.c_size_t,
    "void": None,
    "size_t *": _signatures.LENGTH,
    "uintptr_t *": _signatures.LENGTH,
    "int *": ctypes.POINTER(ctypes.c_int),
    "int64_t *": ctypes.POINTER(ctypes.c_int64),
    "uint64_t *": ctypes.POINTER(ctypes.c_uint64),
    "double *": ctypes.POINTER(ctypes.c_double),
    "void *": ctypes.c_void_p,
}


def without_comments(text: str) -> str:
    return re.sub(r"/\*.*?\*/|//[^\n]*|^\s*#.*?(?<!\\)$", "", text, flags=re.DOTALL | re.MULTILINE)


def functions() -> Dict[str, List[str]]:
    """Name -> result and arguments as the header spells them, without names and qualifiers."""
    found = {}
    text = re.sub(r"\s+", " ", without_comments(HEADER))
    for result, name, arguments in re.findall(r"([\w ]+[\w*][ *]*?)\b(chat_\w+)\(((?:[^()]|\([^()]*\))*)\)\s*;", text):
        arguments = re.sub(r"(\w+) \(\*\w*\)\([^()]*\)", r"callback of \1", arguments)
        found[name] = [spelled(result)] + [spelled(drop_name(part)) for part in arguments.split(",") if part.strip() != "void"]
    return found


def drop_name(argument: str) -> str:
    """`const char *name` -> `const char *`; a type alone stays."""
    words = argument.strip()
    return words if words.startswith("callback of ") else re.sub(r"\b\w+$", "", words)


def spelled(kind: str) -> str:
    words = re.sub(r"\b(const|struct|extern)\b", "", kind).replace("*", " * ")
    return re.sub(r"\* (?=\*)", "*", " ".join(words.split()))


def of_the_table(kind: str, is_result: bool) -> object:
    if kind.startswith("callback of "):
        return {"int": _signatures.INTERRUPT, "void": _signatures.ATTEMPT}[kind[len("callback of ") :]]
    if kind == "char *":
        return _signatures.TEXT if is_result else _signatures.INPUT
    if re.fullmatch(r"chat_\w+ \*", kind):
        return _signatures.HANDLE
    if re.fullmatch(r"chat_\w+ \*\*", kind):
        return _signatures.OUT
    return PLAIN[kind]


def test_the_signature_table_equals_the_header() -> None:
    declared = functions()
    assert len(declared) > 40
    assert set(_signatures.SIGNATURES) == set(declared)
    for name, (result, *arguments) in declared.items():
        expected = (of_the_table(result, True), tuple(of_the_table(kind, False) for kind in arguments))
        assert _signatures.SIGNATURES[name] == expected, name


def test_every_function_of_the_table_was_given_its_types() -> None:
    for name, (result, arguments) in _signatures.SIGNATURES.items():
        function = getattr(_library.library, name)
        assert (function.restype, tuple(function.argtypes)) == (result, arguments), name


def test_the_codes_equal_the_header() -> None:
    declared = {
        name: int(value) for name, value in re.findall(r"#define CHAT_((?:OK|END|ERR_\w+|SERVICE_\w+))\s+\(?(-?\d+)\)?", HEADER)
    }
    assert len(declared) > 40
    ours = {name: value for name, value in vars(codes).items() if name.isupper()}
    assert ours == declared


def test_the_constants_of_the_calls_equal_the_header() -> None:
    for name in ("ONE_TO_ONE", "GROUP_CHAT", "ASSIST_FLAGS"):
        declared = re.search(rf"#define CHAT_{name} (\d+)", HEADER)
        assert declared and int(declared[1]) == getattr(tencent_chat, name), name


def test_the_versions_of_header_library_and_package_are_one() -> None:
    from importlib import metadata

    numbers = dict(re.findall(r"#define CHAT_VERSION_(MAJOR|MINOR|PATCH)\s+(\d+)", HEADER))
    declared = f"{numbers['MAJOR']}.{numbers['MINOR']}.{numbers['PATCH']}"
    assert declared == tencent_chat.__version__ == metadata.version("tencent-chat")
    assert _signatures.ABI == f"{numbers['MAJOR']}.{numbers['MINOR']}"


@pytest.fixture
def bare_package(tmp_path: Path) -> Path:
    """The package's sources in a directory of their own, without library and emulator."""
    source = Path(tencent_chat.__file__).parent
    shutil.copytree(source, tmp_path / "bare" / "tencent_chat", ignore=shutil.ignore_patterns("_native", "__pycache__"))
    return tmp_path / "bare"


def test_the_variable_names_the_library_to_load(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.so"
    shutil.copy(_library.place, elsewhere)
    ended = python("-c", SHOW, environment={"TENCENT_CHAT_LIBRARY": str(elsewhere)}, cwd=tmp_path)
    assert ended.stdout.split(maxsplit=1) == [tencent_chat.__version__, f"{elsewhere}\n"], ended.stderr


def test_the_variable_names_the_only_place_that_is_tried(tmp_path: Path) -> None:
    ended = python("-c", SHOW, environment={"TENCENT_CHAT_LIBRARY": str(tmp_path / "missing.so")}, cwd=tmp_path)
    assert ended.returncode == 1
    assert "ImportError" in ended.stderr and str(tmp_path / "missing.so") in ended.stderr
    assert "TENCENT_CHAT_LIBRARY" in ended.stderr and "_native" not in ended.stderr


def test_an_empty_variable_is_no_variable(tmp_path: Path) -> None:
    ended = python("-c", SHOW, environment={"TENCENT_CHAT_LIBRARY": ""}, cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr


def test_a_missing_library_is_told_with_every_place_tried_and_what_to_do(bare_package: Path) -> None:
    ended = python("-c", SHOW, environment={"PYTHONPATH": str(bare_package), "TENCENT_CHAT_LIBRARY": ""}, cwd=bare_package)
    assert ended.returncode == 1
    assert "ImportError" in ended.stderr
    assert str(bare_package / "tencent_chat" / "_native") in ended.stderr
    assert "libtencent_chat" in ended.stderr and _signatures.ABI in ended.stderr
    assert "make install" in ended.stderr and "TENCENT_CHAT_LIBRARY" in ended.stderr


def test_a_library_installed_on_the_system_is_found(bare_package: Path, tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    shutil.copy(_library.place, tmp_path / "lib" / _library._SYSTEM_NAME)
    environment = {
        "PYTHONPATH": str(bare_package),
        "TENCENT_CHAT_LIBRARY": "",
        "LD_LIBRARY_PATH": str(tmp_path / "lib"),
    }
    ended = python("-c", SHOW, environment=environment, cwd=bare_package)
    assert ended.stdout.split() == [tencent_chat.__version__, _library._SYSTEM_NAME], ended.stderr


@pytest.mark.parametrize(
    "source, complaint",
    [
        ('const char *chat_version(void) { return "9.9.0"; }', f"version 9.9.0, this package needs {_signatures.ABI}.x"),
        (f'const char *chat_version(void) {{ return "{_signatures.ABI}.7"; }}', "lacks a function"),
        ("int unrelated(void) { return 0; }", "no chat_version"),
    ],
    ids=["another version", "functions missing", "another library"],
)
def test_a_library_that_does_not_fit_is_refused(tmp_path: Path, source: str, complaint: str) -> None:
    (tmp_path / "odd.c").write_text(source)
    odd = tmp_path / "odd.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", str(odd), str(tmp_path / "odd.c")], check=True)
    ended = python("-c", SHOW, environment={"TENCENT_CHAT_LIBRARY": str(odd)}, cwd=tmp_path)
    assert ended.returncode == 1
    assert "ImportError" in ended.stderr and complaint in ended.stderr and str(odd) in ended.stderr
    assert "Install package and library of one version" in ended.stderr


def test_importing_loads_nothing_heavy(tmp_path: Path) -> None:
    ended = python(
        "-c",
        "import sys, tencent_chat; print([m for m in ('ssl', 'urllib.request', 'subprocess', 'asyncio') if m in sys.modules])",
        cwd=tmp_path,
    )
    assert ended.stdout == "[]\n", ended.stderr
