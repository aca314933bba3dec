"""From constructor arguments to a `chat_client`. The configuration holds the key, so it is freed, and thereby wiped, on
every path, and no traceback leads to a variable with a secret. The rules of the settings are the library's.
"""

from __future__ import annotations

import ctypes
import os
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple, TypeVar, Union

from . import _arguments
from ._answers import Answer, read_response
from ._arguments import StrPath
from ._library import library
from .errors import error_for

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
            raise error_for(read_response(code, error))
        return client.value or 0, [value for setter, value in prepared if setter == "set_attempt_hook"]
    finally:
        library.chat_config_free(config)


def _prepared(name: str, value: Any) -> List[Tuple[str, object]]:
    setter, prepare = _SETTERS[name]
    if value is None and name not in _NEVER_NONE:
        return []
    values = _each_path(value) if name == "add_ca_file" else (value,)
    return [(setter, prepare(name, one)) for one in values]


def _each_path(paths: Union[StrPath, Sequence[StrPath]]) -> Iterator[StrPath]:
    if isinstance(paths, (str, os.PathLike)):
        yield paths
    else:
        yield from paths
