"""`Emulator`: the service on loopback, for the tests of programs that use this package. It is ready when the constructor
returns, and gone when it is closed or its owner dies.

    from tencent_chat.testing import Emulator

    with Emulator() as emulator, emulator.client() as client:
        ...
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Dict, List, Mapping, NoReturn, Optional, Sequence, Type, TypeVar

from . import _library
from ._arguments import StrPath
from .async_client import AsyncClient
from .client import Client

__all__ = ["Emulator", "EmulatorError"]

#: Environment variable that names the program.
PROGRAM_VARIABLE = "CHAT_EMULATOR"
_PROGRAM = "chat-emulator.exe" if sys.platform == "win32" else "chat-emulator"

# Seconds. The program is ready in milliseconds; these only stop a hang.
_START_LIMIT = 30.0
_STOP_LIMIT = 10.0

_Self = TypeVar("_Self", bound="Emulator")


class EmulatorError(RuntimeError):
    """The emulator was not found, did not start, or refused what it was told; the message says what to do."""


class Emulator:
    """A running emulator of the service. Any number may run at once; each has its own ports and state.

    :param program: path of `chat-emulator`. By default the one CHAT_EMULATOR names, then the one beside the library (a
        wheel holds it), then the one on PATH.
    :param sdk_app_id: the app it serves.
    :param identifier: the app's administrator.
    :param arguments: more command line arguments, such as ``["--proxy-port", "0"]``.

    :raises EmulatorError: the program was not found or did not start.
    """

    #: http://127.0.0.1:<port>
    url: str
    #: https://localhost:<port>; its certificate is signed by the CA in `ca_file`.
    tls_url: str
    #: Path of a PEM file, removed when the emulator ends.
    ca_file: str
    #: Where this class talks to it.
    admin_url: str
    #: http://127.0.0.1:<port> of the CONNECT proxy; None without ``--proxy-port``.
    proxy_url: Optional[str]
    #: The app's SDKAppID.
    sdk_app_id: int
    #: The app's administrator.
    identifier: str
    #: The app's key: the public demo value of the vendor's README, which opens nothing.
    secret_key: str = "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e"

    def __init__(
        self,
        *,
        program: Optional[StrPath] = None,
        sdk_app_id: int = 1400000000,
        identifier: str = "administrator",
        arguments: Sequence[str] = (),
    ) -> None:
        self.sdk_app_id = sdk_app_id
        self.identifier = identifier
        app = ["--sdk-app-id", str(sdk_app_id), "--admin", identifier]
        self._process, ready = _start([find_program(program), "--until-stdin-closes", *app, *arguments])
        self.url = ready["url"]
        self.tls_url = ready["tls_url"]
        self.ca_file = ready["ca_file"]
        self.admin_url = ready["admin_url"]
        self.proxy_url = ready.get("proxy_url")
        # Without the proxies of the environment: the admin port is on loopback.
        self._http = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def client(self, **overrides: Any) -> Client:
        """A `Client` of this emulator over https; `overrides` are the arguments of `Client` that should differ."""
        try:
            return Client(**self._settings(overrides))
        finally:
            # A key is no variable of this frame any more when something is refused.
            del overrides

    def async_client(self, **overrides: Any) -> AsyncClient:
        """An `AsyncClient` of this emulator; otherwise as `client`."""
        try:
            return AsyncClient(**self._settings(overrides))
        finally:
            del overrides

    def _settings(self, overrides: Mapping[str, Any]) -> Dict[str, Any]:
        settings: Dict[str, Any] = {"sdk_app_id": self.sdk_app_id, "identifier": self.identifier}
        if "region" not in overrides and "base_url" not in overrides:
            settings.update(base_url=self.tls_url, ca_file=self.ca_file)
        if "user_sig" not in overrides:
            settings["secret_key"] = self.secret_key
        return {**settings, **overrides}

    def fault(self, **fault: Any) -> None:
        """Spoils the next calls.

        Which: ``path="v4/recentcontact/del_contact_group"`` (any when missing), ``skip=0`` calls later, ``times=1`` (0:
        until cleared). ``applied=True`` executes the call first, so that only its answer is lost. How, exactly one of:
        ``code=50004`` (and ``info="text"``), ``delay_ms=3500``, ``hang=True``, ``drop="fin"`` or ``"reset"``,
        ``answer={"status": 502, "headers": {...}, "body": "..."}``, ``cut=10`` (only so many bytes of the body), or a
        play of the emulator's guide with its numbers: ``play="drip", ms=20, bytes=1``. ``drop`` and ``hang`` have places:
        ``at="accept"``. What the emulator does not know is an EmulatorError.
        """
        self._admin("POST", "/faults", fault)

    def faults(self) -> List[Dict[str, Any]]:
        """The faults that have not been used up."""
        answer = self._admin("GET", "/faults")
        faults: List[Dict[str, Any]] = answer["faults"] if isinstance(answer, dict) else answer
        return faults

    def clear_faults(self) -> None:
        """Forgets all faults and lets hanging calls go."""
        self._admin("DELETE", "/faults")

    def requests(self) -> List[Dict[str, Any]]:
        """The requests that came, newest last: path, query (no signature), headers, body, answer, connection."""
        requests: List[Dict[str, Any]] = self._admin("GET", "/log")["requests"]
        return requests

    def wait_for_requests(self, count: int, timeout: float = 30.0) -> List[Dict[str, Any]]:
        """`requests`, once there are at least so many; EmulatorError when they do not come in time (seconds)."""
        end = time.monotonic() + timeout
        while True:
            requests = self.requests()
            if len(requests) >= count:
                return requests
            if time.monotonic() > end:
                raise EmulatorError(f"{len(requests)} requests came within {timeout} s, not {count}")
            time.sleep(0.005)

    def state(self) -> Dict[str, Any]:
        """Everything the service holds: accounts, groups, conversations."""
        state: Dict[str, Any] = self._admin("GET", "/state")
        return state

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Replaces everything the service holds, in the shape of `state`."""
        self._admin("PUT", "/state", dict(state))

    def reset(self) -> None:
        """Back to the start: state, faults, requests, clock, revocations and settings."""
        self._admin("POST", "/reset")

    def settings(self, **changes: Any) -> Dict[str, Any]:
        """Changes settings, such as ``plan=False`` or ``name_limit=32``, and returns all of them."""
        if changes:
            self._admin("PUT", "/settings", changes)
        settings: Dict[str, Any] = self._admin("GET", "/settings")
        return settings

    def set_clock(self, *, now: Optional[int] = None, offset: Optional[int] = None) -> None:
        """Stops the service's clock at `now` (Unix seconds), or moves it by `offset` seconds; neither: real time."""
        clock = {"now": now, "offset_s": offset}
        self._admin("PUT", "/clock", {name: value for name, value in clock.items() if value is not None})

    def revoke(self, identifier: Optional[str] = None) -> None:
        """Invalidates every signature seen so far for an identifier (the administrator when not given)."""
        self._admin("POST", "/revoke", {"identifier": identifier or self.identifier})

    def rates(self) -> Dict[str, Dict[str, int]]:
        """For each command called since the start or the last reset: ``largest_second``, the most calls that arrived within any
        one second, and ``calls``, all of them.
        """
        rates: Dict[str, Dict[str, int]] = self._admin("GET", "/rates")
        return rates

    def proxy_connects(self) -> List[Dict[str, Any]]:
        """The tunnels asked of the proxy: authority, and whether the login was accepted."""
        connects: List[Dict[str, Any]] = self._admin("GET", "/proxy")["connects"]
        return connects

    def close(self) -> None:
        """Ends the program. Any number of times."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(_STOP_LIMIT)
        except subprocess.TimeoutExpired:
            # A forked child of the test may hold the pipe open.
            self._process.terminate()
            self._process.wait(_STOP_LIMIT)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        # Tools that show variables show one that did not start, too.
        known = self.__dict__
        app = f"sdk_app_id={known.get('sdk_app_id')} identifier={known.get('identifier')!r}"
        return f"<tencent_chat.testing.Emulator {known.get('tls_url', 'not started')} {app}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an Emulator owns a process and cannot be copied or pickled")

    def _admin(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode("utf-8")
        request = urllib.request.Request(self.admin_url + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with self._http.open(request, timeout=_START_LIMIT) as answer:
                text = answer.read()
        except urllib.error.HTTPError as refusal:
            with refusal:
                said = refusal.read().decode("utf-8", "replace")
            raise EmulatorError(f"the emulator refused {method} {path}: {said}") from None
        except urllib.error.URLError as error:
            raise EmulatorError(f"the emulator does not answer on its admin port ({error.reason}); is it closed?") from None
        return json.loads(text) if text else None


def find_program(program: Optional[StrPath] = None) -> str:
    """The path of `chat-emulator`, or an EmulatorError that names every place tried."""
    given = os.fspath(program) if program is not None else os.environ.get(PROGRAM_VARIABLE)
    if given:
        if shutil.which(given) is None:
            source = "the argument `program`" if program is not None else PROGRAM_VARIABLE
            raise EmulatorError(f"{source} names {given}, which is no program that can be run")
        return given
    beside = [Path(_library.NATIVE) / _PROGRAM]
    directory = Path(_library.place).parent
    # The system's loader was asked by name, so the library's directory is not known.
    if directory != Path("."):
        beside += [directory / _PROGRAM, directory.parent / "bin" / _PROGRAM]
    for file in beside:
        if shutil.which(str(file)):
            return str(file)
    on_path = shutil.which(_PROGRAM)
    if on_path:
        return on_path
    places = ", ".join(str(file) for file in beside)
    raise EmulatorError(
        f"{_PROGRAM} was not found: not in {places}, nor on PATH. Set {PROGRAM_VARIABLE} to its path; a wheel made by "
        "`pip install ./bindings/python` holds it, and in a clone `make install` or "
        "`cargo build -p chat-emulator --release` makes it."
    )


def _start(command: Sequence[str]) -> "tuple[subprocess.Popen[bytes], Dict[str, str]]":
    """Starts the program and reads its ready line."""
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors)
        assert process.stdout is not None
        watchdog = threading.Timer(_START_LIMIT, process.kill)
        watchdog.start()
        try:
            line = process.stdout.readline()
        finally:
            watchdog.cancel()
        try:
            ready: Dict[str, str] = json.loads(line)
            return process, ready
        except ValueError:
            process.kill()
            process.communicate()
            errors.seek(0)
            said = errors.read().decode("utf-8", "replace").strip() or "nothing on stderr"
            raise EmulatorError(f"{command[0]} did not start (exit {process.returncode}): {said}") from None
