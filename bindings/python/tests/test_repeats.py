"""When a call is repeated and when not, what that does to its result, and what `with_options` and the rate limit change."""

from __future__ import annotations

import asyncio
import gc
import socket
import time
from typing import Any, Callable, Dict, List

import pytest
from scene import CREATE, DELETE, PATIENT, USER, Running, create, group_names, keeper

from tencent_chat import (
    CallTimeoutError,
    Client,
    ConfigError,
    Contact,
    GroupNotFoundError,
    InvalidArgumentError,
    ServiceError,
    ShutdownError,
    ThrottledError,
    TransportError,
    codes,
)
from tencent_chat.testing import Emulator

GET = "v4/recentcontact/get_contact_group"
APP: Dict[str, Any] = {"sdk_app_id": 1400000000, "identifier": "administrator", "secret_key": "k" * 64}


@pytest.mark.parametrize("code", [50004, 50005, 60008, 60013, 60014, 70169, 70202, 70500])
def test_a_passing_error_of_the_service_is_not_seen(emulator: Emulator, client: Client, code: int) -> None:
    emulator.fault(code=code, times=2)
    response = client.get_contact_group(USER).response
    assert response.attempts == len(emulator.requests()) == 3
    assert [attempt["code"] for attempt in response.trace] == [code, code, 0]
    assert [str(attempt["random"]) for attempt in response.trace] == [
        request["query"]["random"] for request in emulator.requests()
    ]


@pytest.mark.parametrize("code", [50002, 50003, 51011, 60021, 70009, 70050])
def test_what_a_repeat_would_not_change_is_told_at_once(emulator: Emulator, client: Client, code: int) -> None:
    emulator.fault(code=code, times=0)
    with pytest.raises(ServiceError) as caught:
        client.get_contact_group(USER)
    assert caught.value.code == code and len(emulator.requests()) == 1


@pytest.mark.parametrize("most", [1, 2, 5])
def test_a_call_is_tried_as_often_as_the_client_or_the_call_says(emulator: Emulator, most: int) -> None:
    emulator.fault(code=50004, times=0)
    with emulator.client(max_attempts=most) as client, emulator.client() as plain:
        for caller in (client, plain.with_options(max_attempts=most)):
            before = len(emulator.requests())
            with pytest.raises(ServiceError) as caught:
                caller.get_contact_group(USER)
            assert caught.value.response is not None and caught.value.response.attempts == most
            assert len(emulator.requests()) - before == most


def test_a_delete_whose_answer_was_lost_succeeds_as_already_deleted(emulator: Emulator, client: Client) -> None:
    create(client, "g", "kept")
    plain = client.del_contact_group(USER, "kept")
    assert not plain.already_deleted and not plain.response.is_already_deleted
    emulator.fault(drop="reset", applied=True)
    result = client.del_contact_group(USER, "g")
    assert result.already_deleted and result.response.is_already_deleted
    assert (result.groups, result.response.code, result.response.is_in_doubt) == ((), codes.OK, False)
    assert [attempt["code"] for attempt in result.response.trace] == [codes.ERR_TRANSPORT, codes.SERVICE_GROUP_NOT_FOUND]
    assert group_names(client) == []


def test_a_group_that_was_never_there_stays_an_error(emulator: Emulator, client: Client) -> None:
    for fault in ({}, {"code": 50004}):
        if fault:
            emulator.fault(**fault)
        with pytest.raises(GroupNotFoundError) as caught:
            client.del_contact_group(USER, "g")
        assert caught.value.response is not None and not caught.value.response.is_already_deleted


#: Calls that are not sent twice unless they are told to be: what they do twice is not what they do once.
ONCE: List[Callable[[Client], Any]] = [
    lambda client: client.create_contact_group(USER, "g"),
    lambda client: client.account_delete(["user_0002"]),
    lambda client: client.call(GET, {"From_Account": USER, "StartIndex": 0}),
]


