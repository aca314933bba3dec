"""The build hook: puts the shared library and the emulator into the wheel, names the wheel's platform, and adds the Rust
sources to the source distribution. It refuses to make a wheel without them, for another machine, or for an older libc than
they run on.

TENCENT_CHAT_PREFIX    take both from an installation (`make install PREFIX=...`, an unpacked release) and build nothing
TENCENT_CHAT_PLATFORM  the wheel's platform, such as manylinux2014_x86_64; without it, this machine's
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

#: Where a prefix has library and emulator, by how a platform's tag begins.
PLACES = {
    "macosx": ("lib/libtencent_chat.dylib", "bin/chat-emulator"),
    "win": ("bin/tencent_chat.dll", "bin/chat-emulator.exe"),
    "": ("lib/libtencent_chat.so", "bin/chat-emulator"),
}

#: Where a source distribution holds the Rust project.
CORE = "core"
#: What of the Rust project it takes to build library and emulator.
SOURCES = (
    "Cargo.toml",
    "Cargo.lock",
    "Makefile",
    # Their texts stand for those of others that come without one.
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "build.rs",
    "bindings/c/packaging/components.py",
    "src",
    "include",
    # No part of what is built, but cargo reads the manifest of every member of the workspace.
    "bindings/program/Cargo.toml",
    "bindings/program/src",
    "tests/emulator/Cargo.toml",
    "tests/emulator/README.md",
    "tests/emulator/src",
)
#: What the Makefile calls the two of them.
TARGETS = ("build-library", "build-emulator", "build-notices")
#: What tells of the code of others inside the binaries, and where a wheel keeps such files.
NOTICES = {"THIRD-PARTY-LICENSES.txt": "licenses", "tencent-chat.cdx.json": "sboms"}


class NativeBuildHook(BuildHookInterface[Any]):
    """Adds to a wheel what was compiled, and to a source distribution what will be."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        if self.target_name == "sdist":
            # One that is made from an unpacked one has them already.
            if not (root / CORE).is_dir():
                for name in SOURCES:
                    build_data["force_include"][str(repository(root) / name)] = f"{CORE}/{name}"
            return
        given = os.environ.get("TENCENT_CHAT_PREFIX")
        platform = os.environ.get("TENCENT_CHAT_PLATFORM") or re.sub(r"[-.]", "_", sysconfig.get_platform())
        places = next(places for begin, places in PLACES.items() if platform.startswith(begin))
        files, notices = installed(Path(given).absolute(), places) if given else built(repository(root), places)
        for file in files:
            check_platform(file, platform)
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{platform}"
        if version == "editable":
            link(files, root / "tencent_chat" / "_native")
            return
        for file in files:
            # `resolve`: the library's name in a prefix is a link to the file that carries the full version.
            build_data["force_include"][str(file.resolve())] = f"tencent_chat/_native/{file.name}"
        about = f"tencent_chat-{self.metadata.version}.dist-info"
        for name, folder in NOTICES.items():
            if (notices / name).is_file():
                build_data["force_include"][str(notices / name)] = f"{about}/{folder}/{name}"


def repository(root: Path) -> Path:
    """The Rust project: inside an unpacked source distribution, or two folders up in a clone."""
    for place in (root / CORE, root.parent.parent):
        if (place / "Makefile").is_file() and (place / "Cargo.toml").is_file():
            return place
    raise SystemExit(
        f"tencent-chat: {root} is neither in the project's repository nor a source distribution, so there is nothing to build "
        "the library from. Build from one of them, or set TENCENT_CHAT_PREFIX to a prefix made by `make install PREFIX=...`."
    )


def built(repository: Path, places: tuple[str, str]) -> tuple[list[Path], Path]:
    """Library and emulator, compiled now, and the folder of their notices."""
    for tool in ("make", "cargo"):
        if shutil.which(tool) is None:
            raise SystemExit(
                f"tencent-chat: {tool} was not found, and the library inside this package is built with it. Install Rust "
                "(https://rustup.rs), a C compiler and make, or set TENCENT_CHAT_PREFIX to a prefix made by "
                "`make install PREFIX=...`."
            )
    made = subprocess.run(["make", "-C", str(repository), *TARGETS], stdin=subprocess.DEVNULL)
    if made.returncode != 0:
        command = f"make {' '.join(TARGETS)}"
        raise SystemExit(f"tencent-chat: `{command}` in {repository} failed (exit {made.returncode}); its output says why.")
    target = repository / os.environ.get("CARGO_TARGET_DIR", "target")
    library, program = (Path(place).name for place in places)
    files = present([target / "release" / library, target / "tool" / program], "`make` did not put them there")
    return files, target / "package"


