"""The package's values: the standard library's dataclasses, frozen and with slots, whose members may be read when first
looked at. Looking at one reads that member alone, and showing one never raises.
"""

from __future__ import annotations

import dataclasses
import sys
from dataclasses import field
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Mapping, Tuple, Type, TypeVar

__all__ = ["Value", "dataclass", "field", "names", "unread"]

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
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, BaseException):
        return str(value)
    return value
