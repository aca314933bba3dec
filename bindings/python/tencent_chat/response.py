"""What every call brings back: an immutable `Response` without a secret, safe to keep, share between threads and pickle."""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

from . import codes
from ._values import Value, dataclass, field

__all__ = ["Response", "Responses"]


@dataclass(frozen=True)
class Response(Value):
    """The end of one call, whatever it was. Success and failure have the same shape; a failure's stands in its exception.

    Made without arguments it is a success, for tests of your own.
    """

    #: 0, a negative number of this library, or the service's own ErrorCode (see `tencent_chat.codes`).
    code: int = codes.OK
    #: What the code means and what to do; "" or "success" on success.
    message: str = ""
    #: HTTP status of the last answer; 0 when there was none.
    http_status: int = 200
    #: The answer's body as it came, "" when there was none. Bytes that are not UTF-8 are replaced by U+FFFD.
    body: str = field(default="", repr=False)
    #: How many requests were begun, repeats included.
    attempts: int = 1
    #: The `random` of the last request: the service's support finds a request by it.
    random: int = 0
    #: The same call may succeed if it is repeated, see `retry_after`.
    is_retriable: bool = False
    #: The call failed, and yet it may have taken effect.
    is_in_doubt: bool = False
    #: Seconds to wait before a repeat; 0.0 when nothing asks for a pause.
    retry_after: float = 0.0
    #: A delete succeeded because its repeat found no such group (51009) after an attempt in doubt: that attempt had deleted it,
    #: or somebody else had. `code` is 0 then, and `body` the last answer's.
    is_already_deleted: bool = False
    _trace: str = field(default="[]", repr=False)
    _json: str = field(default="", repr=False)

    @property
    def trace(self) -> List[Dict[str, Any]]:
        """One dict an attempt, oldest first: ``attempt``, ``code``, ``http_status``, ``reached`` (``nothing_written``,
        ``written`` or ``answer_begun``), ``random``, ``ms``, and ``standby`` where it went to the standby host. Never a
        signature.
        """
        import json

        attempts: List[Dict[str, Any]] = json.loads(self._trace or "[]")
        return attempts

    def json(self) -> Any:
        """The body as Python values, with U+FFFD where a text of it is broken, and whole numbers as `int` however they were
        written. Raises ValueError when it is not JSON, as when a gateway answered.
        """
        import json

        return json.loads(self._json or self.body)


class Responses(Value):
    """A result that may come of several answers, because its list was sent in parts."""

    __slots__ = ()

    #: The whole answers, in the order in which they came.
    responses: Tuple[Response, ...]

    @property
    def response(self) -> Response:
        """The last of `responses`."""
        return self.responses[-1]
