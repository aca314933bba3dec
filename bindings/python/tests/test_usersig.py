"""Signatures, held against the vendor's own package: its tokens are accepted through us, and ours equal its own."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
import time
import zlib
from typing import Any, Dict
from unittest import mock

import pytest
import TLSSigAPIv2
from scene import USER, create, keeper

from tencent_chat import Client, InvalidArgumentError, private_map_key_new, user_sig_inspect, user_sig_new
from tencent_chat.testing import Emulator

APP = 1400000000


def vendor_token(emulator: Emulator, identifier: str = "administrator", expire: int = 86400) -> str:
    token: str = TLSSigAPIv2.TLSSigAPIv2(emulator.sdk_app_id, emulator.secret_key).gen_sig(identifier, expire)
    return token


def opened(token: str) -> Dict[str, Any]:
    """A token's members. Its alphabet is not base64url: `*` is `+`, `-` is `/`, `_` is `=`."""
    members: Dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(token.translate(str.maketrans("*-_", "+/=")))))
    return members


def fingerprint(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()[:12]


def test_the_vendors_tokens_are_accepted_through_us_and_sent_unchanged(emulator: Emulator) -> None:
    token = vendor_token(emulator)
    with emulator.client(user_sig=token) as client:
        create(client, "g")
        assert client.del_contact_group(USER, "g").groups[0].name == "g"
    assert {request["query"]["usersig_sha256"] for request in emulator.requests()} == {fingerprint(token)}


@pytest.mark.parametrize("identifier", ["administrator", "a b&c=d+e%f", 'q"\\<>'])
@pytest.mark.parametrize("lifetime", [60, 86400, 1576800000])
def test_our_signature_equals_the_vendors_at_the_same_second(identifier: str, lifetime: int) -> None:
    key = "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e"
    with keeper() as server:
        with Client(
            base_url=server.url, sdk_app_id=APP, identifier=identifier, secret_key=key, user_sig_lifetime=lifetime
        ) as client:
            client.del_contact_group(USER, "g")
    query = server.queries[0]
    ours = opened(query["usersig"])
    with mock.patch.object(time, "time", lambda: ours["TLS.time"]):
        theirs = opened(TLSSigAPIv2.TLSSigAPIv2(APP, key).gen_sig(identifier, ours["TLS.expire"]))
    assert ours == theirs
    assert query["identifier"] == ours["TLS.identifier"] == identifier


KEY = "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e"


@pytest.mark.parametrize("user", ["user_0001", "ユーザー", 'q"\\<>'])
def test_a_signature_for_a_user_equals_the_vendors_at_the_same_second(user: str) -> None:
    ours = opened(user_sig_new(APP, user, KEY, 3600))
    with mock.patch.object(time, "time", lambda: ours["TLS.time"]):
        theirs = opened(TLSSigAPIv2.TLSSigAPIv2(APP, KEY).gen_sig(user, ours["TLS.expire"]))
    assert ours == theirs


@pytest.mark.parametrize("room", [{"room_id": 10000}, {"string_room_id": "adbjkl"}], ids=str)
def test_a_private_map_key_equals_the_vendors_at_the_same_second(room: Dict[str, Any]) -> None:
    ours = opened(private_map_key_new(APP, "xiaojun", KEY, 3600, privilege_map=255, **room))
    name, expires = room.get("string_room_id", "").encode(), ours["TLS.time"] + ours["TLS.expire"]
    userbuf = struct.pack(">BH7sIIIII", bool(name), 7, b"xiaojun", APP, room.get("room_id", 0), expires, 255, 0)
    userbuf += struct.pack(">H", len(name)) + name if name else b""
    with mock.patch.object(time, "time", lambda: ours["TLS.time"]):
        theirs = opened(TLSSigAPIv2.TLSSigAPIv2(APP, KEY).gen_sig_with_userbuf("xiaojun", ours["TLS.expire"], userbuf))
    assert ours == theirs


def test_lengths_in_a_private_map_key_count_bytes() -> None:
    ours = opened(private_map_key_new(APP, "ユーザー", KEY, 60, string_room_id="会議室"))
    userbuf = base64.b64decode(ours["TLS.userbuf"])
    assert userbuf[:3] == b"\x01\x00\x0c" and userbuf[3:15] == "ユーザー".encode()
    assert userbuf[-11:] == b"\x00\x09" + "会議室".encode()


def test_a_signature_opens_to_what_it_says_and_whether_it_fits() -> None:
    sig = private_map_key_new(APP, "u", KEY, 60, room_id=7, privilege_map=3)
    told = user_sig_inspect(f" {sig}\n", sdk_app_id=APP, secret_key=KEY)
    assert told.valid and told.app_matches and told.key_matches and told.identifier == "u"
    assert told.private_map is not None and (told.private_map.room_id, told.private_map.privilege_map) == (7, 3)
    wrong = user_sig_inspect(sig, sdk_app_id=1, secret_key="another")
    assert (wrong.valid, wrong.app_matches, wrong.key_matches) == (False, False, False)
    assert user_sig_inspect(sig).key_matches is None
    vendors = TLSSigAPIv2.TLSSigAPIv2(APP, KEY).gen_sig("v", 60)
    assert user_sig_inspect(vendors, secret_key=KEY).key_matches


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: user_sig_new(0, "u", KEY, 60), "sdk_app_id: 0"),
        (lambda: user_sig_new(APP, "", KEY, 60), "identifier is empty"),
        (lambda: user_sig_new(APP, "u\n", KEY, 60), "control character"),
        (lambda: user_sig_new(APP, "u", "canary key", 60), "secret_key"),
        (lambda: user_sig_new(APP, "u", KEY, 0), "lifetime_s: 0"),
        (lambda: private_map_key_new(APP, "u", KEY, 60), "which room"),
        (lambda: private_map_key_new(APP, "u", KEY, 60, room_id=1, string_room_id="a"), "both given"),
        (lambda: user_sig_inspect("canary"), "no UserSig"),
    ],
)
def test_what_cannot_be_is_refused_by_name_and_without_a_secret(make: Any, says: str) -> None:
    with pytest.raises(InvalidArgumentError, match=says) as caught:
        make()
    assert "canary" not in str(caught.value) and KEY not in str(caught.value)
