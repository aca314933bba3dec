"""When a call is repeated and when not, what that does to its result, and what `with_options` and the rate limit change."""

from __future__ import annotations

import asyncio
import gc
from typing import Any, Callable, Dict, List

import pytest
from scene import CREATE, USER, create, group_names

from tencent_chat import Client, Contact, InvalidArgumentError, ServiceError, ShutdownError, TransportError
from tencent_chat.testing import Emulator


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

