"""`dataclass` and `field` for this package's own values: frozen, compared by their fields, and read when first looked at.
Promises what `dataclasses.dataclass(frozen=True)` does, to `dataclasses.fields`, `replace` and `asdict` and to pickle too. The
standard module's own imports `inspect`, which takes longer than the rest of this package, and it compiles every class
anew in every process; type checkers see that one. Knows no value of the service.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping, Tuple, Type, TypeVar

_T = TypeVar("_T")
_Source = TypeVar("_Source")

#: Stands for a default that a field does not have.
_MISSING: Any = object()
#: Where a value that nobody has looked at keeps what it is read by, and from.
_UNREAD = "_unread"

_new = object.__new__
_set = object.__setattr__


class _Field:
    """What `field` says of one member."""

    def __init__(self, default: Any, repr: bool) -> None:
        self.default = default
        self.repr = repr


def field(*, default: Any = _MISSING, repr: bool = True) -> Any:
    """A field that has a default, or is left out of the text of its value."""
    return _Field(default, repr)


def dataclass(*, frozen: bool) -> Callable[[Type[_T]], Type[_T]]:
    """Makes a class of annotated names a frozen value."""
    if not frozen:
        raise TypeError("values of this package are frozen")
    return _made


def unread(kind: Type[_T], read: Callable[[_Source], _T], source: _Source) -> _T:
    """A value that is what `read(source)` returns, which is asked when a field is first looked at, by whatever thread."""
    value = _new(kind)
    _set(value, _UNREAD, (read, source))
    return value


def unread_each(kind: Type[_T], readers: Mapping[str, Callable[[_Source], object]], source: _Source) -> _T:
    """The same where each field has a reader of its own, and is read when it is looked at itself."""
    value = _new(kind)
    _set(value, _UNREAD, (readers, source))
    return value


def names(value: Any) -> Tuple[str, ...]:
    """The fields of a value or of its class, in their order."""
    found: Tuple[str, ...] = value.__match_args__
    return found


def _made(kind: Any) -> Any:
    fields: Dict[str, _Field] = {}
    for name in kind.__annotations__:
        given = kind.__dict__.get(name, _MISSING)
        fields[name] = given if isinstance(given, _Field) else _Field(given, repr=True)
        if given is not _MISSING:
            # Else a value that was not read yet would show the default.
            delattr(kind, name)
    kind._fields = fields
    setattr(kind, "__match_args__", tuple(fields))
    kind.__dataclass_fields__ = _StandardFields()
    kind.__signature__ = _Signature()
    for function in (_init, _getattr, _setattr, _delattr, _repr, _eq, _hash, _getstate, _replace):
        setattr(kind, f"__{function.__name__[1:]}__", function)
    return kind


def _init(self: Any, /, *given: Any, **named: Any) -> None:
    names, held = self.__match_args__, self.__dict__
    if not named and len(given) == len(names):
        held.update(zip(names, given))
    elif not given and named.keys() == self._fields.keys():
        held.update(named)
    else:
        held.update(zip(names, _bound(type(self), given, named)))
    after = getattr(type(self), "__post_init__", None)
    if after is not None:
        after(self)


def _bound(kind: Any, given: Tuple[Any, ...], named: Dict[str, Any]) -> List[Any]:
    """The value of each field, from arguments by place and by name."""
    fields: Dict[str, _Field] = kind._fields
    call = f"{kind.__qualname__}.__init__()"
    if len(given) > len(fields):
        raise TypeError(f"{call} takes {len(fields)} arguments but {len(given)} were given")
    by_place = dict(zip(fields, given))
    for name in named:
        if name not in fields:
            raise TypeError(f"{call} got an unexpected keyword argument {name!r}")
        if name in by_place:
            raise TypeError(f"{call} got multiple values for argument {name!r}")
    defaults = {name: described.default for name, described in fields.items() if described.default is not _MISSING}
    values = {**defaults, **by_place, **named}
    for name in fields:
        if name not in values:
            raise TypeError(f"{call} missing required argument: {name!r}")
    return [values[name] for name in fields]


def _getattr(self: Any, name: str) -> Any:
    """Python asks here for what the value does not hold: nothing, once it was read."""
    held = self.__dict__
    later = held.get(_UNREAD)
    if later is not None:
        read, source = later
        if type(read) is not dict:
            held.update(read(source).__dict__)
            # Last, so that another thread finds either what to read or what was read.
            held.pop(_UNREAD, None)
        elif name in read:
            held[name] = read[name](source)
    try:
        return held[name]
    except KeyError:
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}") from None


def _setattr(self: Any, name: str, value: object) -> None:
    _refuse_if_frozen(self, name, "assign to")
    _set(self, name, value)


def _delattr(self: Any, name: str) -> None:
    _refuse_if_frozen(self, name, "delete")
    object.__delattr__(self, name)


def _refuse_if_frozen(value: Any, name: str, act: str) -> None:
    """A class of a user's own that inherits a value may have more than its fields."""
    if "_fields" in type(value).__dict__ or name in value._fields:
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot {act} field {name!r}")


def _members(value: Any) -> Tuple[Any, ...]:
    return tuple(getattr(value, name) for name in value.__match_args__)


def _repr(self: Any) -> str:
    shown = (f"{name}={getattr(self, name)!r}" for name, described in self._fields.items() if described.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _eq(self: Any, other: object) -> bool:
    return _members(self) == _members(other) if other.__class__ is self.__class__ else NotImplemented


def _hash(self: Any) -> int:
    return hash(_members(self))


def _getstate(self: Any) -> Dict[str, Any]:
    """For pickle and copy."""
    return dict(zip(self.__match_args__, _members(self)))


def _replace(self: Any, /, **changes: Any) -> Any:
    """For copy.replace."""
    return type(self)(**{**_getstate(self), **changes})


class _StandardFields:
    """`__dataclass_fields__`, made by the standard module when somebody asks for it."""

    def __get__(self, _value: object, kind: Any) -> Dict[str, Any]:
        import dataclasses

        described = [(name, kind.__annotations__[name], self._standard(dataclasses, of)) for name, of in kind._fields.items()]
        made: Any = dataclasses.make_dataclass(kind.__name__, described, frozen=True)
        kind.__dataclass_params__ = made.__dataclass_params__
        kind.__dataclass_fields__ = made.__dataclass_fields__
        found: Dict[str, Any] = made.__dataclass_fields__
        return found

    @staticmethod
    def _standard(dataclasses: Any, described: _Field) -> Any:
        default = dataclasses.MISSING if described.default is _MISSING else described.default
        return dataclasses.field(default=default, repr=described.repr)


class _Signature:
    """`__signature__`, for help() and editors."""

    def __get__(self, _value: object, kind: Any) -> Any:
        from inspect import Parameter, Signature

        parameters = [
            Parameter(
                name,
                Parameter.POSITIONAL_OR_KEYWORD,
                default=Parameter.empty if described.default is _MISSING else described.default,
                annotation=kind.__annotations__[name],
            )
            for name, described in kind._fields.items()
        ]
        kind.__signature__ = Signature(parameters, return_annotation=None)
        return kind.__signature__
