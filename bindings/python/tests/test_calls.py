"""What the two calls promise when the service answers: what is sent, what comes back, what each option does."""

from __future__ import annotations

import dataclasses
import json
import pickle
from collections import OrderedDict
from types import MappingProxyType

import pytest
from scene import CREATE, DELETE, PATIENT, USER, Keeper, Running, create, keeper

import tencent_chat
from tencent_chat import CallTimeoutError, CancelledError, CancelToken, Client, ContactGroup, codes
from tencent_chat.testing import Emulator


def test_a_response_tells_how_the_call_went(client: Client) -> None:
    create(client, "g")
    response = client.del_contact_group(USER, "g").response
    assert (response.code, response.http_status, response.attempts) == (codes.OK, 200, 1)
    assert (response.is_retriable, response.is_in_doubt, response.retry_after) == (False, False, 0.0)
    assert response.json() == json.loads(response.body)
    assert response.json()["GroupItem"] == [{"GroupName": "g", "GroupId": 1}]
    assert len(response.trace) == 1 and isinstance(response.trace[0], dict)


def test_results_are_values_that_cannot_be_changed(client: Client) -> None:
    create(client, "g")
    result = client.del_contact_group(USER, "g")
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.response.code = 1  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.groups[0].id = 2  # type: ignore[misc]
    result.response.trace.clear()
    assert len(result.response.trace) == 1
    assert pickle.loads(pickle.dumps(result)) == result
    assert len({result, result}) == 1


def test_the_connection_is_kept(emulator: Emulator, client: Client) -> None:
    create(client, "a", "b", "c")
    assert len({request["connection"] for request in emulator.requests()}) == 1


def test_the_generic_call_sends_any_mapping_as_it_is(emulator: Emulator, client: Client) -> None:
    body = {"From_Account": USER, "GroupContactItem": [{"GroupName": 'q"\\\u0007\U0001f600/設'}]}
    for mapping in (body, OrderedDict(body), MappingProxyType(body)):
        client.call(CREATE, mapping)
        assert json.loads(emulator.requests()[-1]["body"]) == body
        client.del_contact_group(USER, 'q"\\\u0007\U0001f600/設')


def test_the_generic_call_without_a_body_sends_an_empty_object(emulator: Emulator, client: Client) -> None:
    with pytest.raises(tencent_chat.ServiceError):
        client.call(DELETE)
    assert emulator.requests()[-1]["body"] == "{}"


@pytest.mark.parametrize(
    "items, groups",
    [
        ('[{"GroupName":"g","GroupId":"7"}]', (ContactGroup("g", 7),)),
        ('[{"GroupName":"g","GroupId":9007199254740993}]', (ContactGroup("g", 9007199254740993),)),
        ('[{"GroupName":"g","GroupId":-9223372036854775808}]', (ContactGroup("g", -(2**63)),)),
        ('[{"GroupId":3,"Extra":{}}]', (ContactGroup("", 3),)),
        ("null", ()),
    ],
)
def test_the_groups_of_an_answer_are_read_however_they_are_written(items: str, groups: object) -> None:
    answer = f'{{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","GroupItem":{items}}}'.encode()
    with keeper(lambda _path: answer) as server, _client_of(server) as client:
        assert client.del_contact_group(USER, "g").groups == groups


def test_a_random_not_given_differs_from_call_to_call_and_is_told(emulator: Emulator, client: Client) -> None:
    drawn = [
        client.call("v4/recentcontact/get_contact_group", {"From_Account": USER, "StartIndex": 0}).random for _ in range(8)
    ]
    assert [str(random) for random in drawn] == [request["query"]["random"] for request in emulator.requests()]
    assert len(set(drawn)) > 1


def test_a_timeout_below_a_millisecond_is_one(emulator: Emulator, client: Client) -> None:
    emulator.fault(hang=True)
    with pytest.raises(CallTimeoutError):
        client.del_contact_group(USER, "g", timeout=0.0001)


def test_one_token_ends_many_calls_and_no_other(emulator: Emulator) -> None:
    emulator.fault(hang=True, times=3)
    token = CancelToken()
    with emulator.client(**PATIENT) as client:
        carrying = [Running(lambda: client.del_contact_group(USER, "g", cancel=token)) for _ in range(2)]
        other = Running(lambda: client.del_contact_group(USER, "g"))
        emulator.wait_for_requests(3)
        token.trigger()
        assert all(isinstance(call.error(), CancelledError) for call in carrying)
        assert other.is_running
        client.shutdown()
        assert isinstance(other.error(), tencent_chat.ShutdownError)


def _client_of(server: Keeper) -> Client:
    return Client(base_url=server.url, sdk_app_id=1400000000, identifier="administrator", secret_key="k" * 64)
