"""What the tests share: the names of the story, short actions on the emulated service, threads whose end can be read, and a
small server that keeps what it is sent. Must hold no assertion: each test says itself what it promises.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.server
import os
import subprocess
import sys
import threading
import urllib.parse
from pathlib import Path
from typing import Any, Awaitable, Callable, Dict, Iterator, List, Optional, TypeVar

import tencent_chat
from tencent_chat.testing import Emulator

T = TypeVar("T")

PYTHON_FACE = Path(__file__).resolve().parent.parent
REPOSITORY = PYTHON_FACE.parent.parent

#: Library and emulator of the installed wheel.
NATIVE = Path(tencent_chat.__file__).parent / "_native"

#: A user that the emulator knows from the start.
USER = "user_0001"
DELETE = "v4/recentcontact/del_contact_group"
CREATE = "v4/recentcontact/create_contact_group"

#: Seconds after which a test that hangs fails. Calls in such tests get a longer timeout, so that it is not the deadline
#: that ends them.
PATIENCE = 60.0
LONGER_THAN_PATIENCE = 600.0
#: Settings of a client whose call waits for a peer that hangs: neither the deadline nor a repeat ends that.
PATIENT: Dict[str, Any] = {"timeout": LONGER_THAN_PATIENCE, "attempt_timeout": LONGER_THAN_PATIENCE}


def create(client: tencent_chat.Client, *names: str) -> None:
    for name in names:
        client.call(CREATE, {"From_Account": USER, "GroupContactItem": [{"GroupName": name}]})


def group_names(client: tencent_chat.Client) -> List[str]:
    answer = client.call("v4/recentcontact/get_contact_group", {"From_Account": USER, "StartIndex": 0}).json()
    return sorted(group["GroupName"] for group in answer["GroupItem"])


def load_conversations(emulator: Emulator, *conversations: Dict[str, Any]) -> None:
    """Puts conversations on the user's list."""
    state = emulator.state()
    state["accounts"][USER]["conversations"] += conversations
    emulator.load_state(state)


def python(
    *arguments: str, environment: Optional[Dict[str, str]] = None, cwd: Optional[Path] = None
) -> "subprocess.CompletedProcess[str]":
    """Runs another Python to its end."""
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **(environment or {})},
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=180,
    )


def prefix_of(folder: Path, library: bytes, program: bytes) -> Path:
    """An installation with these two, for the package to be built from."""
    for name, content in (("lib/libtencent_chat.so", library), ("bin/chat-emulator", program)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o755)
    return folder


#: `mypy --strict` as the oldest Python, with these arguments in this directory.
Mypy = Callable[..., "subprocess.CompletedProcess[str]"]


class Running:
    """An action in a thread of its own."""

    def __init__(self, action: Callable[[], Any]) -> None:
        self._action = action
        self._result: Any = None
        self._error: Optional[BaseException] = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._result = self._action()
        except BaseException as error:
            self._error = error

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()

    def end(self) -> Any:
        """Waits, then returns what the action returned or raises what it raised."""
        self._thread.join(PATIENCE)
        if self._thread.is_alive():
            raise AssertionError(f"still running after {PATIENCE} s")
        if self._error is not None:
            raise self._error
        return self._result

    def error(self) -> BaseException:
        """Waits, then returns what the action raised."""
        try:
            result = self.end()
        except BaseException as error:
            if self._error is None:
                raise
            return error
        raise AssertionError(f"raised nothing, returned {result!r}")


class Keeper:
    """A server on loopback that keeps each request's query and answers with the given bytes."""

    OK = b'{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}'

    def __init__(self, answer: Callable[[str], bytes], status: int, headers: Callable[[str], Dict[str, str]]) -> None:
        self.queries: List[Dict[str, str]] = []
        keeper = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                keeper.queries.append(dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query)))
                body = answer(self.path)
                self.send_response(status)
                for name, value in headers(self.path).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@contextlib.contextmanager
def keeper(
    answer: Callable[[str], bytes] = lambda _path: Keeper.OK,
    status: int = 200,
    headers: Callable[[str], Dict[str, str]] = lambda _path: {},
) -> Iterator[Keeper]:
    made = Keeper(answer, status, headers)
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.server.shutdown()
        made.server.server_close()
        thread.join()


@contextlib.contextmanager
def answering(body: str) -> Iterator[tencent_chat.Client]:
    """A client whose service answers everything with this body."""
    with keeper(lambda _path: body.encode()) as server:
        key = {"identifier": "administrator", "secret_key": "k" * 64}
        with tencent_chat.Client(base_url=server.url, sdk_app_id=1400000000, **key) as client:
            yield client


def awaited(story: Callable[[], Awaitable[T]]) -> T:
    """Runs a story on an event loop of its own; one that hangs fails."""

    async def bounded() -> T:
        return await asyncio.wait_for(story(), PATIENCE)

    return asyncio.run(bounded())


async def requests_came(emulator: Emulator, count: int) -> List[Dict[str, Any]]:
    """Waits for requests while the loop goes on."""
    while len(emulator.requests()) < count:
        await asyncio.sleep(0.005)
    return emulator.requests()


async def nothing_runs(client: tencent_chat.AsyncClient) -> None:
    """Waits until no thread has a call, and none waits for a thread."""
    while client._workers._lanes:
        await asyncio.sleep(0.005)


def worker_threads() -> List[threading.Thread]:
    """Those that calls wait on; the one that waits for a client to close ends by itself a moment later."""
    return [thread for thread in threading.enumerate() if thread.name.startswith("tencent-chat_")]
