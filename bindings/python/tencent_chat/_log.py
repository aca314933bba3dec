"""Writes one record of each call to the logger that the program names, if it names one: codes, numbers and times, but no
argument, body, key or signature. A logger that fails does not change the call.
"""

from __future__ import annotations

import logging
import sys
import traceback
from typing import Any, Dict, Mapping, Optional, Protocol, Tuple

from . import _arguments, codes
from .response import Response


class Logger(Protocol):
    """What is needed of a `logging.Logger`."""

    def isEnabledFor(self, level: int) -> bool:
        """Whether a record of that level would go anywhere."""

    def log(self, level: int, msg: object, *args: object, extra: Optional[Mapping[str, object]] = None) -> None:
        """Writes a record."""


def checked(logger: object) -> Optional[Logger]:
    """The argument `logger`: something that logs, or None."""
    if logger is not None and not all(callable(getattr(logger, name, None)) for name in ("isEnabledFor", "log")):
        raise _arguments.wrong_type("logger", "a logging.Logger", logger)
    return logger  # type: ignore[return-value]


def tell(logger: Logger, command: str, response: Response, seconds: float) -> None:
    """Writes the record of a call that took so long in all. The call has ended, so an error of the logger's is no error of the
    call: it is shown as `logging` shows the errors of its handlers.
    """
    try:
        _tell(logger, command, response, seconds)
    except Exception:
        if logging.raiseExceptions and sys.stderr is not None:
            print(
                f"tencent_chat: the logger failed on the record of {command}; the call itself is not touched", file=sys.stderr
            )
            traceback.print_exc()


def _tell(logger: Logger, command: str, response: Response, seconds: float) -> None:
    level = logging.INFO if response.code == codes.OK else logging.WARNING
    if not logger.isEnabledFor(level):
        return
    milliseconds = round(seconds * 1000, 1)
    members = {
        "chat_command": command,
        "chat_code": response.code,
        "chat_ms": milliseconds,
        "chat_in_doubt": response.is_in_doubt,
        "chat_trace": response.trace,
    }
    message = "%s: code %d, %.1f ms, attempts %s"
    _write(logger, level, message, (command, response.code, milliseconds, response._trace), members)


def _write(logger: Logger, level: int, message: object, arguments: Tuple[object, ...], members: Mapping[str, object]) -> None:
    """With these members, also through an adapter, which puts its own in the place of those it is given."""
    more: Dict[str, Any] = {}
    while isinstance(logger, logging.LoggerAdapter) and type(logger).log is logging.LoggerAdapter.log:
        message, taken = logger.process(message, {**more, "extra": members})
        more = dict(taken)
        members = {**members, **(more.pop("extra", None) or {})}
        logger = logger.logger
    logger.log(level, message, *arguments, extra=members, **more)
