"""Builds what the bench runs: the C and C++ clients, the Rust peers and the responder, the Go clients, a Python
environment. A second run builds only what changed, all of it inside the work folder.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

C_FLAGS = ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-pthread", "-D_GNU_SOURCE"]
CPP_FLAGS = ["-std=c++17", "-O2", "-Wall", "-Wextra", "-Werror", "-pthread"]
#: Each client and what it is linked with beside the C library.
C_PROGRAMS = {
    "floor": [],
    "curl": ["-lcurl"],
    "tencent_chat": ["-ltencent_chat"],
    "cap": ["-ltencent_chat"],
    "late": ["-ltencent_chat"],
    "bulk": ["-ltencent_chat"],
    "first_call": ["-ldl"],
    "start": [],
    "warm": ["-ltencent_chat"],
    "memory": ["-ltencent_chat"],
}


def run(command, **options) -> str:
    """Runs a command and returns what it printed; a failure ends the bench with its words."""
    command = [str(part) for part in command]
    try:
        done = subprocess.run(command, capture_output=True, text=True, **options)
    except FileNotFoundError:
        sys.exit(f"{command[0]} is missing: `make deps` installs it")
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


class Programs:
    """Paths and environments of everything that was built."""

    def __init__(self, prefix: Path, work: Path) -> None:
        self.prefix, self.work = prefix, work
        self.bin = work / "bin"
        self.peers = work / "peers" / "release"
        self.python = work / "venv" / "bin" / "python"
        self.library = prefix / "lib" / "libtencent_chat.so"
        self.emulator = prefix / "bin" / "chat-emulator"
        self.counts, self.names = self.bin / "counts.so", self.bin / "names.so"
        self.fleet = work / "fleet" / "release" / "fleet"

    def python_environment(self) -> dict:
        # Else every start would compile every module anew.
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return {
            **inherited,
            "PYTHONPATH": str(ROOT / "bindings" / "python"),
            "TENCENT_CHAT_LIBRARY": str(self.library),
            "PYTHONPYCACHEPREFIX": str(self.work / "pycache"),
        }


def build(prefix: Path, work: Path) -> Programs:
    """Everything, from an installation (`make stage`) into the work folder."""
    programs = Programs(prefix, work)
    programs.bin.mkdir(parents=True, exist_ok=True)
    _compile(programs)
    for name in ("peers", "fleet"):
        run(["cargo", "build", "--release", "--locked", "--quiet", "--target-dir", work / name], cwd=HERE / name)
    _fleet(programs)
    _go(programs)
    _python(programs)
    return programs


def _compile(programs: Programs) -> None:
    clients, prefix = HERE / "clients", programs.prefix
    paths = [f"-I{prefix}/include", f"-L{prefix}/lib", f"-Wl,-rpath,{prefix}/lib"]
    for name, libraries in C_PROGRAMS.items():
        run(["cc", *C_FLAGS, clients / f"{name}.c", "-o", programs.bin / name, *paths, *libraries])
    for library in (programs.counts, programs.names):
        run(["cc", *C_FLAGS, "-shared", "-fPIC", clients / f"{library.stem}.c", "-o", library, "-ldl"])
    run(["c++", *CPP_FLAGS, clients / "bulk.cpp", "-o", programs.bin / "bulk_cpp", *paths, "-ltencent_chat"])


def _fleet(programs: Programs) -> None:
    """A process of a fleet, with a library that has the shared limit."""
    prefix = programs.work / "shared"
    run(["make", "--silent", "install-library", "FEATURES=redis", f"PREFIX={prefix}"], cwd=ROOT)
    paths = [f"-I{prefix}/include", f"-L{prefix}/lib", f"-Wl,-rpath,{prefix}/lib"]
    sources = {"fleet_caller": ROOT / "tests" / "fleet" / "caller.c", "limited": HERE / "clients" / "limited.c"}
    for name, source in sources.items():
        run(["cc", *C_FLAGS, source, "-o", programs.bin / name, *paths, "-ltencent_chat"])


def _go(programs: Programs) -> None:
    prefix = programs.prefix
    go = {"CGO_CFLAGS": f"'-I{prefix}/include'", "CGO_LDFLAGS": f"'-L{prefix}/lib' '-Wl,-rpath,{prefix}/lib'"}
    go.update(GOFLAGS="-mod=mod", GOTOOLCHAIN="local")
    for name in ("nethttp", "tencentchat", "bulk"):
        run(["go", "build", "-o", programs.bin / f"go_{name}", f"./{name}"], cwd=HERE / "go", env={**os.environ, **go})


def _python(programs: Programs) -> None:
    """A virtual environment, made anew only when the requirements changed."""
    home, wanted = programs.work / "venv", HERE / "python" / "requirements.txt"
    stamp = home / "requirements.txt"
    if stamp.exists() and stamp.read_bytes() == wanted.read_bytes():
        return
    run([sys.executable, "-m", "venv", "--clear", home])
    run([programs.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", wanted])
    shutil.copyfile(wanted, stamp)
