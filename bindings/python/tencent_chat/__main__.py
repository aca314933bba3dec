"""`python -m tencent_chat --version`: says which package and which library are in use, and where the library came from.
Promises to exit 0 when the library loads; sends nothing.
"""

from __future__ import annotations

import argparse
from importlib import metadata

from . import _library


def main() -> None:
    """Reads the command line and prints the versions."""
    try:
        package = metadata.version("tencent-chat")
    except metadata.PackageNotFoundError:
        package = "(not installed)"
    parser = argparse.ArgumentParser(prog="python -m tencent_chat", description="The Tencent Chat client for Python.")
    parser.add_argument("--version", action="store_true", help="say which package and library are in use")
    if parser.parse_args().version:
        # Not argparse's own action, which breaks long lines and so would break the path.
        print(f"tencent-chat {package}, library {_library.version} from {_library.place}")
    else:
        parser.print_help()


if __name__ == "__main__":
    main()
