"""The build hook: puts the shared library and the emulator into the wheel and names the platform the wheel is for.
It promises that a wheel without them is never made: it takes them from an install prefix (TENCENT_CHAT_STAGE) or builds
them (`make stage` at the repository root), and otherwise ends with what to do. It must not know how they are compiled.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LIBRARY = "libtencent_chat.dylib" if sys.platform == "darwin" else "libtencent_chat.so"
PROGRAM = "chat-emulator"


class StageBuildHook(BuildHookInterface[Any]):
    """Runs for wheels only; a source distribution carries no binaries."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel":
            return
        files = staged_files(stage(Path(self.root)))
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"
        if version == "editable":
            link(files, Path(self.root) / "tencent_chat" / "_native")
        else:
            for file in files:
                # `resolve`: the library's name in a prefix is a link to the file that carries the full version.
                build_data["force_include"][str(file.resolve())] = f"tencent_chat/_native/{file.name}"


def stage(root: Path) -> Path:
    """The install prefix to take the files from."""
    given = os.environ.get("TENCENT_CHAT_STAGE")
    if given:
        return Path(given).absolute()
    repository = root.parent.parent
    if not (repository / "Makefile").is_file():
        raise SystemExit(
            f"tencent-chat: {repository} is not the project's repository, so there is nothing to build the library from. "
            "Build from a clone, or set TENCENT_CHAT_STAGE to a prefix made by `make install PREFIX=...`."
        )
    for tool in ("make", "cargo"):
        if shutil.which(tool) is None:
            raise SystemExit(
                f"tencent-chat: {tool} was not found, and the library inside this package is built with it. Install Rust "
                "(https://rustup.rs) and make, or set TENCENT_CHAT_STAGE to a prefix made by `make install PREFIX=...`."
            )
    made = subprocess.run(["make", "-C", str(repository), "stage"], stdin=subprocess.DEVNULL)
    if made.returncode != 0:
        raise SystemExit(f"tencent-chat: `make stage` in {repository} failed (exit {made.returncode}); its output says why.")
    return repository / os.environ.get("CARGO_TARGET_DIR", "target") / "stage"


def staged_files(prefix: Path) -> list[Path]:
    """Library and emulator inside a prefix, or an end that names what is missing."""
    files = [prefix / "lib" / LIBRARY, prefix / "bin" / PROGRAM]
    missing = [str(file) for file in files if not file.is_file()]
    if missing:
        raise SystemExit(
            f"tencent-chat: {', '.join(missing)} not found; run `make stage`, or point TENCENT_CHAT_STAGE at a complete prefix."
        )
    return files


def link(files: list[Path], directory: Path) -> None:
    """For an editable install: links beside the sources, so that the next `make stage` is seen without another install."""
    directory.mkdir(exist_ok=True)
    for file in files:
        place = directory / file.name
        place.unlink(missing_ok=True)
        place.symlink_to(file)
