"""`python -m tencent_chat --version` (and `--json`): says which package, library, emulator and Python are in use, and
where.
It exits 0 when the library loads, with or without an emulator, and sends nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from importlib import metadata
from typing import Dict, Optional

#: Of each thing its properties; a value is None when the thing is not there: a package that is not installed, no emulator.
Facts = Dict[str, Dict[str, Optional[str]]]


def _package_version() -> Optional[str]:
    try:
        return metadata.version("tencent-chat")
    except metadata.PackageNotFoundError:
        return None


def _library_path() -> str:
    """Where the loaded library is; the system's loader was asked by name only, so the memory map of the process tells."""
    from . import _library

    if os.path.dirname(_library.place):
        return _library.place
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as maps:
            mapped = [line.split(maxsplit=5)[-1].rstrip("\n") for line in maps]
    except OSError:
        mapped = []
    ours = (file for file in mapped if os.path.basename(file).startswith(_library.place))
    return next(ours, _library.place)


def _emulator_path() -> Optional[str]:
    from . import testing

    try:
        return testing.find_program()
    except testing.EmulatorError:
        return None


def facts() -> Facts:
    """What is in use; an ImportError when there is no library, which names every place where it was looked for."""
    from . import _library, _signatures

    return {
        "package": {"version": _package_version(), "path": os.path.dirname(__file__)},
        "library": {"version": _library.version, "abi": _signatures.ABI, "path": _library_path()},
        "emulator": {"path": _emulator_path()},
        "python": {"version": platform.python_version(), "path": sys.executable},
    }


def _lines(found: Facts) -> str:
    """The same for people: one line a thing, what it is first, where it is last."""
    package, library, emulator, python = (found[name] for name in ("package", "library", "emulator", "python"))
    return "\n".join(
        [
            f"tencent-chat {package['version'] or '(not installed)'} {package['path']}",
            f"library {library['version']} (ABI {library['abi']}) {library['path']}",
            f"emulator {emulator['path'] or '(not found)'}",
            f"python {python['version']} {python['path']}",
        ]
    )


def main() -> None:
    """Reads the command line and prints what is in use."""
    parser = argparse.ArgumentParser(prog="python -m tencent_chat", description="The Tencent Chat client for Python.")
    parser.add_argument("--version", action="store_true", help="say which package, library, emulator and Python are in use")
    parser.add_argument("--json", action="store_true", help="say it as a JSON object")
    asked = parser.parse_args()
    if not (asked.version or asked.json):
        parser.print_help()
        return
    try:
        found = facts()
    except ImportError as error:
        sys.exit(str(error))
    # Not argparse's own action, which breaks long lines and so would break a path.
    print(json.dumps(found, indent=2) if asked.json else _lines(found))


if __name__ == "__main__":
    main()
