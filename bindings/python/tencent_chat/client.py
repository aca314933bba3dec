"""`Client`: settings, one method for each endpoint, and the end of its life.
Promises that any number of threads may share a client, and that every limit and error of a method is in its docs.
Knows the C functions' names; how a call runs is `_call`'s, when the pointer may be used is `_handle`'s.
"""

from __future__ import annotations

import ctypes
import os
from types import TracebackType
from typing import Any, Iterator, List, Mapping, NoReturn, Optional, Sequence, Tuple, Type, TypeVar, Union

from . import _arguments, _call
from ._arguments import StrPath
from ._handle import Handle
from ._library import copy_text, free_with, library
from .cancel import CancelToken
from .errors import error_class, error_for
from .response import DelContactGroupResult, Response, read_groups

_Self = TypeVar("_Self", bound="Client")


class Client:
    """A client of the Tencent Chat REST API for one app and one administrator.

    It keeps connections open and may be shared by any number of threads; make one and keep it. Close it, or use it in a
    ``with`` block. After a fork() the child makes its own: the parent's refuses calls there with ShutdownError.

    :param region: the app's data centre: ``china``, ``singapore``, ``seoul``, ``tokyo``, ``frankfurt``,
        ``silicon_valley`` or ``jakarta``. There is no default, and two are never mixed.
    :param base_url: a place of one's own instead of a region, such as ``https://host:port``. Plain ``http://`` is
        accepted for loopback hosts only.
    :param sdk_app_id: the app's SDKAppID.
    :param identifier: UserID of an app administrator, at most 32 bytes of printable ASCII.
    :param secret_key: the app's key as the console shows it; signatures are then made, cached and renewed here.
    :param user_sig: a ready signature for `identifier`, instead of the key.
    :param timeout: seconds a call may take in all. The service gives itself 3 seconds, so stay above that.
    :param connect_timeout: seconds for look-up, TCP, proxy and TLS handshake of a new connection.
    :param ca_file: a PEM file of CA certificates that replaces the built-in roots.
    :param add_ca_file: one PEM file, or several, trusted beside the others.
    :param proxy: ``http://[user:password@]host:port``, used with CONNECT. No environment variable is read.
    :param user_agent: added behind the library's own User-Agent; at most 256 printable ASCII characters.
    :param max_connections: connections, and so calls on the wire, at once (default 64). More callers wait.
    :param user_sig_lifetime: seconds that the signatures made here are valid (default a day, at least 60).
    :param allow_insecure_http: accept plain ``http://`` beyond loopback. Anybody on the way can then read the signature.
    :param local_limits: check the vendor's limits before sending. False: the service decides.

    :raises InvalidArgumentError: a value breaks a rule; the message names it.
    :raises ConfigError: settings are missing, contradict each other, or a CA file cannot be used.
    :raises TypeError: a value has a wrong type.
    """

    def __init__(
        self,
        region: Optional[str] = None,
        *,
        base_url: Optional[str] = None,
        sdk_app_id: int,
        identifier: str,
        secret_key: Optional[str] = None,
        user_sig: Optional[str] = None,
        timeout: float = 10.0,
        connect_timeout: float = 2.0,
        ca_file: Optional[StrPath] = None,
        add_ca_file: Union[StrPath, Sequence[StrPath], None] = None,
        proxy: Optional[str] = None,
        user_agent: Optional[str] = None,
        max_connections: Optional[int] = None,
        user_sig_lifetime: Optional[int] = None,
        allow_insecure_http: bool = False,
        local_limits: bool = True,
    ) -> None:
        settings: List[Tuple[str, Any]] = [
            ("set_sdk_app_id", _arguments.unsigned("sdk_app_id", sdk_app_id)),
            ("set_identifier", _arguments.text("identifier", identifier)),
            ("set_timeout_ms", _arguments.milliseconds("timeout", timeout)),
            ("set_connect_timeout_ms", _arguments.milliseconds("connect_timeout", connect_timeout)),
            ("set_allow_insecure_http", _arguments.flag("allow_insecure_http", allow_insecure_http)),
            ("set_local_limits", _arguments.flag("local_limits", local_limits)),
        ]
        for name, text in (
            ("region", region),
            ("base_url", base_url),
            ("secret_key", secret_key),
            ("user_sig", user_sig),
            ("proxy", proxy),
            ("user_agent", user_agent),
        ):
            if text is not None:
                settings.append((f"set_{name}", _arguments.text(name, text)))
        if ca_file is not None:
            settings.append(("set_ca_file", _arguments.path("ca_file", ca_file)))
        settings.extend(("add_ca_file", _arguments.path("add_ca_file", file)) for file in _each_path(add_ca_file))
        if max_connections is not None:
            settings.append(("set_max_connections", _arguments.unsigned("max_connections", max_connections)))
        if user_sig_lifetime is not None:
            settings.append(("set_user_sig_lifetime_s", _arguments.unsigned("user_sig_lifetime", user_sig_lifetime)))

        self._handle = Handle(_make(settings))
        free_with(self, self._handle.close)
        self._description = f"{region or base_url} sdk_app_id={sdk_app_id} identifier={identifier!r}"

    def del_contact_group(
        self,
        from_account: str,
        group_name: str,
        *,
        timeout: Optional[float] = None,
        random: Optional[int] = None,
        cancel: Optional[CancelToken] = None,
    ) -> DelContactGroupResult:
        """Deletes one conversation group of one user (v4/recentcontact/del_contact_group, vendor page 1047/53441).

        The conversations in it stay, and so do their other groups. 200 calls a second for an app.

        :param from_account: UserID of the group's owner.
        :param group_name: the group's name, 1 to 64 bytes of UTF-8, compared byte for byte.
        :param timeout: seconds for this call instead of the client's.
        :param random: the request's number, 0 to 4294967295; drawn for each attempt when not given.
        :param cancel: a token that may end the call from another thread.

        :raises InvalidArgumentError: an empty or too long name, or a NUL in a string. Nothing was sent.
        :raises InvalidUtf8Error: a lone surrogate in a string. Nothing was sent.
        :raises GroupNotFoundError: the user has no group of that name (51009).
        :raises AccountNotImportedError: the user is not known to Chat (50001).
        :raises GroupNameTooLongError: the service finds the name too long (51011).
        :raises InvalidParameterError: the service refuses a parameter (50002).
        :raises AdminRequiredError: the identifier is no administrator (50003, 60010).
        :raises UserSigError: the signature was refused (70001 and following).
        :raises PlanError: the plan has no conversation groups (51013).
        :raises RateExceededError: too many calls (60007, 60011).
        :raises ServiceError: any other refusal, such as 50004 and 50005, which may be repeated.
        :raises CallTimeoutError: the deadline passed.
        :raises TransportError, TlsError, HttpStatusError, ProtocolError: no usable answer came.
        :raises CancelledError: the token was triggered.
        :raises ShutdownError: the client was shut down or closed.
        """
        arguments = (_arguments.text("from_account", from_account), _arguments.text("group_name", group_name))
        response = _call.run(self._handle, library.chat_del_contact_group, arguments, (timeout, random, cancel))
        return DelContactGroupResult(groups=read_groups(response), response=response)

    def call(
        self,
        path: str,
        body: Optional[Mapping[str, Any]] = None,
        *,
        timeout: Optional[float] = None,
        random: Optional[int] = None,
        cancel: Optional[CancelToken] = None,
    ) -> Response:
        """Makes any call of the v4 REST API.

        :param path: ``v4/<service>/<command>`` in small letters, such as ``v4/recentcontact/create_contact_group``.
        :param body: the request's members in the vendor's names; None sends ``{}``. At most 8 MiB come back.
        :param timeout: as for `del_contact_group`, and so are `random` and `cancel`.

        :raises PartialError: the answer is OK as a whole, but an item in it has a `ResultCode` other than 0.
        :raises ValueError: the body holds NaN or infinity, or itself.
        :raises TypeError: the body holds something that has no place in JSON.

        Otherwise raises what `del_contact_group` raises, by the service's code.
        """
        arguments: Tuple[object, ...] = (_arguments.text("path", path),)
        if body is None:
            arguments += (None, 0)
        else:
            written = _arguments.json_text("body", body)
            arguments += (written, len(written))
        return _call.run(self._handle, library.chat_call, arguments, (timeout, random, cancel))

    def set_secret_key(self, secret_key: str) -> None:
        """Replaces the key, or a ready signature, for calls that begin from now on. Any thread.

        :raises InvalidArgumentError: not a key; the old one stays.
        """
        self._replace(library.chat_client_set_secret_key, "secret_key", secret_key)

    def set_user_sig(self, user_sig: str) -> None:
        """Replaces the signature, or the key, for calls that begin from now on. Any thread.

        :raises InvalidArgumentError: not a signature; the old one stays.
        """
        self._replace(library.chat_client_set_user_sig, "user_sig", user_sig)

    def shutdown(self) -> None:
        """Ends the calls in progress with ShutdownError and refuses new ones. Returns at once; any thread, any time."""
        self._handle.shutdown()

    def close(self) -> None:
        """Shuts down, waits for the calls in progress to end, and frees everything. Any thread, any number of times.

        A signal handler that interrupted a call of this client may close it too; the call then ends after the handler.
        """
        self._handle.close()

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<tencent_chat.Client {self._description}{' closed' if self._handle.is_closed else ''}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Client holds connections and a key: it cannot be copied or pickled; make one in each process")

    def _replace(self, function: Any, name: str, value: str) -> None:
        prepared = _arguments.text(name, value)
        with self._handle as client:
            code = function(client, prepared)
        if code != 0:
            raise error_class(code)(code, f"{name}: {copy_text(library.chat_strerror(code))}")


def _each_path(paths: Union[StrPath, Sequence[StrPath], None]) -> Iterator[StrPath]:
    if paths is None:
        return
    if isinstance(paths, (str, os.PathLike)):
        yield paths
    else:
        yield from paths


def _make(settings: Sequence[Tuple[str, Any]]) -> int:
    """A `chat_client` from the calls of its setters. A refused one is remembered, and told by `chat_client_new`."""
    config = library.chat_config_new()
    client, error = ctypes.c_void_p(), ctypes.c_void_p()
    try:
        for setter, value in settings:
            getattr(library, f"chat_config_{setter}")(config, value)
        code = library.chat_client_new(config, ctypes.byref(client), ctypes.byref(error))
        if code != 0:
            raise error_for(_call.read_response(code, error))
        return client.value or 0
    finally:
        library.chat_response_free(error)
        library.chat_config_free(config)
