"""Makes the released Go module: the sources of `bindings/go` with the header, the static libraries and the emulators of installations in
the place of their stand-ins, as a folder and as what a module proxy serves. The same installations and date give the same bytes. An
installation of another version is refused. `tag.sh` publishes the folder.

usage: module.py PREFIX OUT [SECONDS [PLATFORM=PREFIX ...]]
PREFIX as `make install` fills it, for Linux, x86-64; others in the same way, such as darwin_arm64=PREFIX. A platform without one keeps its
stand-in. SECONDS is the release's date, since 1970. OUT/tree is the module; OUT/proxy is for GOPROXY=file://OUT/proxy. Prints the version and
the module's line for go.sum, and what it weighs.
"""

import base64
import gzip
import hashlib
import io
import json
import re
import shutil
import sys
import time
import zipfile
from pathlib import Path

FACE = Path(__file__).resolve().parent.parent
ROOT = FACE.parent.parent
# Not of the module: how it is made, and a module of its own, which the repository itself publishes.
OTHER = ("packaging/", "chatotel/")
# What is source here; anything else in the folder is a stand-in or somebody's own.
SOURCES = ("*.go", "native.h", "go.mod", "README.md")
HEADER = "include/tencent_chat.h"
HERE = "linux_amd64"
LICENCES = ("LICENSE-APACHE", "LICENSE-MIT")
OTHERS = "THIRD-PARTY-LICENSES.txt"


def installed(prefix, name):
    file = prefix / name
    if not file.is_file():
        sys.exit(f"module.py: {file} is missing: `make install PREFIX={prefix}` puts it there")
    return file.read_bytes()


def carried(platform, prefix):
    """Library and emulator of a platform, in the place of their stand-ins."""
    suffix = ".exe" if platform.startswith("windows_") else ""
    library = installed(prefix, "lib/libtencent_chat.a")
    # Without a name and a date in it, so that the bytes depend on the program alone.
    emulator = gzip.compress(installed(prefix, f"bin/chat-emulator{suffix}"), 9, mtime=0)
    return {f"lib/{platform}/libtencent_chat.a": library, f"chattest/{platform}/chat-emulator.gz": emulator}


def contents(prefix, others):
    """Every file of the module by its path inside it."""
    found = {}
    for pattern in SOURCES:
        for file in FACE.rglob(pattern):
            name = file.relative_to(FACE).as_posix()
            if not name.startswith(OTHER):
                found[name] = file.read_bytes()
    found[HEADER] = installed(prefix, "include/tencent_chat.h")
    for platform, place in {HERE: prefix, **others}.items():
        if not (FACE / "lib" / platform).is_dir():
            sys.exit(f"module.py: {platform} is no platform of the module: see its folder `lib`")
        if installed(place, HEADER) != found[HEADER]:
            sys.exit(f"module.py: {place} has another header than {prefix}: make both from the same sources")
        found.update(carried(platform, place))
    for stand_in in [*FACE.glob("lib/*/*.a"), *FACE.glob("chattest/*/*.gz")]:
        found.setdefault(stand_in.relative_to(FACE).as_posix(), stand_in.read_bytes())
    for name in LICENCES:
        found[name] = (ROOT / name).read_bytes()
    found["CHANGELOG.md"] = (ROOT / "CHANGELOG.md").read_bytes()
    found[OTHERS] = installed(prefix, f"share/doc/tencent-chat/{OTHERS}")
    return dict(sorted(found.items()))


def version(files):
    manifest = re.search(r'^version = "(.+)"', (ROOT / "Cargo.toml").read_text(), re.M)[1]
    header = re.search(r'^#define CHAT_VERSION "(.+)"', files[HEADER].decode(), re.M)[1]
    if header != manifest:
        sys.exit(f"module.py: the installation is of version {header}, these sources are {manifest}: install these first")
    return f"v{manifest}"


def write_tree(files, tree):
    shutil.rmtree(tree, ignore_errors=True)
    for name, data in files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_bytes(data)


def zipped(files, module):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(f"{module}/{name}")  # dated 1980
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, data)
    return packed.getvalue()


def checksum(named):
    """The sum that go.sum holds (`Hash1` of golang.org/x/mod/sumdb/dirhash)."""
    lines = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(named.items()))
    return "h1:" + base64.b64encode(hashlib.sha256(lines.encode()).digest()).decode()


def write_proxy(files, path, release, seconds, proxy):
    """The four files of https://go.dev/ref/mod#goproxy-protocol."""
    folder = proxy / path / "@v"
    folder.mkdir(parents=True, exist_ok=True)
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
    (folder / "list").write_text(f"{release}\n")
    (folder / f"{release}.info").write_text(json.dumps({"Version": release, "Time": stamp}) + "\n")
    (folder / f"{release}.mod").write_bytes(files["go.mod"])
    (folder / f"{release}.zip").write_bytes(zipped(files, f"{path}@{release}"))


def main(prefix, out, seconds="0", *others):
    platforms = dict(other.split("=", 1) for other in others)
    files = contents(Path(prefix), {name: Path(place) for name, place in platforms.items()})
    release = version(files)
    path = re.search(r"^module (\S+)", files["go.mod"].decode(), re.M)[1]
    shutil.rmtree(Path(out) / "proxy", ignore_errors=True)
    write_tree(files, Path(out) / "tree")
    write_proxy(files, path, release, int(seconds), Path(out) / "proxy")
    print(f"{path} {release} {checksum({f'{path}@{release}/{name}': data for name, data in files.items()})}")
    packed = (Path(out) / "proxy" / path / "@v" / f"{release}.zip").stat().st_size
    unpacked = sum(map(len, files.values()))
    print(f"{len(platforms) + 1} platforms, {packed / 1e6:.1f} MB to download, {unpacked / 1e6:.1f} MB unpacked", file=sys.stderr)


if __name__ == "__main__":
    if len(sys.argv) < 3 or any("=" not in other for other in sys.argv[4:]):
        sys.exit(__doc__)
    main(*sys.argv[1:])