@pytest.mark.parametrize("act", ONCE, ids=["create_contact_group", "account_delete", "call"])
def test_a_call_in_doubt_is_sent_again_only_where_it_may_be(
    emulator: Emulator, client: Client, act: Callable[[Client], Any]
) -> None:
    emulator.fault(drop="fin")
    with pytest.raises(TransportError) as caught:
        act(client)
    assert caught.value.is_in_doubt and len(emulator.requests()) == 1
    emulator.fault(drop="fin")
    act(client.with_options(repeat_in_doubt=True))
    assert len(emulator.requests()) == 3


def test_a_call_that_may_be_sent_twice_is_not_when_it_is_told_so(emulator: Emulator, client: Client) -> None:
    emulator.fault(drop="fin", times=2)
    with pytest.raises(TransportError):
        client.with_options(repeat_in_doubt=False).del_contact_group(USER, "g")
    assert len(emulator.requests()) == 1
    client.get_contact_group(USER)
    assert len(emulator.requests()) == 3


def test_an_attempt_that_takes_too_long_makes_room_for_another(emulator: Emulator) -> None:
    with emulator.client(**{**PATIENT, "attempt_timeout": 0.3}) as hasty, emulator.client(**PATIENT) as patient:
        for caller in (hasty, patient.with_options(attempt_timeout=0.3)):
            emulator.fault(hang=True)
            response = Running(lambda caller=caller: caller.get_contact_group(USER)).end().response
            first, second = response.trace
            assert (first["code"], second["code"]) == (codes.ERR_TIMEOUT, 0)
            assert first["ms"] >= 300


def test_a_connect_timeout_of_a_call_ends_a_handshake_that_hangs() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = f"https://127.0.0.1:{silent.getsockname()[1]}"
        with Client(base_url=place, connect_timeout=600.0, **PATIENT, **APP) as client:
            hasty = client.with_options(connect_timeout=0.3, max_attempts=1)
            begun = time.monotonic()
            error = Running(lambda: hasty.del_contact_group(USER, "g")).error()
            assert time.monotonic() - begun >= 0.3
            assert isinstance(error, CallTimeoutError) and not error.is_in_doubt


def test_a_client_with_options_is_the_same_client(emulator: Emulator) -> None:
    client = emulator.client()
    other = client.with_options(max_attempts=2).with_options(repeat_in_doubt=True)
    create(client, "a")
    create(other, "b")
    assert len({request["connection"] for request in emulator.requests()}) == 1
    assert client.stats() == other.stats() and repr(client) == repr(other)
    emulator.fault(drop="fin", times=0)
    with pytest.raises(TransportError) as caught:
        other.call(CREATE, {})
    assert caught.value.response is not None and caught.value.response.attempts == 2, "both differences hold"
    emulator.clear_faults()
    del client
    gc.collect()
    assert group_names(other) == ["a", "b"]
    other.close()
    with pytest.raises(ShutdownError, match="closed"):
        group_names(other)


def test_closing_one_of_them_closes_both(emulator: Emulator) -> None:
    client = emulator.client()
    with client.with_options(max_attempts=1):
        pass
    with pytest.raises(ShutdownError, match="closed"):
        group_names(client)


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


@pytest.mark.parametrize(
    "settings",
    [
        {"max_attempts": 0},
        {"max_attempts": 11},
        {"attempt_timeout": 0.0},
        {"rate_limit": 10001},
        {"standby_url": "mars"},
        {"shared_limit": ("mars", "n")},
        {"shared_limit_fallback": 10001},
    ],
    ids=str,
)
def test_a_wrong_setting_is_refused_by_name(settings: Dict[str, Any]) -> None:
    with pytest.raises(InvalidArgumentError, match=next(iter(settings))):
        Client(base_url="https://localhost", **APP, **settings)


def test_options_of_a_client_reach_parts_pages_and_awaited_calls(emulator: Emulator, client: Client) -> None:
    client.create_contact_group(USER, "g", [Contact.one_to_one("u")])
    once = client.with_options(max_attempts=1)

    async def awaited() -> None:
        async with emulator.async_client() as waiting:
            await waiting.with_options(max_attempts=1).get_contact_group(USER)

    uses: List[Callable[[], Any]] = [
        lambda: once.account_check([f"u{number}" for number in range(101)], split=True),
        lambda: list(once.contact_group_items(USER)),
        lambda: asyncio.run(awaited()),
    ]
    for use in uses:
        before = len(emulator.requests())
        emulator.fault(code=50004)
        with pytest.raises(ServiceError):
            use()
        assert len(emulator.requests()) - before == 1