def installed(prefix: Path, places: tuple[str, str]) -> tuple[list[Path], Path]:
    """Library and emulator of a prefix, and the folder of their notices."""
    files = present([prefix / place for place in places], "point TENCENT_CHAT_PREFIX at a complete prefix")
    return files, prefix / "share" / "doc" / "tencent-chat"


def present(files: list[Path], advice: str) -> list[Path]:
    """The files, or an end that names what is missing."""
    missing = [str(file) for file in files if not file.is_file()]
    if missing:
        raise SystemExit(f"tencent-chat: {', '.join(missing)} not found; {advice}.")
    return files


#: The machines of wheels: how their platform tags begin and end, by the system's number for them in its files.
MACHINES = {
    ("linux", 62): "x86_64",
    ("linux", 183): "aarch64",
    ("macosx", 0x0100_0007): "x86_64",
    ("macosx", 0x0100_000C): "arm64",
    ("win", 0x8664): "amd64",
}
TAG = re.compile(
    r"(?P<system>linux|manylinux2014|manylinux_(?P<major>\d+)_(?P<minor>\d+)|musllinux_\d+_\d+|macosx_\d+_\d+|win)"
    r"_(?P<machine>[a-z0-9_]+)"
)


def made_for(content: bytes) -> tuple[str, str] | None:
    """System and machine of a binary, as ELF, Mach-O and PE tell them; None for anything else."""

    def number(at: int, size: int) -> int:
        return int.from_bytes(content[at : at + size], "little")

    if content[:4] == b"\x7fELF":
        system, machine = "linux", number(18, 2)
    elif content[:4] == b"\xcf\xfa\xed\xfe":
        system, machine = "macosx", number(4, 4)
    elif content[:2] == b"MZ":
        system, machine = "win", number(number(0x3C, 4) + 4, 2)
    else:
        return None
    return system, MACHINES.get((system, machine), f"machine {machine}")


def check_platform(file: Path, platform: str) -> None:
    """Ends the build when a binary could not run everywhere the platform tag says."""
    content = file.read_bytes()
    found = made_for(content)
    if found is None:
        return
    # A tag may join several platforms with dots: manylinux_2_17_x86_64.manylinux2014_x86_64.
    for part in platform.split("."):
        tag = TAG.fullmatch(part)
        system = "" if tag is None else re.sub(r"^(many|musl)|[_\d]+$", "", tag["system"])
        if tag is None or (system, tag["machine"]) not in {(system, machine) for (system, _), machine in MACHINES.items()}:
            raise SystemExit(
                f"tencent-chat: TENCENT_CHAT_PLATFORM={platform} is no platform a wheel of this library can be for. Give linux, "
                "manylinux2014, manylinux_X_Y or musllinux_X_Y, then x86_64 or aarch64; macosx_X_Y, then x86_64 or arm64; or win_amd64."
            )
        if found != (system, tag["machine"]):
            raise SystemExit(
                f"tencent-chat: {file} is not for {tag['machine']} ({system}) but for {found[1]} ({found[0]}); set "
                "TENCENT_CHAT_PLATFORM to the platform it is for."
            )
        if system == "linux":
            check_libc(file, content, part, tag)


def check_libc(file: Path, content: bytes, part: str, tag: re.Match[str]) -> None:
    newest = max(((int(a), int(b)) for a, b in re.findall(rb"GLIBC_(\d+)\.(\d+)", content)), default=None)
    if newest and tag["system"].startswith("musllinux"):
        raise SystemExit(f"tencent-chat: {file} asks for glibc, and {part} promises to run with musl.")
    floor = (2, 17) if tag["system"] == "manylinux2014" else (int(tag["major"]), int(tag["minor"])) if tag["major"] else None
    if floor and newest and newest > floor:
        raise SystemExit(
            f"tencent-chat: {file} asks for glibc {newest[0]}.{newest[1]}, and {part} promises to run with "
            f"{floor[0]}.{floor[1]}. Point TENCENT_CHAT_PREFIX at a release (`make dist`), which is built for old ones."
        )


def link(files: list[Path], directory: Path) -> None:
    """For an editable install: links beside the sources, so that the next build is seen without another install."""
    directory.mkdir(exist_ok=True)
    for file in files:
        place = directory / file.name
        place.unlink(missing_ok=True)
        place.symlink_to(file)
