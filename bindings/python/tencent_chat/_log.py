"""One record of each call, for a logger that the program names; without one nothing is written.
Promises that a record holds what the call's trace holds (codes, numbers, times) and no argument, body, key or signature.
Must not import logging, which takes longer than the rest of the package: a `logging.Logger` fits `Logger` as it is.
"""

from __future__ import annotations

from typing import Mapping, Optional, Protocol

from . import _arguments, codes
from .response import Response

#: The numbers of logging.INFO and logging.WARNING.
_INFO, _WARNING = 20, 30


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
    """Writes the record of a call that took so long in all."""
    level = _INFO if response.code == codes.OK else _WARNING
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
    logger.log(level, "%s: code %d, %.1f ms, attempts %s", command, response.code, milliseconds, response._trace, extra=members)
