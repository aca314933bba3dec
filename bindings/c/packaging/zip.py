"""Packs a folder as a zip, for Windows: names in order, one date, no owner, so that the same files give the same bytes.

usage: zip.py FOLDER NAME OUT SECONDS        packs FOLDER/NAME with NAME in front of every name
"""

import sys
import time
import zipfile
from pathlib import Path


def main(folder, name, out, seconds):
    date = max(time.gmtime(int(seconds))[:6], (1980, 1, 1, 0, 0, 0))
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file in sorted(file for file in Path(folder, name).rglob("*") if file.is_file()):
            entry = zipfile.ZipInfo(file.relative_to(folder).as_posix(), date)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o755 if file.suffix in {".exe", ".dll"} else 0o644) << 16
            archive.writestr(entry, file.read_bytes())


main(*sys.argv[1:])
