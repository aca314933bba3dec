"""The servers of the bench, each a process of its own: the responder with its fixed answer, the emulator, and redis-server.
All end with the bench, whatever ends it, and each runs on the server's share of the processors.
"""

import base64
import hashlib
import hmac
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
import zlib
from pathlib import Path

SDK_APP_ID, IDENTIFIER = 1400000000, "administrator"
#: The emulator's documented key; it opens nothing.
KEY = "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e"
DELETE = "v4/recentcontact/del_contact_group"
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def processors() -> tuple:
    """The client's processor and the servers': apart where there are two, as client and service are in life."""
    own = sorted(os.sched_getaffinity(0))
    return {own[0]}, set(own[1:] or own)


def user_sig() -> str:
    """A signature as the vendor's own code makes it (1047/34385), for the clients that cannot sign."""
    made, expire = int(time.time()) - 60, 86_400
    signed = f"TLS.identifier:{IDENTIFIER}\nTLS.sdkappid:{SDK_APP_ID}\nTLS.time:{made}\nTLS.expire:{expire}\n"
    mac = base64.b64encode(hmac.new(KEY.encode(), signed.encode(), hashlib.sha256).digest()).decode()
    token = {"TLS.ver": "2.0", "TLS.identifier": IDENTIFIER, "TLS.sdkappid": SDK_APP_ID, "TLS.expire": expire}
    token.update({"TLS.time": made, "TLS.sig": mac})
    packed = base64.b64encode(zlib.compress(json.dumps(token, separators=(",", ":")).encode())).decode()
    return packed.translate(str.maketrans("+/=", "*-_"))


def target() -> str:
    """Path and query of the delete, up to the number that differs with each call."""
    query = f"sdkappid={SDK_APP_ID}&identifier={IDENTIFIER}&contenttype=json&usersig={user_sig()}&random="
    return f"/{DELETE}?{query}"


def ask(url: str, method: str = "GET", body: object = None) -> dict:
    """One request to an admin port or to the responder's counts."""
    data = None if body is None else json.dumps(body).encode()
    with _DIRECT.open(urllib.request.Request(url, data=data, method=method), timeout=30) as answer:
        return json.loads(answer.read() or b"null")


class Server:
    """A process that prints one line of JSON when it listens and ends when its input closes.

    It runs on the servers' processors, or on all where it is not to be kept `apart` from the clients.
    """

    def __init__(self, *command: object, apart: bool = True) -> None:
        clients, servers = processors()
        servers = servers if apart else servers | clients
        self._process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        os.sched_setaffinity(self._process.pid, servers)
        self.ready = json.loads(self._process.stdout.readline())
        # Threads that were started before the line above ran keep the processors they had.
        for thread in os.listdir(f"/proc/{self._process.pid}/task"):
            os.sched_setaffinity(int(thread), servers)

    def __enter__(self):
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()


class Responder(Server):
    """The server with the fixed answer."""

    def __init__(self, program: Path, ca_file: Path, apart: bool = True) -> None:
        super().__init__(program, ca_file, apart=apart)
        self.url, self.tls_url = self.ready["url"], self.ready["tls_url"]
        self.closing_url, self.slow_url, self.silent_url = (self.ready[f"{manner}_url"] for manner in ("closing", "slow", "silent"))
        self.ca_file = self.ready["ca_file"]

    def counts(self) -> dict:
        """Connections, requests and handshakes so far; asking for them makes one connection."""
        return ask(f"{self.url}/counts")


class Emulator(Server):
    """The emulated service."""

    def __init__(self, program: Path, apart: bool = True) -> None:
        super().__init__(program, "--until-stdin-closes", apart=apart)
        self.url, self.tls_url = self.ready["url"], self.ready["tls_url"]
        self.ca_file, self.admin = self.ready["ca_file"], self.ready["admin_url"]

    def reset(self) -> None:
        ask(f"{self.admin}/reset", "POST")

    def arrivals(self) -> list:
        """When each delete arrived, in seconds, ascending."""
        requests = ask(f"{self.admin}/log")["requests"]
        return sorted(request["time_ms"] / 1e3 for request in requests if request["path"].strip("/") == DELETE)

    def largest_second(self) -> int:
        """The most deletes that arrived within any one second."""
        return ask(f"{self.admin}/rates")[DELETE]["largest_second"]


class DeadAddress:
    """The IPv6 loopback address with a port that drops what knocks, as a dead host does: a listener whose queue is full."""

    def __init__(self, port: int) -> None:
        self._listener = socket.create_server(("::1", port), family=socket.AF_INET6, backlog=0)
        self._waiting = []
        for _ in range(4):
            knocking = socket.socket(socket.AF_INET6)
            knocking.settimeout(0.1)
            knocking.connect_ex(("::1", port))
            self._waiting.append(knocking)

    def __enter__(self) -> "DeadAddress":
        return self

    def __exit__(self, *_: object) -> None:
        for one in (*self._waiting, self._listener):
            one.close()


class Redis:
    """A redis-server without a file on disk; `redis-cli`, which comes with it, asks it."""

    def __init__(self, work: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = str(free.getsockname()[1])
        self.url = f"redis://127.0.0.1:{self._port}"
        command = ["redis-server", "--port", self._port, "--bind", "127.0.0.1", "--save", "", "--dir", str(work)]
        try:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        except FileNotFoundError:
            sys.exit("redis-server is missing: `make deps` installs it")
        began = time.monotonic()
        while "PONG" not in self._ask("PING"):
            if time.monotonic() > began + 30:
                sys.exit("redis-server does not start")
            time.sleep(0.05)

    def _ask(self, *words: str) -> str:
        return subprocess.run(["redis-cli", "-p", self._port, *words], capture_output=True, text=True).stdout

    def trips(self) -> int:
        """How often a script ran."""
        told = re.search(r"cmdstat_evalsha:calls=(\d+)", self._ask("INFO", "commandstats"))
        return int(told.group(1)) if told else 0

    def __enter__(self) -> "Redis":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
