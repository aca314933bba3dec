"""The package's values, and the one that every call brings back: an immutable `Response` without a secret, safe to keep, share
between threads and pickle. Values are the standard library's dataclasses, frozen and with slots, whose members may be read when
first looked at: looking at one reads that member alone, and showing one never raises.

A `chat_response` becomes a `Response`, and its JSON the members of a result: what is missing or null is "", 0 or nothing, and
what is of another type than the vendor documents is an error that names the member. A success is read only when somebody looks
at it, in any thread and in a child of a fork(), and its memory is freed with it.
"""

from __future__ import annotations

import ctypes
import dataclasses
import re
import sys
from dataclasses import field
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Mapping, NoReturn, Optional, Tuple, Type, TypeVar, Union

from . import codes
from ._library import copy_text, quick
from ._signatures import Outcome

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
        ``written`` or ``answer_begun``), ``random``, ``ms``, ``at_ms`` (from the call's
        begin), ``scheme``, ``host`` (with its port), ``path`` (the command's),
        ``standby`` where it went to the standby host, and where its time went. Never a signature.
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


def outcome_at(pointer: Optional[int]) -> Any:
    """What a `chat_response` begins with: all of it but the trace, read where it lies. Good for as long as the response is."""
    return Outcome.from_address(pointer) if pointer else Outcome()


class Answer(ctypes.c_void_p):
    """Where a call writes the pointer to its response. Whoever holds this object may read it."""

    # Bound here, because the module's names may be gone when the interpreter ends.
    def __del__(self, quick: Any = quick) -> None:
        quick.chat_response_free(self)


def _text(address: int, length: int) -> str:
    return ctypes.string_at(address, length).decode("utf-8", "replace")


#: How each field of a `Response` is read from what a `chat_response` begins with; its code the call itself returns.
_READERS: Dict[str, Callable[[Any], object]] = {
    "message": lambda outcome: _text(outcome.message, outcome.message_len),
    "http_status": lambda outcome: outcome.http_status,
    "body": lambda outcome: _text(outcome.body, outcome.body_len),
    "attempts": lambda outcome: outcome.attempts,
    "random": lambda outcome: outcome.random,
    "is_retriable": lambda outcome: bool(outcome.is_retriable),
    "is_in_doubt": lambda outcome: bool(outcome.is_in_doubt),
    "retry_after": lambda outcome: outcome.retry_after_ms / 1000,
    "is_already_deleted": lambda outcome: bool(outcome.is_already_deleted),
    "_json": lambda outcome: _text(outcome.json, outcome.json_len),
}


def _of_answer(read: Callable[[Any], object]) -> Callable[[Answer], object]:
    return lambda answer: read(outcome_at(answer.value))


_READERS_OF_SUCCESS: Dict[str, Callable[[Any], object]] = {
    "code": lambda _answer: codes.OK,
    "_trace": lambda answer: copy_text(quick.chat_response_trace(answer)),
    **{name: _of_answer(read) for name, read in _READERS.items()},
}


#: What a call brings: its answer as it is after a success, read after anything else.
Told = Union[Answer, Response]


def response_of(told: Told) -> Response:
    """The response of a call that ended with 0: each field is read when it is looked at. One that was read stays itself."""
    return unread(Response, _READERS_OF_SUCCESS, told) if isinstance(told, Answer) else told


class _Source:
    """What the fields of a result are read from, made when the first is looked at."""

    __slots__ = ("_members", "_response", "_told")

    def __init__(self, told: Told) -> None:
        self._told = told
        self._response: Optional[Response] = None
        self._members: Optional[Members] = None

    @property
    def response(self) -> Response:
        if self._response is None:
            self._response = response_of(self._told)
        return self._response

    @property
    def members(self) -> Members:
        if self._members is None:
            self._members = answer(self.response)
        return self._members


def reader(kind: Type[_T], fields: Mapping[str, Callable[[Members], object]]) -> Callable[[Told], _T]:
    """Makes results of answers, each field by a function of the answer's members; the answer itself is in the last field."""
    readers: Dict[str, Callable[[_Source], object]] = {name: _of_members(read) for name, read in fields.items()}
    (whole,) = set(names(kind)) - set(fields)
    in_parts = whole == "responses"
    readers[whole] = lambda source: (source.response,) if in_parts else source.response
    return lambda told: unread(kind, readers, _Source(told))


def _of_members(read: Callable[[Members], object]) -> Callable[[_Source], object]:
    return lambda source: read(source.members)


def read_response(code: int, pointer: Optional[int]) -> Response:
    """Copies everything out of a `chat_response`; who owns it frees it."""
    outcome = outcome_at(pointer)
    members: Dict[str, Any] = {name: read(outcome) for name, read in _READERS.items()}
    return Response(code=code, _trace=copy_text(quick.chat_response_trace(pointer)), **members)


#: What an integer may be spelled as in a string; longer ones hold no 64 bits.
_SPELLED = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?", re.ASCII)


class Members:
    """An object of an answer, and its place in it as a JSON Pointer."""

    __slots__ = ("_members", "_place", "_response")

    def __init__(self, response: Response, members: Mapping[str, Any], place: str = "") -> None:
        self._response = response
        self._members = members
        self._place = place

    def text(self, name: str) -> str:
        """A member that is a text."""
        value = self._members.get(name)
        if isinstance(value, str):
            return value
        return "" if value is None else self._refuse(name, "text")

    def texts(self, name: str) -> Tuple[str, ...]:
        """The texts of a member that is a list."""
        items = self._list(name)
        for place, item in enumerate(items):
            if not isinstance(item, str) and item is not None:
                self._refuse(f"{name}/{place}", "text")
        return tuple([item for item in items if item is not None])

    def integer(self, name: str) -> int:
        """A member that is an integer."""
        value = self._members.get(name)
        if value is None:
            return 0
        number = _whole(value)
        return number if number is not None else self._refuse(name, "integer")

    def integers(self, name: str) -> Tuple[int, ...]:
        """The integers of a member that is a list."""
        numbers = []
        for place, item in enumerate(self._list(name)):
            number = _whole(item)
            if number is not None:
                numbers.append(number)
            elif item is not None:
                self._refuse(f"{name}/{place}", "integer")
        return tuple(numbers)

    def member(self, name: str) -> Members:
        """A member that is an object."""
        value = self._members.get(name)
        # Some gateways spell an object without members as an empty list.
        if value is None or value == []:
            value = {}
        if not isinstance(value, dict):
            self._refuse(name, "object")
        return Members(self._response, value, f"{self._place}/{name}")

    def objects(self, name: str) -> List[Members]:
        """The objects of a member that is a list."""
        found = []
        for place, item in enumerate(self._list(name)):
            if not isinstance(item, dict):
                self._refuse(f"{name}/{place}", "object")
            found.append(Members(self._response, item, f"{self._place}/{name}/{place}"))
        return found

    def _list(self, name: str) -> List[Any]:
        value = self._members.get(name)
        if isinstance(value, list):
            return value
        return [] if value is None else self._refuse(name, "list")

    def _refuse(self, place: str, wanted: str) -> NoReturn:
        # Errors hold responses, so that module stands on this one.
        from .errors import ProtocolError

        message = f"{self._place}/{place} of the answer is no {wanted}; what else it holds can be read"
        raise ProtocolError(codes.ERR_PROTOCOL, message, self._response)


def answer(response: Response) -> Members:
    """The whole answer as an object; empty when it is none."""
    try:
        body = response.json()
    except ValueError:
        body = {}
    members: Dict[str, Any] = body if isinstance(body, dict) else {}
    return Members(response, members)


def _whole(value: Any) -> Optional[int]:
    """The integer that a JSON value means, however it is written."""
    if isinstance(value, str) and _SPELLED.fullmatch(value):
        # Most answers have none; importing this takes longer than reading them.
        from decimal import Decimal

        value = Decimal(value)
        value = int(value) if value == value.to_integral_value() else None
    elif isinstance(value, float):
        value = int(value) if value.is_integer() else None
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and -(2**63) <= value < 2**63 else None
