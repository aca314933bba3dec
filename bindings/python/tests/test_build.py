"""How the package is built, from a copy of what the build reads: what it puts inside, and what it says when it cannot."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Dict, Optional

import pytest
from scene import NATIVE, PYTHON_FACE, REPOSITORY, prefix_of, python

import tencent_chat

#: ELF's numbers of machines.
X86_64, AARCH64 = 62, 183


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What the build reads, in a tree of its own, so that no test writes into the repository."""
    face = tmp_path / "clone" / "bindings" / "python"
    shutil.copytree(PYTHON_FACE, face, ignore=shutil.ignore_patterns("_native", "__pycache__", "tests"))
    shutil.copy(REPOSITORY / "Cargo.toml", tmp_path / "clone" / "Cargo.toml")
    (tmp_path / "clone" / "Makefile").write_text("build-library:\n\t@echo the core is built here; false\n")
    return face


def elf(machine: int, glibc: str) -> bytes:
    """What the build reads of a binary: its magic, its machine, the versions it asks for."""
    return b"\x7fELF".ljust(18, b"\0") + machine.to_bytes(2, "little") + b"\0GLIBC_2.2.5\0GLIBC_" + glibc.encode() + b"\0"


def pip(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    plain = {"TENCENT_CHAT_PREFIX": "", "TENCENT_CHAT_PLATFORM": "", "CARGO_TARGET_DIR": "target"}
    return python("-m", "pip", "--disable-pip-version-check", *arguments, environment={**plain, **environment})


def build(clone: Path, out: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """`pip wheel` with the build backend of this environment, which saves fetching it."""
    return pip("wheel", "-v", "--no-build-isolation", "--no-deps", "-w", str(out), str(clone), **environment)


def refusal(ended: "subprocess.CompletedProcess[str]") -> str:
    assert ended.returncode != 0
    return ended.stdout + ended.stderr


def test_a_build_from_an_incomplete_prefix_names_what_is_missing(clone: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    said = refusal(build(clone, tmp_path, TENCENT_CHAT_PREFIX=str(tmp_path / "empty")))
    assert str(tmp_path / "empty" / "lib" / "libtencent_chat.so") in said and "complete prefix" in said


def test_a_build_without_cargo_says_what_to_install(clone: Path, tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "make").symlink_to(shutil.which("make") or "make")
    said = refusal(build(clone, tmp_path, PATH=str(tmp_path / "tools")))
    assert "cargo was not found" in said and "Install Rust" in said and "TENCENT_CHAT_PREFIX" in said


def test_a_build_without_a_prefix_builds_the_core_itself(clone: Path, tmp_path: Path) -> None:
    said = refusal(build(clone, tmp_path))
    assert "the core is built here" in said and "`make build-library build-emulator build-notices`" in said


def test_a_build_takes_what_the_core_was_built_to(clone: Path, tmp_path: Path) -> None:
    prefix = prefix_of(tmp_path / "prefix", b"the library", b"the program")
    copies = [f"install -D '{prefix}/lib/libtencent_chat.so'", f"install -D '{prefix}/bin/chat-emulator'"]
    for place, target in (("target", ""), ("elsewhere", str(tmp_path / "elsewhere"))):
        rules = [
            f"{copies[0]} '{target or place}/release/libtencent_chat.so'",
            f"{copies[1]} '{target or place}/tool/chat-emulator'",
        ]
        (clone.parent.parent / "Makefile").write_text(f"build-library:\n\t{rules[0]}\nbuild-emulator:\n\t{rules[1]}\nbuild-notices:\n")
        ended = build(clone, tmp_path / "out", CARGO_TARGET_DIR=target or "target")
        assert ended.returncode == 0, ended.stdout + ended.stderr
        (wheel,) = (tmp_path / "out").glob("*.whl")
        with zipfile.ZipFile(wheel) as inside:
            assert inside.read("tencent_chat/_native/libtencent_chat.so") == b"the library"
            mode = inside.getinfo("tencent_chat/_native/chat-emulator").external_attr >> 16
            assert mode & 0o777 == 0o755
        wheel.unlink()


def test_a_build_away_from_the_repository_says_so(clone: Path, tmp_path: Path) -> None:
    (tmp_path / "clone" / "Makefile").unlink()
    said = refusal(build(clone, tmp_path))
    assert "neither in the project's repository nor a source distribution" in said and "TENCENT_CHAT_PREFIX" in said


def test_what_others_own_of_the_binaries_is_told_in_the_wheel(clone: Path, tmp_path: Path) -> None:
    prefix = prefix_of(tmp_path / "prefix", b"the library", b"the program")
    notices = prefix / "share" / "doc" / "tencent-chat"
    notices.mkdir(parents=True)
    (notices / "THIRD-PARTY-LICENSES.txt").write_text("the licences of others")
    (notices / "tencent-chat.cdx.json").write_text("{}")
    ended = build(clone, tmp_path / "out", TENCENT_CHAT_PREFIX=str(prefix))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    (wheel,) = (tmp_path / "out").glob("*.whl")
    about = f"tencent_chat-{tencent_chat.__version__}.dist-info"
    with zipfile.ZipFile(wheel) as inside:
        assert inside.read(f"{about}/licenses/THIRD-PARTY-LICENSES.txt") == b"the licences of others"
        assert inside.read(f"{about}/sboms/tencent-chat.cdx.json") == b"{}"


@pytest.mark.parametrize(
    "platform, machine, glibc, complaint",
    [
        ("linux_x86_64", X86_64, "2.40", None),
        ("linux_aarch64", AARCH64, "2.40", None),
        ("manylinux2014_x86_64", X86_64, "2.17", None),
        ("manylinux_2_17_x86_64.manylinux2014_x86_64", X86_64, "2.17", None),
        ("manylinux_2_28_aarch64", AARCH64, "2.18", None),
        ("manylinux2014_x86_64", X86_64, "2.18", "asks for glibc 2.18, and manylinux2014_x86_64 promises to run with 2.17"),
        ("manylinux_2_28_x86_64.manylinux2014_x86_64", X86_64, "2.28", "manylinux2014_x86_64 promises"),
        ("manylinux_2_9_x86_64", X86_64, "2.10", "asks for glibc 2.10"),
        ("linux_x86_64", AARCH64, "2.17", "is not for x86_64"),
        ("manylinux2014_aarch64", X86_64, "2.17", "is not for aarch64"),
        ("musllinux_1_2_x86_64", X86_64, "2.17", "asks for glibc"),
        ("win_amd64", X86_64, "2.17", "is not for amd64 (win) but for x86_64 (linux)"),
        ("macosx_11_0_x86_64", X86_64, "2.17", "is not for x86_64 (macosx)"),
        ("macosx_11_0_aarch64", X86_64, "2.17", "no platform a wheel of this library can be for"),
        ("linux_amd64", X86_64, "2.17", "no platform a wheel of this library can be for"),
        ("manylinux2014", X86_64, "2.17", "no platform"),
    ],
)
def test_a_wheel_is_for_the_platform_its_binaries_run_on(
    tmp_path: Path, platform: str, machine: int, glibc: str, complaint: Optional[str]
) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(elf(machine, glibc))
    program = "import sys, pathlib, hatch_build; hatch_build.check_platform(pathlib.Path(sys.argv[1]), sys.argv[2])"
    ended = python("-B", "-c", program, str(binary), platform, environment={"PYTHONPATH": str(PYTHON_FACE)}, cwd=tmp_path)
    if complaint is None:
        assert (ended.stderr, ended.returncode) == ("", 0)
    else:
        assert ended.returncode == 1 and complaint in ended.stderr


def test_the_platform_of_a_wheel_can_be_named_and_is_checked(clone: Path, tmp_path: Path) -> None:
    old, new = elf(AARCH64, "2.17"), elf(AARCH64, "2.34")
    made = prefix_of(tmp_path / "old", old, old)
    platform = "manylinux_2_17_aarch64.manylinux2014_aarch64"
    ended = build(clone, tmp_path / "out", TENCENT_CHAT_PREFIX=str(made), TENCENT_CHAT_PLATFORM=platform)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    (wheel,) = (tmp_path / "out").glob("*.whl")
    assert wheel.name == f"tencent_chat-{tencent_chat.__version__}-py3-none-{platform}.whl"
    made = prefix_of(tmp_path / "new", old, new)
    said = refusal(build(clone, tmp_path, TENCENT_CHAT_PREFIX=str(made), TENCENT_CHAT_PLATFORM=platform))
    assert "chat-emulator asks for glibc 2.34" in said


def test_an_editable_install_works_and_sees_the_prefix(clone: Path, tmp_path: Path) -> None:
    library, program = ((NATIVE / name).read_bytes() for name in ("libtencent_chat.so", "chat-emulator"))
    prefix = prefix_of(tmp_path / "prefix", library, program)
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    own = str(environment / "bin" / "python")
    installed = pip("--python", own, "install", "--no-deps", "-e", str(clone), TENCENT_CHAT_PREFIX=str(prefix))
    assert installed.returncode == 0, installed.stdout + installed.stderr
    show = "import tencent_chat.testing as t; e = t.Emulator(); print(t.__file__, e.client()); e.close()"
    ended = subprocess.run(
        [own, "-c", show], cwd=tmp_path, env=_plain_environment(), capture_output=True, encoding="utf-8", timeout=180
    )
    assert str(clone) in ended.stdout and "Client" in ended.stdout, ended.stderr
    linked = clone / "tencent_chat" / "_native" / "libtencent_chat.so"
    assert linked.resolve() == (prefix / "lib" / "libtencent_chat.so").resolve()


def _plain_environment() -> Dict[str, str]:
    ours = ("PYTHONPATH", "TENCENT_CHAT_LIBRARY", "CHAT_EMULATOR")
    return {name: value for name, value in os.environ.items() if name not in ours}
