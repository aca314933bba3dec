"""Unpacks archives of `make dist`, each into a folder of another name, without the folder that is inside it.

usage: unpack.py OUT NAME=ARCHIVE...
"""

import shutil
import sys
import tempfile
from pathlib import Path


def main(out, *named):
    for name, archive in (each.split("=", 1) for each in named):
        with tempfile.TemporaryDirectory(dir=out) as scratch:
            # Programs of a zip need no right to run where they are not run.
            shutil.unpack_archive(archive, scratch)
            (folder,) = Path(scratch).iterdir()
            folder.rename(Path(out, name))


main(*sys.argv[1:])
