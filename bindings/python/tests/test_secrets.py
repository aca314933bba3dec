"""Key, signature and proxy password appear in nothing that a program might print, log or export, under every fault.
The canaries are looked for as they are, percent-encoded and in base64.
"""

from __future__ import annotations

import base64
import traceback
import urllib.parse
from pathlib import Path
from typing import Any, Dict, List, Optional

import pytest
from scene import USER, awaited, keeper

import tencent_chat
from tencent_chat import AsyncClient, ChatError, Client
from tencent_chat.testing import Emulator

KEY = "canary-key-3f9d1e"
PASSWORD = "canary-password-77aa"


def shown(error: BaseException) -> str:
    """All that a program might show of an exception."""
    parts = [str(error), repr(error), *traceback.format_exception(type(error), error, error.__traceback__)]
    if isinstance(error, ChatError) and error.response is not None:
        response = error.response
        parts += [repr(response), response.message, response.body, repr(response.trace), repr(vars(error))]
    return "\n".join(parts)


def spellings(secret: str) -> List[str]:
    return [secret, urllib.parse.quote(secret, safe=""), base64.b64encode(secret.encode()).decode().rstrip("=")]


def assert_hidden(text: str, *secrets: str) -> None:
    for secret in secrets:
        for spelling in spellings(secret):
            assert spelling not in text


def test_a_connection_that_cannot_be_made_tells_no_secret(emulator: Emulator) -> None:
    with keeper() as gone:
        url = gone.url
    proxy = url.replace("http://", f"http://user:{PASSWORD}@")
    for settings in ({"base_url": url}, {"ca_file": None}, {"proxy": proxy}, {"proxy": proxy, "base_url": url}):
        with emulator.client(**{"secret_key": KEY, **settings}) as client, pytest.raises(ChatError) as caught:
            client.del_contact_group(USER, "g")
        assert_hidden(shown(caught.value) + repr(client), KEY, PASSWORD, f"user:{PASSWORD}")


def test_a_client_shows_who_it_is_and_no_secret(emulator: Emulator) -> None:
    with emulator.client(secret_key=KEY, proxy=f"http://user:{PASSWORD}@localhost:1") as client:
        text = repr(client) + str(client) + repr(vars(client))
    assert "administrator" in text and "1400000000" in text
    assert_hidden(text, KEY, PASSWORD)


def variables(error: BaseException) -> str:
    """All that a tool which prints the variables of a traceback shows of the package's own frames."""
    shown_frames: List[str] = []
    chained: Optional[BaseException] = error
    while chained is not None:
        for frame, _line in traceback.walk_tb(chained.__traceback__):
            if frame.f_code.co_filename.startswith(str(Path(tencent_chat.__file__).parent)):
                shown_frames.append(f"{frame.f_code.co_name}: {frame.f_locals!r} {list(map(repr, frame.f_locals.values()))}")
        chained = chained.__cause__ or chained.__context__
    return "\n".join(shown_frames)


SECRET = {"secret_key": KEY, "proxy": f"http://user:{PASSWORD}@localhost:1"}
LIMIT = ("redis://user:" + PASSWORD + "@localhost:1/0", "calls")


@pytest.mark.parametrize(
    "settings",
    [
        {**SECRET, "timeout": -1},
        {**SECRET, "timeout": "5"},
        {**SECRET, "logger": 5},
        {**SECRET, "ca_file": "/nowhere/ca.pem"},
        {**SECRET, "region": "atlantis"},
        {**SECRET, "no_such_setting": 1},
        {**SECRET, "user_agent": "\n"},
        {**SECRET, "add_ca_file": [5]},
        {"secret_key": KEY + "\0"},
        {"secret_key": KEY + "\udc80"},
        {"secret_key": KEY.encode()},
        {"secret_key": [KEY]},
        {"user_sig": KEY + "?"},
        {"user_sig": (KEY,)},
        {"secret_key": "k", "shared_limit": LIMIT},
        {"secret_key": "k", "shared_limit": (*LIMIT, 5)},
        {"secret_key": "k", "shared_limit": (LIMIT[0], "c\0")},
        {"secret_key": "k", "proxy": f"socks5://user:{PASSWORD}@localhost:1"},
        {"secret_key": "k", "proxy": f"http://user:{PASSWORD}@localhost\0"},
        {"secret_key": "k", "base_url": f"https://user:{PASSWORD}@localhost"},
        {"secret_key": "k", "standby_url": f"https://user:{PASSWORD}@localhost"},
    ],
    ids=str,
)
@pytest.mark.parametrize("make", ["Client", "AsyncClient", "emulator.client", "emulator.async_client"])
def test_a_traceback_that_shows_variables_shows_no_secret(emulator: Emulator, settings: Dict[str, Any], make: str) -> None:
    app: Dict[str, Any] = {"sdk_app_id": 1, "identifier": "administrator"}
    if "region" not in settings and "base_url" not in settings:
        app["base_url"] = "http://127.0.0.1:1"
    kinds: Dict[str, Any] = {"Client": Client, "AsyncClient": AsyncClient}
    of_the_emulator: Any = {"emulator.client": emulator.client, "emulator.async_client": emulator.async_client}
    with pytest.raises(Exception) as caught:
        {**kinds, **of_the_emulator}[make](**app, **settings)
    assert_hidden(variables(caught.value) + shown(caught.value), KEY, PASSWORD)


@pytest.mark.parametrize("wrong", [KEY + " ?", KEY + "\0", KEY + "\udc80", KEY.encode(), [KEY]], ids=ascii)
def test_a_traceback_of_a_refused_new_credential_shows_no_secret(emulator: Emulator, wrong: Any) -> None:
    client, awaited_client = emulator.client(), emulator.async_client()
    for setter in (client.set_secret_key, client.set_user_sig):
        with pytest.raises((ChatError, TypeError)) as caught:
            setter(wrong)
        assert_hidden(variables(caught.value) + shown(caught.value), KEY)
    for awaitable in (awaited_client.set_secret_key, awaited_client.set_user_sig):
        with pytest.raises((ChatError, TypeError)) as caught:
            awaited(lambda awaitable=awaitable: awaitable(wrong))
        assert_hidden(variables(caught.value) + shown(caught.value), KEY)
    client.close()
    with pytest.raises(ChatError) as caught:
        client.set_secret_key(KEY)
    assert_hidden(variables(caught.value) + shown(caught.value), KEY)
    awaited(awaited_client.close)
