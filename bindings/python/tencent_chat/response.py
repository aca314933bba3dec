"""The package's values, and the one that every call brings back: an immutable `Response` without a secret, safe to keep, share
between threads and pickle. Values are the standard library's dataclasses, frozen and with slots, whose members may be read when
first looked at: looking at one reads that member alone, and showing one never raises.
"""

from __future__ import annotations

import dataclasses
import sys
from dataclasses import field
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Mapping, Tuple, Type, TypeVar

from . import codes

__all__ = ["Response", "Responses", "Value", "dataclass", "field", "names", "unread"]

_T = TypeVar("_T", bound="Value")

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(*, frozen):
        """`dataclasses.dataclass` with slots, from Python 3.10 on."""

        def made(kind):
            kind = dataclasses.dataclass(frozen=frozen, repr=False, **_SLOTS)(kind)
            # The generated ones look for the class as it was before it had slots (until Python 3.12).
            kind.__setattr__, kind.__delattr__ = _setattr, _delattr
            for name in set(names(kind)) & set(vars(kind)) if not _SLOTS else ():
                # Else a value that was not read yet would show the default.
                delattr(kind, name)
            return kind

        return made


_SLOTS = {"slots": True} if sys.version_info >= (3, 10) else {}


class Value:
    """A value of this package: immutable, compared by its fields."""

    __slots__ = ("__weakref__", "_unread")

    def as_dict(self) -> Dict[str, Any]:
        """The data alone, as dicts, lists and plain values, without the answers beside it: ready for JSON."""
        return {name: _plain(getattr(self, name)) for name in names(self) if name[0] != "_" and name not in _ANSWERS}

    @property
    def __dict__(self) -> Dict[str, Any]:  # type: ignore[override]
        """For `vars`, which slots would leave without an answer."""
        return {name: getattr(self, name) for name in names(self)}

    def __getattr__(self, name: str) -> Any:
        """Python asks here for what the value does not hold: nothing, once it was read."""
        try:
            readers, source = object.__getattribute__(self, "_unread")
            read = readers[name]
        except (AttributeError, KeyError):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}") from None
        value = read(source)
        object.__setattr__(self, name, value)
        return value

    def __getstate__(self) -> Dict[str, Any]:
        """For pickle and copy, where the dataclass brings none."""
        return {name: getattr(self, name) for name in names(self)}

    def __repr__(self) -> str:
        shown = (f"{one.name}={_shown(self, one.name)}" for one in dataclasses.fields(self) if one.repr)  # type: ignore[arg-type]
        return f"{type(self).__qualname__}({', '.join(shown)})"


def _setattr(self: Value, name: str, value: object) -> None:
    _refuse_if_frozen(self, name, "assign to")
    object.__setattr__(self, name, value)


def _delattr(self: Value, name: str) -> None:
    _refuse_if_frozen(self, name, "delete")
    object.__delattr__(self, name)


def _refuse_if_frozen(value: Value, name: str, act: str) -> None:
    """A class of a user's own that inherits a value may have more than its fields."""
    if "__dataclass_params__" in vars(type(value)) or name in names(value):
        raise dataclasses.FrozenInstanceError(f"cannot {act} field {name!r}")


#: The fields that hold whole answers.
_ANSWERS = ("response", "responses")


def unread(kind: Type[_T], readers: Mapping[str, Callable[[Any], object]], source: object) -> _T:
    """A value each field of which is what its reader makes of the source, when it is first looked at, by whatever thread."""
    value = object.__new__(kind)
    object.__setattr__(value, "_unread", (readers, source))
    return value


def names(value: Any) -> Tuple[str, ...]:
    """The fields of a value or of its class, in their order."""
    found: Tuple[str, ...] = value.__match_args__ if _SLOTS else tuple(one.name for one in dataclasses.fields(value))
    return found


def _shown(value: Value, name: str) -> str:
    try:
        return repr(getattr(value, name))
    except Exception as error:
        # Half made, or a member that the service spelled in a way that cannot be read.
        return f"<{type(error).__name__}>"


def _plain(value: Any) -> Any:
    if isinstance(value, Value):
        return value.as_dict()
    if isinstance(value, (tuple, list)):
        plain: List[Any] = [_plain(item) for item in value]
        return plain
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, BaseException):
        return str(value)
    return value


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
