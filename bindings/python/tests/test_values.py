"""The package's own values: results that are read when they are looked at, and what the standard frozen dataclass does."""

from __future__ import annotations

import copy
import dataclasses
import enum
import inspect
import json
import os
import pickle
import re
import sys
import threading
import warnings
import weakref
from typing import Any, Callable, List

import pytest
from scene import CREATE, REPOSITORY, USER, Running, answering, create

import tencent_chat
from tencent_chat import (
    Account,
    AccountCheckResult,
    AccountResult,
    BulkItem,
    BulkResult,
    Client,
    Contact,
    ContactGroup,
    DelContactGroupResult,
    GroupNotFoundError,
    InvalidArgumentError,
    Mark,
    Response,
    Stats,
)
from tencent_chat.testing import Emulator

HEADER = (REPOSITORY / "include" / "tencent_chat.h").read_text(encoding="utf-8")
FRIEND = Contact.one_to_one("friend")
BODY = '{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","GroupItem":[{"GroupName":"g","GroupId":7}]}'


def deleted() -> DelContactGroupResult:
    """A result that nobody has looked at, of a client that is gone."""
    with answering(BODY) as client:
        return client.del_contact_group(USER, "g")


def test_a_result_can_be_looked_at_when_its_client_is_gone() -> None:
    result = deleted()
    assert result.groups == (ContactGroup("g", 7),)
    assert result.response.body == BODY and result.response.http_status == 200
    assert (result.response.code, result.response.message, result.response.attempts) == (0, "", 1)


def test_a_result_may_be_looked_at_first_by_any_thread_and_by_many_at_once() -> None:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(20):
            result, start = deleted(), threading.Barrier(8)

            def look(result: Any = result, start: threading.Barrier = start) -> Any:
                start.wait()
                return result.groups, result.response.body, result.already_deleted

            for looking in [Running(look) for _ in range(8)]:
                assert looking.end() == ((ContactGroup("g", 7),), BODY, False)
    finally:
        sys.setswitchinterval(interval)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork() here")
