"""What a caller may hand in wrongly, and how it is told: before anything is sent, naming the argument, never its value."""

from __future__ import annotations

import json
import math
from collections import OrderedDict
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Dict

import pytest
from scene import CREATE, USER, create, group_names

from tencent_chat import CallTimeoutError, Client, ConfigError, InvalidArgumentError, InvalidUtf8Error, codes
from tencent_chat.testing import Emulator

STRINGS = [
    "region",
    "base_url",
    "identifier",
    "secret_key",
    "user_sig",
    "proxy",
    "user_agent",
    "ca_file",
    "add_ca_file",
]
GOOD: Dict[str, Any] = {
    "base_url": "https://localhost",
    "sdk_app_id": 1400000000,
    "identifier": "administrator",
    "secret_key": "k",
}


def settings(**changes: Any) -> Dict[str, Any]:
    """Settings that are refused for the change alone."""
    made = {**GOOD, **changes}
    if "region" in changes:
        del made["base_url"]
    if "user_sig" in changes:
        del made["secret_key"]
    return made


def test_the_settings_of_these_tests_are_good() -> None:
    Client(**GOOD).close()


@pytest.mark.parametrize("name", STRINGS)
def test_a_nul_in_a_setting_is_refused_without_telling_the_value(name: str) -> None:
    with pytest.raises(ValueError) as caught:
        Client(**settings(**{name: "canary\0"}))
    assert isinstance(caught.value, InvalidArgumentError)
    assert name in str(caught.value) and "NUL" in str(caught.value) and "canary" not in str(caught.value)


@pytest.mark.parametrize("name", STRINGS)
def test_a_lone_surrogate_in_a_setting_is_refused_without_telling_the_value(name: str) -> None:
    with pytest.raises(ValueError) as caught:
        Client(**settings(**{name: "canary\udc80"}))
    error = caught.value
    assert isinstance(error, InvalidUtf8Error) and error.code == codes.ERR_INVALID_UTF8
    assert name in str(error) and "U+DC80" in str(error) and "canary" not in str(error)
    assert error.__cause__ is None and error.__context__ is None


@pytest.mark.parametrize("name", STRINGS)
@pytest.mark.parametrize("value", [b"bytes", 5, True])
def test_a_setting_that_is_no_string_is_a_type_error(name: str, value: object) -> None:
    with pytest.raises(TypeError):
        Client(**settings(**{name: value}))


@pytest.mark.parametrize("name", ["sdk_app_id", "max_connections", "user_sig_lifetime"])
@pytest.mark.parametrize("value", ["5", 5.0, True, b"5"])
def test_a_setting_that_is_no_integer_is_a_type_error(name: str, value: object) -> None:
    with pytest.raises(TypeError, match=name):
        Client(**settings(**{name: value}))


@pytest.mark.parametrize("name", ["sdk_app_id", "max_connections", "user_sig_lifetime"])
@pytest.mark.parametrize("value", [-1, 0, 2**32, 2**64])
def test_an_integer_out_of_range_is_refused_and_not_cut(name: str, value: int) -> None:
    with pytest.raises(InvalidArgumentError, match=name):
        Client(**settings(**{name: value}))


@pytest.mark.parametrize("name", ["timeout", "connect_timeout"])
@pytest.mark.parametrize("value", [0, -1, 0.0, math.nan, math.inf, 1e10])
def test_a_timeout_that_is_no_span_of_time_is_refused(name: str, value: float) -> None:
    with pytest.raises(InvalidArgumentError, match=name):
        Client(**settings(**{name: value}))


@pytest.mark.parametrize("name", ["timeout", "connect_timeout"])
@pytest.mark.parametrize("value", ["1", None, True])
def test_a_timeout_that_is_no_number_is_a_type_error(name: str, value: object) -> None:
    with pytest.raises(TypeError, match=name):
        Client(**settings(**{name: value}))


@pytest.mark.parametrize("name", ["allow_insecure_http", "local_limits"])
@pytest.mark.parametrize("value", [1, None, "yes"])
def test_a_switch_that_is_no_bool_is_a_type_error(name: str, value: object) -> None:
    with pytest.raises(TypeError, match=name):
        Client(**settings(**{name: value}))


@pytest.mark.parametrize("arguments", [("a\0", "g"), ("a", "g\0h"), ("a\udfff", "g"), ("a", "g\ud800")])
def test_text_that_c_would_cut_is_refused_and_not_sent(emulator: Emulator, client: Client, arguments: Any) -> None:
    with pytest.raises(ValueError) as caught:
        client.del_contact_group(*arguments)
    assert isinstance(caught.value, InvalidArgumentError)
    assert emulator.requests() == []


@pytest.mark.parametrize("arguments", [(b"a", "g"), ("a", b"g"), ("a", None), (None, "g"), ("a", 5), ("a", ["g"])])
def test_a_name_that_is_no_string_is_a_type_error(emulator: Emulator, client: Client, arguments: Any) -> None:
    with pytest.raises(TypeError):
        client.del_contact_group(*arguments)
    assert emulator.requests() == []


@pytest.mark.parametrize("body", ["{}", b"{}", [], 5, [("a", 1)]])
def test_a_body_that_is_no_mapping_is_a_type_error(emulator: Emulator, client: Client, body: Any) -> None:
    with pytest.raises(TypeError, match="body"):
        client.call(CREATE, body)
    assert emulator.requests() == []


