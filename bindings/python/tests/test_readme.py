"""The README is true: every block of it is run as a reader would, and what it shows is compared with what comes out.

Every fenced block is tagged. `python` is a program that prints what its comments promise; with a name it is a file of the
reader's. `sh` runs in the reader's folder, `sh clone` in the project, one after the other, in a new environment and home.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import List, Tuple

import pytest
from scene import NATIVE, PYTHON_FACE, REPOSITORY, Mypy, prefix_of, python

import tencent_chat

README = (PYTHON_FACE / "README.md").read_text(encoding="utf-8")
#: Of each block what stands behind its fence, and its text.
BLOCKS: List[Tuple[str, str]] = re.findall(r"^```([^\n]*)\n(.*?)^```$", README, flags=re.DOTALL | re.MULTILINE)
PROGRAMS = [text for tag, text in BLOCKS if tag == "python"]


def test_every_block_is_of_a_kind_that_is_run() -> None:
    assert README.count("\n```") == 2 * len(BLOCKS), "a block is not closed"
    for tag, _ in BLOCKS:
        assert re.fullmatch(r"python|python [\w.]+|sh|sh clone", tag), tag
    prose = re.sub(r"^```.*?^```$", "", README, flags=re.DOTALL | re.MULTILINE)
    assert not re.search(r"^ {4}\S", prose, re.MULTILINE), "an indented block would never be run"
    assert len(PROGRAMS) >= 8


@pytest.mark.parametrize("number", range(len(PROGRAMS)))
def test_every_program_runs(tmp_path: Path, number: int) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAMS[number], encoding="utf-8")
    (tmp_path / "my_app.py").write_text("chat = None\n")
    ended = python("-W", "error", str(program), environment={"CHAT_SECRET_KEY": "k" * 64}, cwd=tmp_path)
    assert (ended.stderr, ended.returncode) == ("", 0)
    promised = re.findall(r"# prints: (.*)", PROGRAMS[number])
    assert ended.stdout.splitlines() == promised


def test_every_program_is_strictly_typed(tmp_path: Path, mypy: Mypy) -> None:
    (tmp_path / "my_app.py").write_text("chat: object = None\n")
    for number, text in enumerate(PROGRAMS):
        (tmp_path / f"program_{number}.py").write_text(text, encoding="utf-8")
    ended = mypy(*(f"program_{number}.py" for number in range(len(PROGRAMS))), cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_the_commands_install_and_test_word_for_word(tmp_path: Path) -> None:
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    work.mkdir()
    subprocess.run([sys.executable, "-m", "venv", str(home / "venv")], check=True)
    script = "set -e\n"
    for tag, text in BLOCKS:
        kind, _, name = tag.partition(" ")
        if kind == "python" and name:
            (work / name).write_text(text, encoding="utf-8")
        elif kind == "sh":
            script += f"cd '{REPOSITORY if name == 'clone' else work}'\n{text}"
    library, program = ((NATIVE / file).read_bytes() for file in ("libtencent_chat.so", "chat-emulator"))
    ours = ("PYTHONPATH", "TENCENT_CHAT_LIBRARY", "CHAT_EMULATOR", "TENCENT_CHAT_PLATFORM", "PYTEST_ADDOPTS")
    environment = {
        **{name: value for name, value in os.environ.items() if name not in ours},
        # Its own, but for what pip and cargo have fetched already.
        "PIP_CACHE_DIR": os.environ.get("PIP_CACHE_DIR", str(Path.home() / ".cache" / "pip")),
        "HOME": str(home),
        "PATH": f"{home / 'venv' / 'bin'}:{os.environ['PATH']}",
        # So that nothing is compiled once more.
        "TENCENT_CHAT_PREFIX": str(prefix_of(tmp_path / "prefix", library, program)),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    ended = subprocess.run(
        ["sh", "-c", script], env=environment, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", timeout=600
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert f"tencent-chat {tencent_chat.__version__} {home}" in ended.stdout
    assert "2 passed" in ended.stdout, ended.stdout
    made = sorted(file.name for file in (home / "wheels").iterdir())
    name = f"tencent_chat-{tencent_chat.__version__}"
    assert len(made) == 2 and made[1] == f"{name}.tar.gz" and made[0].startswith(f"{name}-py3-none-linux_"), made


def test_the_hook_for_gunicorn_gives_each_worker_a_client_of_its_own(tmp_path: Path) -> None:
    (hook,) = (block for block in PROGRAMS if "post_fork" in block)
    (tmp_path / "conf.py").write_text(hook, encoding="utf-8")
    (tmp_path / "my_app.py").write_text("chat = None\n")
    program = """
import os
import conf, my_app
from tencent_chat import ForkedError

conf.post_fork(None, None)
parents = my_app.chat
if os.fork() == 0:
    try:
        parents.stats()
    except ForkedError:
        conf.post_fork(None, None)
        print(my_app.chat is not parents, my_app.chat.stats()["calls"], flush=True)
    os._exit(0)
os.wait()
print(parents.stats()["calls"])
"""
    ended = python("-c", program, environment={"CHAT_SECRET_KEY": "k" * 64, "PYTHONPATH": str(tmp_path)}, cwd=tmp_path)
    assert (ended.stdout, ended.stderr, ended.returncode) == ("True 0\n0\n", "", 0)
