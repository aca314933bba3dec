"""UserSigs for an app's users: making them, and saying what one holds. Needs no client and sends nothing."""

from __future__ import annotations

from ctypes import byref
from typing import Any, Callable, Optional

from . import _arguments, codes
from ._arguments import Duration
from ._library import library
from .errors import error_for
from .response import Answer, Response, Value, dataclass, read_response
from .session import Hidden

__all__ = ["InspectedUserSig", "PrivateMap", "private_map_key_new", "user_sig_inspect", "user_sig_new"]


@dataclass(frozen=True)
class PrivateMap(Value):
    """What a PrivateMapKey allows its user."""

    #: The UserID that it is for.
    identifier: str = ""
    #: The app's number.
    sdk_app_id: int = 0
    #: The room's number; None for a room with a name.
    room_id: Optional[int] = None
    #: The room's name; None for a room with a number.
    string_room_id: Optional[str] = None
    #: In seconds since 1970.
    expires: int = 0
    #: One bit for each thing that is allowed; 255 is everything.
    privilege_map: int = 0


@dataclass(frozen=True)
class InspectedUserSig(Value):
    """What a UserSig says, and whether it fits what it was opened with."""

    #: The UserID that it is for.
    identifier: str = ""
    #: The app's number.
    sdk_app_id: int = 0
    #: In seconds since 1970.
    made: int = 0
    #: In seconds since 1970.
    expires: int = 0
    #: Whether that time has passed by this machine's clock.
    expired: bool = False
    #: None where it was not checked.
    app_matches: Optional[bool] = None
    #: None where it was not checked.
    key_matches: Optional[bool] = None
    #: What it carries beside, in base64; None of a plain UserSig.
    userbuf: Optional[str] = None
    #: What that says, where it is a PrivateMapKey.
    private_map: Optional[PrivateMap] = None
    #: Whether the service would take it, as far as was checked.
    valid: bool = False
    #: The first thing that speaks against it.
    verdict: str = ""


def user_sig_new(sdk_app_id: int, identifier: str, secret_key: str, lifetime: Duration) -> str:
    """Makes a UserSig for any user of the app (vendor page 1047/34385). It is a secret: whoever has it is that user.

    :param sdk_app_id: the app's number, as the console shows it.
    :param identifier: the UserID, at most 32 bytes of UTF-8.
    :param secret_key: the app's key, as the console shows it.
    :param lifetime: for how many seconds from now it is valid; a `timedelta` will do.

    :raises InvalidArgumentError: one of them cannot be.
    """
    hidden = Hidden(secret_key)
    del secret_key
    app, user = _arguments.unsigned("sdk_app_id", sdk_app_id), _arguments.text("identifier", identifier)
    seconds = _arguments.whole_seconds("lifetime", lifetime)
    return _body(lambda key, answer: library.chat_user_sig_new(app, user, key, seconds, answer), hidden)


def private_map_key_new(
    sdk_app_id: int,
    identifier: str,
    secret_key: str,
    lifetime: Duration,
    *,
    room_id: int = 0,
    string_room_id: Optional[str] = None,
    privilege_map: int = 255,
) -> str:
    """Makes a UserSig that allows its user certain things in one room of TRTC: the vendor's PrivateMapKey.

    :param room_id: the room's number; or `string_room_id`, its name.
    :param privilege_map: what is allowed, one bit each: 1 make the room, 2 enter it, 4 send and 8 receive audio, 16 send and 32
        receive video, 64 send and 128 receive the screen.

    :raises InvalidArgumentError: one of them cannot be.
    """
    hidden = Hidden(secret_key)
    del secret_key
    app, user = _arguments.unsigned("sdk_app_id", sdk_app_id), _arguments.text("identifier", identifier)
    seconds = _arguments.whole_seconds("lifetime", lifetime)
    number, name = _arguments.unsigned("room_id", room_id), _arguments.optional_text("string_room_id", string_room_id)
    privileges = _arguments.unsigned("privilege_map", privilege_map)
    return _body(
        lambda key, answer: library.chat_private_map_key_new(app, user, key, seconds, number, name, privileges, answer), hidden
    )


def user_sig_inspect(user_sig: str, *, sdk_app_id: int = 0, secret_key: Optional[str] = None) -> InspectedUserSig:
    """Opens a UserSig, whoever made it.

    :param sdk_app_id: the app that it should be for; 0: that is not checked.
    :param secret_key: the key that it should have been made with; None: that is not checked.

    :raises InvalidArgumentError: it is no UserSig, or damaged.
    """
    hidden = Hidden((user_sig, secret_key))
    del user_sig, secret_key
    app = _arguments.unsigned("sdk_app_id", sdk_app_id)

    def inspect(secrets: Any) -> Response:
        sig, key = _arguments.text("user_sig", secrets[0]), _arguments.optional_text("secret_key", secrets[1])
        return _told(lambda answer: library.chat_user_sig_inspect(sig, app, key, answer))

    members = hidden.used(inspect).json()
    room = members["private_map"]
    return InspectedUserSig(**{**members, "private_map": PrivateMap(**room) if room else None})


def _body(make: Callable[[Any, Any], int], hidden: Hidden) -> str:
    return hidden.used(lambda key: _told(lambda answer: make(_arguments.text("secret_key", key), answer))).body


def _told(call: Callable[[Any], int]) -> Response:
    """The answer of a function that sends nothing; raises unless it succeeded."""
    answer = Answer()
    code = call(byref(answer))
    response = read_response(code, answer.value)
    if code != codes.OK:
        raise error_for(response)
    return response
