"""What a client is apart from its calls: settings, life, counters, and who is told of its calls. Any thread may end it at any
time. The configuration holds the key, so it is freed, and thereby wiped, on every path, and no traceback leads to a variable
with a secret. The rules of the settings are the library's.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import warnings
from datetime import timedelta
from types import TracebackType
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, NoReturn, Optional, Sequence, Tuple, Type, TypeVar, Union

from . import _arguments, _call, codes
from ._arguments import Duration, StrPath
from ._call import Caller
from ._library import copy_text, free_with, library
from .errors import error_class, error_for
from .response import Answer, read_response

__all__ = ["Session", "Stats"]

_T = TypeVar("_T")

#: Setter behind ``chat_config_`` -> what prepares its value.
_SETTERS: Dict[str, Tuple[str, Callable[[str, object], object]]] = {
    "region": ("set_region", _arguments.text),
    "base_url": ("set_base_url", _arguments.text),
    "sdk_app_id": ("set_sdk_app_id", _arguments.unsigned),
    "identifier": ("set_identifier", _arguments.text),
    "secret_key": ("set_secret_key", _arguments.text),
    "user_sig": ("set_user_sig", _arguments.text),
    "timeout": ("set_timeout_ms", _arguments.milliseconds),
    "attempt_timeout": ("set_attempt_timeout_ms", _arguments.milliseconds),
    "connect_timeout": ("set_connect_timeout_ms", _arguments.milliseconds),
    "max_attempts": ("set_max_attempts", _arguments.unsigned),
    "rate_limit": ("set_rate_limit", _arguments.unsigned),
    "shared_limit": ("set_shared_limit", _arguments.texts),
    "shared_limit_fallback": ("set_shared_limit_fallback", _arguments.unsigned),
    "use_standby": ("set_use_standby", _arguments.flag),
    "standby_url": ("set_standby_url", _arguments.text),
    "ca_file": ("set_ca_file", _arguments.path),
    "add_ca_file": ("add_ca_file", _arguments.path),
    "proxy": ("set_proxy", _arguments.text),
    "user_agent": ("set_user_agent", _arguments.text),
    "max_connections": ("set_max_connections", _arguments.unsigned),
    "idle_timeout": ("set_idle_timeout_ms", _arguments.milliseconds),
    "tcp_keepalive": ("set_tcp_keepalive_s", _arguments.whole_seconds),
    "system_ca": ("set_system_ca", _arguments.flag),
    "client_certificate": ("set_client_certificate", _arguments.paths),
    "attempt_hook": ("set_attempt_hook", _arguments.hook),
    "metric_labels": ("set_metric_label", _arguments.texts),
    "user_sig_lifetime": ("set_user_sig_lifetime_s", _arguments.whole_seconds),
    "allow_insecure_http": ("set_allow_insecure_http", _arguments.flag),
    "local_limits": ("set_local_limits", _arguments.flag),
}
#: None is no value for these, not even for "leave it to the library".
_NEVER_NONE = (
    "sdk_app_id",
    "identifier",
    "timeout",
    "connect_timeout",
    "use_standby",
    "system_ca",
    "allow_insecure_http",
    "local_limits",
)


class Hidden:
    """A value that tools which print variables (of the frames of a traceback, say) do not see."""

    __slots__ = ("_value",)

    def __init__(self, value: Any) -> None:
        self._value = value

    def __repr__(self) -> str:
        return "<hidden>"

    def used(self, action: Callable[[Any], _T]) -> _T:
        """``action(value)``. What it raises leads to none of its frames, in which the value is a variable."""
        try:
            return action(self._value)
        except BaseException as raised:
            error: BaseException = raised
        chained: Optional[BaseException] = error
        while chained is not None:
            chained.__traceback__ = None
            chained = chained.__cause__ or chained.__context__
        try:
            raise error
        finally:
            # An exception that its own traceback holds would live until the collector comes.
            del error


def client_of(settings: Mapping[str, Any]) -> Tuple[int, List[object]]:
    """A `chat_client`, and what has to live as long. A refused setter is remembered by the configuration, and told by
    `chat_client_new`.
    """
    prepared = [call for name, value in settings.items() for call in _prepared(name, value)]
    config = library.chat_config_new()
    client, error = ctypes.c_void_p(), Answer()
    try:
        for setter, value in prepared:
            values = value if isinstance(value, tuple) else (value,)
            getattr(library, f"chat_config_{setter}")(config, *values)
        code = library.chat_client_new(config, ctypes.byref(client), ctypes.byref(error))
        if code != 0:
            raise error_for(read_response(code, error.value))
        return client.value or 0, [value for setter, value in prepared if setter == "set_attempt_hook"]
    finally:
        library.chat_config_free(config)


def _prepared(name: str, value: Any) -> List[Tuple[str, object]]:
    setter, prepare = _SETTERS[name]
    if value is None and name not in _NEVER_NONE:
        return []
    values: Iterable[Any] = (value,)
    if name == "add_ca_file":
        values = _each_path(value)
    elif name == "metric_labels":
        values = _arguments.labels(name, value)
    return [(setter, prepare(name, one)) for one in values]


def _each_path(paths: Union[StrPath, Sequence[StrPath]]) -> Iterator[StrPath]:
    if isinstance(paths, (str, os.PathLike)):
        yield paths
    else:
        yield from paths


_Self = TypeVar("_Self", bound="Session")

#: The library's own default for `max_connections`.
_CONNECTIONS = 64


#: What replaces Python's ways to wait by its own: a module, how to ask it, and how a call is made there.
_GREEN: Tuple[Tuple[str, str, str], ...] = (
    ("gevent.monkey", "is_module_patched", "gevent.get_hub().threadpool.apply(client.del_contact_group, (user, group))"),
    ("eventlet.patcher", "is_monkey_patched", "eventlet.tpool.execute(client.del_contact_group, user, group)"),
)


def _warn_of_green_threads() -> None:
    for name, question, instead in _GREEN:
        module = sys.modules.get(name)
        if module is not None and getattr(module, question)("socket"):
            message = (
                f"{name.partition('.')[0]} has patched this process, but a call waits outside of Python and holds up every "
                f"greenlet until it ends. Make calls on a thread of its pool: {instead}"
            )
            warnings.warn(message, RuntimeWarning, stacklevel=3)


def _dropped(handle: _call.Handle, description: str) -> None:
    """When nobody holds a client any more."""
    try:
        if not handle.is_closed:
            warnings.warn(f"unclosed <tencent_chat.Client {description}>", ResourceWarning, stacklevel=2)
    finally:
        handle.close()


class Session:
    """The part of a `Client` that makes no call."""

    def __init__(
        self,
        region: Optional[str] = None,
        *,
        base_url: Optional[str] = None,
        sdk_app_id: int,
        identifier: str,
        secret_key: Optional[str] = None,
        user_sig: Optional[str] = None,
        timeout: Duration = 10.0,
        attempt_timeout: Optional[Duration] = None,
        connect_timeout: Duration = 2.0,
        max_attempts: Optional[int] = None,
        rate_limit: Optional[int] = None,
        shared_limit: Optional[Tuple[str, str]] = None,
        shared_limit_fallback: Optional[int] = None,
        use_standby: bool = False,
        standby_url: Optional[str] = None,
        ca_file: Optional[StrPath] = None,
        add_ca_file: Union[StrPath, Sequence[StrPath], None] = None,
        proxy: Optional[str] = None,
        user_agent: Optional[str] = None,
        max_connections: Optional[int] = None,
        idle_timeout: Optional[Duration] = None,
        tcp_keepalive: Union[int, timedelta, None] = None,
        system_ca: bool = False,
        client_certificate: Optional[Tuple[StrPath, StrPath]] = None,
        attempt_hook: Optional[Callable[[Dict[str, Any]], object]] = None,
        metric_labels: Optional[Mapping[str, str]] = None,
        user_sig_lifetime: Union[int, timedelta, None] = None,
        allow_insecure_http: bool = False,
        local_limits: bool = True,
        logger: Optional[_call.Logger] = None,
        call_hook: Optional[_call.CallHook] = None,
    ) -> None:
        settings = Hidden({name: value for name, value in locals().items() if name not in ("self", "logger", "call_hook")})
        place = Hidden(region or base_url)
        # What may hold a key or a password is no variable of this frame any more when something is refused.
        del region, base_url, standby_url, secret_key, user_sig, proxy, shared_limit, ca_file, add_ca_file, client_certificate
        logger, call_hook = _call.checked_logger(logger), _call.checked_hook(call_hook)
        _warn_of_green_threads()
        self._handle = _call.Handle(*settings.used(client_of))
        self._description = place.used(lambda place: f"{place} sdk_app_id={sdk_app_id} identifier={identifier!r}")
        free_with(self, _dropped, self._handle, self._description)
        self._handle.logger, self._handle.call_hook = logger, call_hook
        self._caller = Caller(self._handle, {})
        self._timeout = _arguments.milliseconds("timeout", timeout) / 1000
        self._connections = max_connections or _CONNECTIONS

    def with_options(
        self: _Self,
        *,
        attempt_timeout: Optional[Duration] = None,
        connect_timeout: Optional[Duration] = None,
        max_attempts: Optional[int] = None,
        repeat_in_doubt: Optional[bool] = None,
    ) -> _Self:
        """The same client for calls that do something differently: ``client.with_options(max_attempts=1).account_delete(...)``.

        It shares everything with the one it came from, connections, limits, counters and life: closing either closes both. Keep
        it or drop it as you like. What is None stays as it was.

        :param attempt_timeout: seconds for each attempt.
        :param connect_timeout: seconds for making a connection.
        :param max_attempts: how often a call is tried at most, 1 (never repeated) to 10.
        :param repeat_in_doubt: whether to repeat when nobody knows if an attempt took effect. None: the command decides.

        :raises InvalidArgumentError: a value breaks a rule; the message names it.
        """
        given = {name: value for name, value in locals().items() if name != "self"}
        caller = self._caller.with_differences(given)
        other = object.__new__(type(self))
        # The first client is held as well: when nobody holds it, it is closed.
        other.__dict__.update(self.__dict__, _caller=caller, _first=self)
        return other

    def stats(self, *others: Session) -> Stats:
        """The client's counters at this moment, for monitoring; `Stats.prometheus` is their text. Any thread, does not block.

        :param others: clients whose counters are added: one page of several, the series of each under its `metric_labels`.

        :raises InvalidArgumentError: two of the clients have the same labels.
        :raises ShutdownError: the client was closed; after `shutdown` alone the counters are there.
        :raises ForkedError: the client was made before a fork().
        """
        with contextlib.ExitStack() as inside:
            clients = [inside.enter_context(client._handle) for client in (self, *others)]
            return read_stats(*clients)

    def log_to(self, logger: Optional[_call.Logger]) -> None:
        """Has one record written for each call from now on, by a `logging.Logger`; None ends that. Any thread.

        Level INFO after success, else WARNING. The record holds the command (the method's name, or the path of a `call`), the
        code, the milliseconds and each attempt, also as ``chat_command``, ``chat_code``, ``chat_ms``, ``chat_in_doubt`` and
        ``chat_trace``; it holds no argument, no body and no secret. Iterations tell of each page.

        :raises TypeError: not a logger.
        """
        self._handle.logger = _call.checked_logger(logger)

    def set_secret_key(self, secret_key: str) -> None:
        """Replaces the key, or a ready signature, for calls that begin from now on. Any thread.

        :raises InvalidArgumentError: not a key; the old one stays.
        """
        hidden = Hidden(secret_key)
        del secret_key
        self._replace(library.chat_client_set_secret_key, "secret_key", hidden)

    def set_user_sig(self, user_sig: str) -> None:
        """Replaces the signature, or the key, for calls that begin from now on. Any thread.

        :raises InvalidArgumentError: not a signature; the old one stays.
        """
        hidden = Hidden(user_sig)
        del user_sig
        self._replace(library.chat_client_set_user_sig, "user_sig", hidden)

    def shutdown(self) -> None:
        """Ends the calls in progress with ShutdownError and refuses new ones. Returns at once; any thread, any time."""
        self._handle.shutdown()

    def warm_up(self, n: int = 1, *, timeout: Duration = 10.0) -> None:
        """Opens connections ahead of the calls, so that the first ones need not wait for look-up, TCP and TLS. Blocks until
        they are open, one cannot be made, or the time is over.

        :param n: how many are to be ready, at most `max_connections`.
        :param timeout: seconds, or a `timedelta`, for all of them.

        :raises ChatError: why one could not be made; those made before stay open.
        """
        count, milliseconds = _arguments.unsigned("n", n), _arguments.milliseconds("timeout", timeout)
        answer = Answer()
        with self._handle as client:
            code = library.chat_client_warm_up(client, count, milliseconds, ctypes.byref(answer))
        if code != 0:
            raise error_for(read_response(code, answer.value))

    def close(self, *, drain: Optional[Duration] = None) -> None:
        """Shuts down, waits for the calls in progress to end, and frees everything. Any thread, any number of times.

        With ``drain`` the calls in progress have so many seconds to come to their own end, while new ones are refused.

        A signal handler that interrupted a call of this client may close it too; the call then ends after the handler.
        In a child of a fork() the parent's client, its calls and its connections stay as they are.
        """
        if drain is None or self._handle.is_closed:
            self._handle.close()
        else:
            self._handle.drain(_arguments.milliseconds("drain", drain))

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        # Tools that show variables show one that could not be made, too.
        handle = self.__dict__.get("_handle")
        state = " not made" if handle is None else " closed" if handle.is_closed else ""
        return f"<tencent_chat.Client {self.__dict__.get('_description', '')}{state}>".replace("  ", " ")

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Client holds connections and a key: it cannot be copied or pickled; make one in each process")

    def _replace(self, function: Any, name: str, hidden: Hidden) -> None:
        def replace(value: Any) -> int:
            prepared = _arguments.text(name, value)
            with self._handle as client:
                code: int = function(client, prepared)
                return code

        code = hidden.used(replace)
        if code != 0:
            raise error_class(code)(code, f"{name}: {copy_text(library.chat_strerror(code))}")


class Stats(Mapping[str, int]):
    """A snapshot from `Client.stats`: a mapping from names to numbers that began at 0 with the client.

    Counters only rise, but for ``calls_in_progress``, ``connections_open``, ``connections_idle`` (those that no call uses) and
    ``connections_awaited`` (calls that wait for a connection), which tell how many there are now.

    - ``calls``: calls that returned. Each stands in exactly one of ``calls_ok``, ``calls_service`` (the service's own codes),
      ``calls_partial``, ``calls_invalid_argument`` (refused by the library before anything was sent), ``calls_timeout``,
      ``calls_transport``, ``calls_tls``, ``calls_http_status``, ``calls_protocol``, ``calls_no_error_code``,
      ``calls_throttled``, ``calls_cancelled``, ``calls_shutdown``, ``calls_panic``.
    - ``attempts``: requests made, or tried; ``retries``: those that were repeats; ``standby_attempts``: those to the standby.
    - ``in_doubt``: calls that returned in doubt; ``already_deleted``: deletes whose repeat found nothing left.
    - ``retries_over_budget``: repeats not made because the budget was spent; ``throttle_answers``: answers that asked to slow
      down.
    - ``rate_waits``, ``rate_waited_ms``: calls that waited for a slot under the rate limit, and how long in all.
    - ``shared_limit_trips``, ``shared_limit_failures``: trips to the server of the shared limit, and those that brought
    nothing.
    - ``signature_refusals``: answers that refused the UserSig; ``re_signs``: signatures replaced because the service called them
      expired or revoked.
    - ``connections_opened``; ``connection_waits``, ``connection_waited_ms``: attempts that waited for a connection, and how long.
    - ``latency_le_1_ms``, and so on to ``latency_le_10000_ms``, and ``latency_le_inf``: calls that made an attempt and returned
      within so many milliseconds, each including those before it; ``latency_sum_us``: their microseconds in all.
    """

    def __init__(self, counters: Mapping[str, int], prometheus: str) -> None:
        self._counters: Dict[str, int] = dict(counters)
        self._prometheus = prometheus

    @property
    def prometheus(self) -> str:
        """The snapshot in Prometheus' text exposition format 0.0.4, ready to be served: what the counters say, and for each
        ``command`` calls by ``outcome``, attempts, doubts and the histogram ``tencent_chat_call_duration_seconds``.
        """
        return self._prometheus

    def __getitem__(self, name: str) -> int:
        return self._counters[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._counters)

    def __len__(self) -> int:
        return len(self._counters)

    def __repr__(self) -> str:
        return f"Stats({self.__dict__.get('_counters', {})})"


def read_stats(client: int, *others: int) -> Stats:
    """The counters of a `chat_client`, and of others on the same page."""
    pointer = library.chat_client_stats(client)
    if not pointer:
        raise _call.forked()
    try:
        for other in others:
            code = library.chat_stats_add(pointer, other)
            if code == codes.ERR_FORKED:
                raise _call.forked()
            if code != codes.OK:
                raise error_class(code)(code, "two of the clients have the same labels: give each its own by metric_labels")
        counters = {
            copy_text(library.chat_stats_name(pointer, index)): library.chat_stats_value(pointer, index)
            for index in range(library.chat_stats_count(pointer))
        }
        length = ctypes.c_size_t()
        text = library.chat_stats_prometheus(pointer, ctypes.byref(length))
        return Stats(counters, ctypes.string_at(text, length.value).decode("utf-8"))
    finally:
        library.chat_stats_free(pointer)