@pytest.mark.parametrize(
    "value, kind", [(math.nan, ValueError), (math.inf, ValueError), (object(), TypeError), ({1}, TypeError)]
)
def test_what_has_no_place_in_json_is_refused(emulator: Emulator, client: Client, value: object, kind: Any) -> None:
    with pytest.raises(kind):
        client.call(CREATE, {"a": value})
    assert emulator.requests() == []


def test_a_lone_surrogate_in_a_body_is_refused(emulator: Emulator, client: Client) -> None:
    with pytest.raises(InvalidUtf8Error, match="body"):
        client.call(CREATE, {"a": ["\ud800"]})
    assert emulator.requests() == []


def test_a_nul_in_a_body_reaches_the_service(emulator: Emulator, client: Client) -> None:
    client.call(CREATE, {"From_Account": USER, "GroupContactItem": [{"GroupName": "a\0b"}]})
    assert "a\\u0000b" in emulator.requests()[-1]["body"]


@pytest.mark.parametrize(
    "options", [{"timeout": "1"}, {"random": 1.0}, {"random": True}, {"cancel": object()}, {"cancel": True}]
)
def test_an_option_of_a_wrong_type_is_a_type_error(emulator: Emulator, client: Client, options: Any) -> None:
    with pytest.raises(TypeError, match=next(iter(options))):
        client.del_contact_group(USER, "g", **options)
    assert emulator.requests() == []


@pytest.mark.parametrize(
    "options", [{"timeout": 0}, {"timeout": -0.1}, {"timeout": math.nan}, {"random": -1}, {"random": 2**32}]
)
def test_an_option_out_of_range_is_refused(emulator: Emulator, client: Client, options: Any) -> None:
    with pytest.raises(InvalidArgumentError, match=next(iter(options))):
        client.call(CREATE, {}, **options)
    assert emulator.requests() == []


@pytest.mark.parametrize(
    "value, kind",
    [("a\0", InvalidArgumentError), ("\ud800", InvalidUtf8Error), (b"k", TypeError), ("", InvalidArgumentError)],
)
@pytest.mark.parametrize("setter", ["set_secret_key", "set_user_sig"])
def test_a_refused_new_credential_leaves_the_old_one(client: Client, setter: str, value: Any, kind: Any) -> None:
    with pytest.raises(kind):
        getattr(client, setter)(value)
    client.call(CREATE, {"From_Account": USER, "GroupContactItem": [{"GroupName": "g"}]})


def test_the_generic_call_sends_any_mapping_as_it_is(emulator: Emulator, client: Client) -> None:
    body = {"From_Account": USER, "GroupContactItem": [{"GroupName": 'q"\\\u0007\U0001f600/設'}]}
    for mapping in (body, OrderedDict(body), MappingProxyType(body)):
        client.call(CREATE, mapping)
        assert json.loads(emulator.requests()[-1]["body"]) == body
        client.del_contact_group(USER, 'q"\\\u0007\U0001f600/設')


def test_a_timeout_below_a_millisecond_is_one(emulator: Emulator, client: Client) -> None:
    emulator.fault(hang=True)
    with pytest.raises(CallTimeoutError):
        client.del_contact_group(USER, "g", timeout=0.0001)


def test_keep_alive_authorities_of_the_system_and_a_client_certificate_are_taken_or_refused_by_name(
    emulator: Emulator, tmp_path: Path
) -> None:
    with emulator.client(tcp_keepalive=30) as client, emulator.client(tcp_keepalive=timedelta(seconds=30)) as other:
        create(client, "g")
        assert group_names(other) == ["g"]
    with pytest.raises(InvalidArgumentError, match="tcp_keepalive"):
        emulator.client(tcp_keepalive=40000)
    with pytest.raises(ConfigError):
        emulator.client(system_ca=True, ca_file=emulator.ca_file)
    missing = tmp_path / "missing.pem"
    with pytest.raises(ConfigError, match=r"missing\.pem"):
        emulator.client(client_certificate=(missing, missing))
    for name, wrong in (("client_certificate", str(missing)), ("system_ca", 1), ("tcp_keepalive", 1.5), ("idle_timeout", "1")):
        with pytest.raises(TypeError, match=name):
            emulator.client(**{name: wrong})


@pytest.mark.parametrize(
    "options, kind, named",
    [
        ({"max_attempts": 0}, InvalidArgumentError, "max_attempts"),
        ({"max_attempts": 11}, InvalidArgumentError, "max_attempts"),
        ({"max_attempts": -1}, InvalidArgumentError, "max_attempts"),
        ({"attempt_timeout": 0}, InvalidArgumentError, "attempt_timeout"),
        ({"connect_timeout": 0}, InvalidArgumentError, "connect_timeout"),
        ({"max_attempts": "3"}, TypeError, "max_attempts"),
        ({"attempt_timeout": "3"}, TypeError, "attempt_timeout"),
        ({"repeat_in_doubt": 1}, TypeError, "repeat_in_doubt"),
    ],
    ids=str,
)
def test_a_wrong_option_is_refused_by_name_before_any_call(
    client: Client, options: Dict[str, Any], kind: Any, named: str
) -> None:
    with pytest.raises(kind, match=named):
        client.with_options(**options)
