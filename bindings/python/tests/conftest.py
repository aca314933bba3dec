"""Fixtures: one emulator for a whole run, set back before each test, and a client of it.
The tests run on the installed package; they read the repository only for the header, the sample and the README.
"""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path
from typing import Iterator

import opentelemetry.trace
import pytest
from scene import Mypy, python

import tencent_chat
from tencent_chat.testing import Emulator

# A test run in the background of a shell ignores Ctrl-C, and so would every program that a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_report_header() -> str:
    return f"tencent_chat {tencent_chat.__version__} from {Path(tencent_chat.__file__).parent}"


@pytest.fixture(scope="session")
def running_emulator() -> Iterator[Emulator]:
    with Emulator(arguments=["--proxy-port", "0", "--proxy-login", "user:proxy-canary"]) as emulator:
        yield emulator


@pytest.fixture
def emulator(running_emulator: Emulator) -> Iterator[Emulator]:
    """An emulator as if it had just been started."""
    running_emulator.reset()
    yield running_emulator
    running_emulator.clear_faults()


@pytest.fixture
def client(emulator: Emulator) -> Iterator[tencent_chat.Client]:
    with emulator.client() as client:
        yield client


@pytest.fixture(scope="session")
def mypy(tmp_path_factory: pytest.TempPathFactory) -> Mypy:
    """Sees the installed package and what it may import, and nothing else of the environment, whose other packages need not be for
    the oldest Python. One cache for all that is checked: the standard library's part of it takes most of the time."""
    cache, alone = tmp_path_factory.mktemp("mypy"), tmp_path_factory.mktemp("alone")
    for package in (tencent_chat.__file__, opentelemetry.trace.__file__.replace("/trace/", "/")):
        (alone / Path(package).parent.name).symlink_to(Path(package).parent)
    (alone / "mypy.ini").write_text("[mypy]\n[mypy-opentelemetry.*]\nfollow_imports = silent\n")

    def run(*arguments: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
        options = ("--strict", "--python-version", "3.9", "--no-site-packages", "--cache-dir", str(cache))
        options += ("--config-file", str(alone / "mypy.ini"))
        return python("-m", "mypy", *options, *arguments, environment={"MYPYPATH": str(alone)}, cwd=cwd)

    return run
