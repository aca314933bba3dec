"""Finds the shared library, loads it when it is first needed, and refuses one of another ABI version.
Looks in TENCENT_CHAT_LIBRARY (then nowhere else), inside this package, then where the system's loader looks; a failure
is an ImportError that names every place tried and what to do. Knows nothing of clients and calls.
"""

from __future__ import annotations

import ctypes
import functools
import os
import sys
import threading
import weakref
from typing import TYPE_CHECKING, Any, Callable, Iterable, List, Optional, Tuple

from . import _signatures

#: Path of a library to use instead of the one in the package.
OVERRIDE = "TENCENT_CHAT_LIBRARY"

if sys.platform == "darwin":
    _FILE = "libtencent_chat.dylib"
    _SYSTEM_NAME = f"libtencent_chat.{_signatures.ABI}.dylib"
elif sys.platform == "win32":
    _FILE = _SYSTEM_NAME = "tencent_chat.dll"
else:
    _FILE = "libtencent_chat.so"
    _SYSTEM_NAME = f"libtencent_chat.so.{_signatures.ABI}"

#: Where a wheel holds the library and the emulator.
NATIVE = os.path.join(os.path.dirname(__file__), "_native")


def pyinstaller_hooks() -> List[str]:
    """Where PyInstaller finds out what to take along with the package; an entry point names this function."""
    return [os.path.join(os.path.dirname(__file__), "_pyinstaller")]


def copy_text(address: int) -> str:
    """A NUL-terminated string of the library, copied."""
    return ctypes.string_at(address).decode("utf-8", "replace")


class Owned(ctypes.c_void_p):
    """A pointer of the library's that is freed once, by `free` or when nobody holds it; NULL from then on. The collector may
    come to this object before it comes to a coroutine that holds it too, which then ends, and uses it.
    """

    def __init__(self, pointer: Optional[int], free: Callable[[int], object]) -> None:
        super().__init__(pointer)
        self._free = free

    def free(self) -> None:
        """Any number of times."""
        pointer, self.value = self.value, None
        if pointer:
            self._free(pointer)

    def __del__(self) -> None:
        self.free()


def free_with(owner: object, free: Callable[..., object], *arguments: object) -> Callable[[], object]:
    """Calls `free` once nobody holds `owner` any more, or sooner when what is returned is called; once in all.

    Not at exit: a daemon thread may still be inside a call then.
    """
    finalizer = weakref.finalize(owner, free, *arguments)
    setattr(finalizer, "atexit", False)
    return finalizer


def _candidates() -> List[str]:
    override = os.environ.get(OVERRIDE)
    return [override] if override else [os.path.join(NATIVE, _FILE), _SYSTEM_NAME]


def _load() -> Tuple[ctypes.CDLL, str]:
    if not hasattr(ctypes, "PyDLL"):
        raise ImportError(f"tencent_chat needs CPython: the ctypes of {sys.implementation.name} has no PyDLL")
    tried = []
    for place in _candidates():
        try:
            # CDLL, not PyDLL: it lets go of the interpreter lock during a call.
            loaded = ctypes.CDLL(place)
        except OSError as error:
            tried.append(f"  {place}: {error}")
        else:
            _check(loaded, place)
            return loaded, place
    if os.environ.get(OVERRIDE):
        advice = f"{OVERRIDE} names the only place that is tried: correct it, or unset it."
    else:
        advice = (
            f"Install the wheel (pip install ./bindings/python in a clone), or install the library (make install), "
            f"or set {OVERRIDE} to its path."
        )
    raise ImportError("\n".join(["tencent_chat found no usable library. Tried:", *tried, advice]))


def _check(loaded: ctypes.CDLL, place: str) -> None:
    """Refuses a library that this package was not written for."""
    advice = f"Install package and library of one version, or set {OVERRIDE} to a library of version {_signatures.ABI}.x."
    try:
        loaded.chat_version.restype = _signatures.TEXT
        found = copy_text(loaded.chat_version())
    except AttributeError:
        raise ImportError(f"{place} is not the tencent-chat library: it has no chat_version. {advice}") from None
    if found.split(".")[:2] != _signatures.ABI.split("."):
        raise ImportError(f"{place} is version {found}, this package needs {_signatures.ABI}.x. {advice}")
    try:
        _signatures.apply(loaded)
    except AttributeError as error:
        raise ImportError(f"{place}, version {found}, lacks a function ({error}). {advice}") from None


class _Lazy:
    """The functions of the library, each found when it is first used, and the library loaded then."""

    def __init__(self, names: Iterable[str], opened: Callable[[], ctypes.CDLL]) -> None:
        self._names = frozenset(names)
        self._opened = opened

    def __getattr__(self, name: str) -> Any:
        if name not in self._names:
            raise AttributeError(f"the library has no function {name!r}")
        function = getattr(self._opened(), name)
        setattr(self, name, function)
        return function


@functools.cache
def _loaded() -> Tuple[ctypes.CDLL, str]:
    with _loading:
        return _load()


@functools.cache
def _loaded_quick() -> ctypes.CDLL:
    found = _loaded()[0]
    opened = ctypes.PyDLL(found._name, handle=found._handle)
    _signatures.apply(opened, _signatures.QUICK)
    return opened


_loading = threading.Lock()

#: The library, which lets go of the interpreter's lock during a call.
library = _Lazy(_signatures.SIGNATURES, lambda: _loaded()[0])

#: The same library for functions that never wait: each keeps the interpreter's lock, since giving it up and getting it back
#: costs more than they do, above all while other threads want it.
quick = _Lazy(_signatures.QUICK, _loaded_quick)


if TYPE_CHECKING:
    #: Where the library came from; a bare name when the system's loader found it.
    place: str
    #: The library's own version, such as "0.1.0".
    version: str
else:

    def __getattr__(name):
        """Known once the library is loaded, which asking for them does."""
        if name == "place":
            return _loaded()[1]
        if name == "version":
            return copy_text(library.chat_version())
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