def test_a_service_that_asks_to_slow_down_is_asked_again_after_a_second(emulator: Emulator, client: Client) -> None:
    emulator.fault(code=60007)
    begun = time.monotonic()
    assert client.get_contact_group(USER).response.attempts == 2
    assert time.monotonic() - begun >= 1.0
    assert client.stats()["throttle_answers"] == 1


def test_a_signature_that_was_revoked_is_replaced(emulator: Emulator, client: Client) -> None:
    group_names(client)
    emulator.revoke()
    response = client.get_contact_group(USER).response
    assert [attempt["code"] for attempt in response.trace] == [codes.SERVICE_USER_SIG_REVOKED, 0]
    assert client.stats()["re_signs"] == 1


def test_no_second_sees_more_calls_of_a_command_than_the_rate_limit(emulator: Emulator) -> None:
    with emulator.client(rate_limit=10) as client:
        for call in [Running(lambda: [group_names(client) for _ in range(4)]) for _ in range(6)]:
            call.end()
        seen = emulator.rates()[GET]
        assert seen["calls"] == 24 and seen["largest_second"] <= 10
        # Five leave at once, each of the others waits for its turn.
        assert client.stats()["rate_waits"] >= 14


def test_a_rate_limit_of_zero_is_none(emulator: Emulator) -> None:
    with emulator.client(rate_limit=0) as client:
        for call in [Running(lambda: [group_names(client) for _ in range(40)]) for _ in range(8)]:
            call.end()
        assert client.stats()["rate_waits"] == 0
    assert emulator.rates()[GET]["calls"] == 320


def test_a_call_whose_turn_lies_beyond_its_deadline_is_refused_at_once_with_a_pause(emulator: Emulator) -> None:
    with emulator.client(rate_limit=1) as client:
        group_names(client)
        call = lambda: client.call(GET, {"From_Account": USER, "StartIndex": 0}, timeout=0.2)
        with pytest.raises(ThrottledError) as caught:
            call()
        error = caught.value
        assert error.is_retriable and not error.is_in_doubt and 0 < error.retry_after <= 1.02
        assert error.response is not None and error.response.attempts == 0
        # Another command has a limit of its own.
        with pytest.raises(GroupNotFoundError):
            client.del_contact_group(USER, "g", timeout=5.0)
        time.sleep(error.retry_after + 0.01)
        assert call().code == codes.OK
        assert client.stats()["calls_throttled"] == 1
    assert [request["path"].strip("/") for request in emulator.requests()] == [GET, DELETE, GET]


def test_the_standby_of_a_place_is_called_when_nobody_answers_there(emulator: Emulator) -> None:
    with keeper() as gone:
        nowhere = gone.url
    with emulator.client(base_url=nowhere, standby_url=emulator.url) as client:
        response = client.get_contact_group(USER).response
        assert [bool(attempt.get("standby")) for attempt in response.trace] == [False, True]
        assert client.get_contact_group(USER).response.attempts == 1, "and is then called first"
        assert client.stats()["standby_attempts"] == 2


def test_the_standby_of_a_region_is_its_second_documented_host() -> None:
    # A proxy that lets nobody through, so that nothing leaves this machine.
    for use_standby, hosts in ((False, 1), (True, 2)):
        with keeper() as proxy, Client("singapore", proxy=proxy.url, use_standby=use_standby, **APP) as client:
            with pytest.raises(TransportError):
                client.del_contact_group(USER, "g")
            assert len(set(proxy.connects)) == hosts


@pytest.mark.parametrize(
    "settings",
    [
        {"region": "riyadh", "use_standby": True},
        {"base_url": "https://localhost", "use_standby": True},
        {"region": "china", "standby_url": "https://localhost"},
    ],
    ids=str,
)
def test_a_standby_where_there_can_be_none_is_a_config_error(settings: Dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="standby"):
        Client(**APP, **settings)