def test_a_result_can_be_looked_at_first_in_a_forked_child() -> None:
    result = deleted()
    child = os.fork()
    if child == 0:
        os._exit(0 if result.groups[0].id == 7 and result.response.body == BODY else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert result.groups[0].id == 7


@pytest.mark.parametrize(
    "way",
    [lambda value: pickle.loads(pickle.dumps(value)), copy.copy, copy.deepcopy],
    ids=["pickle", "copy", "deepcopy"],
)
def test_what_nobody_looked_at_is_copied_whole(way: Callable[[Any], Any]) -> None:
    result = deleted()
    copied = way(result)
    assert copied == result and copied.groups[0].name == "g" and copied.response == result.response
    assert copied.response.trace[0]["random"] == result.response.random


def test_results_are_equal_by_what_was_answered_and_not_by_who_looked() -> None:
    result = deleted()
    same = DelContactGroupResult((ContactGroup("g", 7),), result.response)
    assert deleted().groups == result.groups and result == same and hash(result) == hash(same)
    assert result != DelContactGroupResult((), result.response) and result != (result.groups, result.response)


def test_a_result_shows_its_fields_and_not_the_answer_beside_them() -> None:
    assert repr(deleted()) == "DelContactGroupResult(groups=(ContactGroup(name='g', id=7),))"
    assert "GroupItem" not in repr(deleted().response)
    assert repr(Account("u", nick="n")) == "Account(user_id='u', nick='n', face_url=None)"


def test_a_result_has_a_view_of_its_data_alone(emulator: Emulator, client: Client) -> None:
    client.create_contact_group(USER, "g", [FRIEND])
    page = client.get_contact_group(USER)
    (entry,) = page.entries
    assert page.as_dict() == {
        "entries": [
            {
                "contact": {"type": 1, "id": "friend"},
                "standard_mark": entry.standard_mark,
                "marks": [],
                "custom_mark": "",
                "group_ids": [1],
                "group_names": ["g"],
                "timestamp": entry.timestamp,
            }
        ],
        "groups": [{"name": "g", "id": 1}],
        "complete": True,
        "next_start_index": page.next_start_index,
    }
    response = page.response.as_dict()
    assert response["body"] == page.response.body and all(name[0] != "_" for name in response)
    failure = BulkItem(0, "", "failed", InvalidArgumentError(-1, "too short"))
    run = BulkResult(failed=1, failed_by_code={-1: 1}, failures=(failure,))
    told = run.as_dict()
    assert told["failed_by_code"] == {-1: 1} and told["failures"][0]["error"] == "[-1] too short"
    for value in (page, run, deleted(), page.response):
        assert json.loads(json.dumps(value.as_dict())) and "response" not in value.as_dict()


def test_orjson_writes_a_result_that_nobody_has_looked_at() -> None:
    import orjson

    written = json.loads(orjson.dumps(deleted()))
    assert written["groups"] == [{"name": "g", "id": 7}]
    assert written["response"]["body"] == BODY and written["response"]["attempts"] == 1
    assert json.loads(orjson.dumps(deleted().as_dict())) == {"groups": [{"name": "g", "id": 7}]}


@pytest.mark.skipif(sys.version_info < (3, 10), reason="dataclasses have slots from Python 3.10 on")
def test_values_hold_their_fields_and_nothing_else() -> None:
    for value in (deleted(), deleted().response, FRIEND):
        assert type(value).__slots__ == value.__match_args__ and weakref.ref(value)() is value
        assert vars(value) == {name: getattr(value, name) for name in value.__match_args__}


def test_what_is_only_half_made_can_be_shown() -> None:
    """As a debugger does, and whatever prints the variables of a traceback."""
    kinds = [getattr(tencent_chat, name) for name in tencent_chat.__all__]
    classes = [kind for kind in kinds if inspect.isclass(kind) and not issubclass(kind, enum.Enum)]
    for kind in [*classes, Emulator]:
        half = kind.__new__(kind)
        assert kind.__name__ in repr(half) and isinstance(str(half), str), kind
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            del half
    half = object.__new__(Client)
    assert repr(half) == "<tencent_chat.Client not made>"


def test_results_for_fakes_need_no_more_than_what_a_test_is_about() -> None:
    assert DelContactGroupResult().groups == () and not DelContactGroupResult().already_deleted
    assert DelContactGroupResult(response=Response(is_already_deleted=True)).already_deleted
    assert AccountCheckResult((AccountResult("u", account_status="Imported"),)).items[0].is_imported
    assert Response().code == 0 and Response(code=51009).message == "" and Response().trace == []
    assert GroupNotFoundError(51009, "gone", Response(51009, is_in_doubt=True)).is_in_doubt
    assert tencent_chat.ContactGroupEntry(FRIEND, group_names=("g",)).timestamp == 0


def test_a_name_that_a_result_does_not_have_is_an_attribute_error() -> None:
    result = deleted()
    for _ in range(2):
        with pytest.raises(AttributeError, match="no attribute 'grups'"):
            result.grups  # type: ignore[attr-defined] # noqa: B018
    assert not hasattr(result.response, "bodi") and result.groups


@pytest.mark.parametrize(
    "make, complaint",
    [
        (lambda: Contact(1), "missing 1 required positional argument: 'id'"),  # type: ignore[call-arg]
        (lambda: Contact(1, "u", "v"), "takes 3 positional arguments but 4 were given"),  # type: ignore[call-arg]
        (lambda: Contact(1, type=2), "multiple values for argument 'type'"),  # type: ignore
        (lambda: Contact(1, "u", kind=2), "unexpected keyword argument 'kind'"),  # type: ignore[call-arg]
        (lambda: Account(), "missing 1 required positional argument: 'user_id'"),  # type: ignore[call-arg]
    ],
)
def test_a_value_made_with_wrong_arguments_is_a_type_error(make: Callable[[], object], complaint: str) -> None:
    with pytest.raises(TypeError, match=complaint):
        make()


def test_values_are_made_by_place_by_name_and_by_default() -> None:
    assert Account("u", face_url="f") == Account(user_id="u", nick=None, face_url="f") == Account("u", None, "f")
    assert Mark(FRIEND).set_mark == () and Mark(contact=FRIEND, set_mark=[1]).set_mark == (1,)


def test_values_cannot_be_changed() -> None:
    for value in (deleted(), deleted().response, FRIEND):
        for name in (dataclasses.fields(value)[0].name, "other"):
            with pytest.raises(dataclasses.FrozenInstanceError, match=name):
                setattr(value, name, 1)
            with pytest.raises(dataclasses.FrozenInstanceError, match=name):
                delattr(value, name)
    with pytest.raises(AttributeError):
        FRIEND.id = "another"  # type: ignore[misc]


def test_the_tools_of_dataclasses_work_on_values() -> None:
    assert dataclasses.is_dataclass(Contact) and dataclasses.is_dataclass(deleted())
    assert dataclasses.replace(FRIEND, id="foe") == Contact.one_to_one("foe")
    assert dataclasses.asdict(Mark(FRIEND, [3])) == {
        "contact": {"type": 1, "id": "friend"},
        "set_mark": (3,),
        "clear_mark": (),
        "custom_mark": None,
    }
    assert dataclasses.astuple(deleted())[0] == (("g", 7),)
    assert [field.name for field in dataclasses.fields(AccountCheckResult)] == ["items", "responses"]
    assert [field.repr for field in dataclasses.fields(AccountCheckResult)] == [True, False]
    assert str(inspect.signature(Account)).startswith("(user_id: 'str', nick: 'Optional[str]' = None")
    if hasattr(copy, "replace"):
        assert copy.replace(FRIEND, id="foe") == Contact.one_to_one("foe")


def test_a_class_of_the_users_own_may_inherit_a_value() -> None:
    class Named(Contact):
        """With a name beside its fields."""

        def __init__(self, id: str, name: str) -> None:
            super().__init__(1, id)
            self.name = name

    @dataclasses.dataclass(frozen=True)
    class Known(Contact):
        """One field more."""

        since: int = 0

    named = Named("friend", "F")
    assert (named.id, named.name) == ("friend", "F") and named != FRIEND
    with pytest.raises(dataclasses.FrozenInstanceError):
        named.id = "foe"  # type: ignore[misc]
    assert Known(1, "friend", since=5) == Known(1, "friend", 5) != Known(1, "friend")
    assert repr(Known(1, "friend")).endswith("Known(type=1, id='friend', since=0)")


def test_the_response_of_a_failed_call_is_whole(client: Client) -> None:
    with pytest.raises(GroupNotFoundError) as caught:
        client.del_contact_group(USER, "none")
    response = caught.value.response
    assert response is not None
    client.close()
    assert response.code == 51009 and response.attempts == 1 and response.json()["ErrorCode"] == 51009


def test_a_response_is_read_field_by_field(emulator: Emulator, client: Client) -> None:
    create(client, "g")
    response = client.del_contact_group(USER, "g").response
    told: List[object] = [response.is_retriable, response.retry_after, response.random, response.body, response.trace]
    assert told == [response.is_retriable, response.retry_after, response.random, response.body, response.trace]
    assert told[:2] == [False, 0.0] and str(told[2]) == emulator.requests()[-1]["query"]["random"]


def test_a_snapshot_does_not_change(client: Client) -> None:
    before = client.stats()
    create(client, "g")
    after = client.stats()
    assert (before["calls_ok"], after["calls_ok"]) == (0, 1)
    assert CREATE not in before.prometheus and f'command="{CREATE}"}} 1\n' in after.prometheus
    with pytest.raises(TypeError):
        after["calls"] = 5  # type: ignore[index]
    with pytest.raises(KeyError):
        after["no such counter"]
    again = pickle.loads(pickle.dumps(after))
    assert isinstance(again, Stats) and again == after and again.prometheus == after.prometheus
    assert repr(after) == f"Stats({dict(after)})"


def test_the_names_are_those_that_the_header_and_the_docs_explain(client: Client) -> None:
    (explained,) = re.findall(r"/\*\*\n \* A client's counters at one moment, and.*?\*/", HEADER, flags=re.DOTALL)
    named = set(re.findall(r"`(\w+)`", explained)) - {"uint64_t", "latency_le_1_ms", "latency_le_inf"}
    names = set(client.stats())
    assert named == {name for name in names if not name.startswith("latency_le_")}
    buckets = [int(name.split("_")[2]) for name in client.stats() if re.fullmatch(r"latency_le_\d+_ms", name)]
    assert buckets == [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000]
    assert all(f"``{name}``" in (Stats.__doc__ or "") for name in named)
