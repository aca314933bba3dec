"""Conversation groups and marks: what is sent, what comes back, which items failed, what is refused without a request."""

from __future__ import annotations

import json
from typing import Any, Callable, Dict, Tuple

import pytest
from scene import USER, answering

from tencent_chat import (
    Client,
    Contact,
    ContactGroup,
    ContactResult,
    GroupNameTooLongError,
    GroupNotFoundError,
    InvalidArgumentError,
    InvalidParameterError,
    LimitReachedError,
    Mark,
    PartialError,
    PlanError,
    codes,
)
from tencent_chat.testing import Emulator

FRIEND = Contact.one_to_one("user_0002")
CHAT = Contact.group_chat("@TGS#1B2AUI7RZ")
GONE = Contact.group_chat("@TGS#GONE")
FRIEND_JSON = {"Type": 1, "To_Account": "user_0002"}
CHAT_JSON = {"Type": 2, "ToGroupId": "@TGS#1B2AUI7RZ"}


def sent(emulator: Emulator) -> Dict[str, Any]:
    """The body of the last request."""
    body: Dict[str, Any] = json.loads(emulator.requests()[-1]["body"])
    return body


def members(client: Client) -> Dict[str, Tuple[str, ...]]:
    """The user's grouped conversations and the names of their groups."""
    return {entry.contact.id: entry.group_names for entry in client.get_contact_group(USER).entries}


def test_a_group_is_created_with_its_conversations(emulator: Emulator, client: Client) -> None:
    made = client.create_contact_group(USER, "設計会議", [FRIEND, CHAT])
    assert made.group == ContactGroup("設計会議", 1)
    assert made.items == (ContactResult(FRIEND, 0, ""), ContactResult(CHAT, 0, ""))
    assert made.response.json()["GroupResultItem"][0]["GroupItem"]["GroupId"] == 1
    group = {"GroupName": "設計会議", "ContactItem": [FRIEND_JSON, CHAT_JSON]}
    assert sent(emulator) == {"From_Account": USER, "GroupContactItem": [group]}
    assert members(client) == {FRIEND.id: ("設計会議",), CHAT.id: ("設計会議",)}


def test_a_group_may_begin_empty_and_take_any_iterable(client: Client) -> None:
    assert client.create_contact_group(USER, "empty").items == ()
    assert len(client.create_contact_group(USER, "two", (contact for contact in (FRIEND, CHAT))).items) == 2


def test_a_group_that_is_renamed_keeps_its_number_and_its_conversations(emulator: Emulator, client: Client) -> None:
    client.create_contact_group(USER, "old", [FRIEND])
    renamed = client.update_contact_group_name(USER, "old", "新しい")
    assert (renamed.group, renamed.old_group_name, renamed.items) == (ContactGroup("新しい", 1), "old", ())
    change = {"UpdateGroupType": 1, "OldGroupName": "old", "NewGroupName": "新しい"}
    assert sent(emulator) == {"From_Account": USER, "UpdateType": 1, "UpdateGroup": change}
    assert members(client) == {FRIEND.id: ("新しい",)}


def test_conversations_are_added_and_removed_in_one_call(emulator: Emulator, client: Client) -> None:
    client.create_contact_group(USER, "g", [FRIEND])
    changed = client.update_contact_group_contacts(USER, "g", add=[CHAT], remove=[FRIEND])
    assert changed.group == ContactGroup("g", 1)
    assert changed.items == (ContactResult(CHAT, 0, "", opt_type=1), ContactResult(FRIEND, 0, "", opt_type=2))
    assert sent(emulator)["UpdateGroup"]["ContactUpdateItem"] == [
        {"ContactOptType": 1, "ContactItem": CHAT_JSON},
        {"ContactOptType": 2, "ContactItem": FRIEND_JSON},
    ]
    assert members(client) == {CHAT.id: ("g",)}


@pytest.mark.parametrize(
    "change", [{"add": [FRIEND]}, {"remove": [FRIEND]}, {"add": (FRIEND,), "remove": ()}], ids=["add", "remove", "both"]
)
def test_one_list_is_enough_to_change_a_group(client: Client, change: Any) -> None:
    client.create_contact_group(USER, "g", [CHAT])
    assert [item.contact for item in client.update_contact_group_contacts(USER, "g", **change).items] == [FRIEND]


def test_marks_are_set_and_cleared_and_the_custom_mark_with_them(emulator: Emulator, client: Client) -> None:
    done = client.mark_contact(USER, [Mark(FRIEND, set_mark=[32, 63], custom_mark="vip"), Mark(CHAT, custom_mark="x")])
    assert done.items == (ContactResult(FRIEND, 0, "", opt_type=3), ContactResult(CHAT, 0, "", opt_type=2))
    assert sent(emulator)["MarkItem"] == [
        {"OptType": 3, "ContactItem": FRIEND_JSON, "SetMark": [32, 63], "CustomMark": "vip"},
        {"OptType": 2, "ContactItem": CHAT_JSON, "CustomMark": "x"},
    ]
    client.mark_contact(USER, [Mark(FRIEND, set_mark=[0], clear_mark=[32, 63]), Mark(CHAT, custom_mark="")])
    assert sent(emulator)["MarkItem"][0] == {
        "OptType": 1,
        "ContactItem": FRIEND_JSON,
        "SetMark": [0],
        "ClearMark": [32, 63],
    }
    left = client.search_contact_group(USER, [FRIEND, CHAT]).entries
    assert [(entry.contact, entry.standard_mark.count("1"), entry.custom_mark) for entry in left] == [(FRIEND, 1, "vip")]


def test_a_search_finds_marks_and_groups_by_name_and_leaves_out_what_has_none(emulator: Emulator, client: Client) -> None:
    emulator.set_clock(now=1_775_217_000)
    client.create_contact_group(USER, "a", [FRIEND])
    client.create_contact_group(USER, "b", [FRIEND])
    client.mark_contact(USER, [Mark(FRIEND, set_mark=[1], custom_mark="vip")])
    found = client.search_contact_group(USER, [CHAT, FRIEND])
    assert sent(emulator) == {"From_Account": USER, "ContactItem": [CHAT_JSON, FRIEND_JSON]}
    (entry,) = found.entries
    assert (entry.contact, entry.custom_mark, entry.timestamp) == (FRIEND, "vip", 1_775_217_000)
    assert (entry.group_ids, entry.group_names) == ((1, 2), ("a", "b"))
    assert found.groups == (ContactGroup("a", 1), ContactGroup("b", 2))
    assert entry.standard_mark == found.response.json()["ContactResultItem"][0]["StandardMark"] != ""


def test_a_page_tells_its_conversations_its_groups_and_how_to_go_on(emulator: Emulator, client: Client) -> None:
    client.create_contact_group(USER, "g", [Contact.one_to_one(f"u{number}") for number in range(3)])
    emulator.settings(page_size=2)
    first = client.get_contact_group(USER)
    assert sent(emulator) == {"From_Account": USER, "StartIndex": 0}
    assert [entry.contact.id for entry in first.entries] == ["u0", "u1"]
    assert [entry.group_names for entry in first.entries] == [("g",), ("g",)]
    assert (first.groups, first.complete) == ((ContactGroup("g", 1),), False)
    last = client.get_contact_group(USER, first.next_start_index)
    assert sent(emulator)["StartIndex"] == first.next_start_index != 0
    assert ([entry.contact.id for entry in last.entries], last.complete) == (["u2"], True)


@pytest.mark.parametrize(
    "act",
    [
        lambda client: client.create_contact_group(USER, "new", [FRIEND, GONE]),
        lambda client: client.update_contact_group_contacts(USER, "g", add=[FRIEND, GONE]),
        lambda client: client.mark_contact(USER, [Mark(FRIEND, set_mark=[33]), Mark(GONE, set_mark=[33])]),
    ],
    ids=["create", "update", "mark"],
)
def test_items_that_failed_are_raised_with_the_whole_result(
    emulator: Emulator, client: Client, act: Callable[[Client], object]
) -> None:
    client.create_contact_group(USER, "g")
    emulator.settings(dismissed_groups=[GONE.id])
    with pytest.raises(PartialError) as caught:
        act(client)
    error = caught.value
    assert error.code == codes.ERR_PARTIAL and error.response is error.result.response
    assert [(item.contact, item.result_code) for item in error.result.items] == [(FRIEND, 0), (GONE, 51007)]
    assert error.result.items[1].result_info != "" and error.items_done == 0


def test_the_services_refusals_have_their_classes(emulator: Emulator, client: Client) -> None:
    client.create_contact_group(USER, "a")
    client.create_contact_group(USER, "b")
    with pytest.raises(GroupNotFoundError):
        client.update_contact_group_name(USER, "missing", "c")
    with pytest.raises(GroupNotFoundError):
        client.update_contact_group_contacts(USER, "missing", add=[FRIEND])
    with pytest.raises(InvalidParameterError):
        client.create_contact_group(USER, "a")
    with pytest.raises(InvalidParameterError):
        client.update_contact_group_name(USER, "a", "b")
    for number in range(18):
        client.create_contact_group(USER, f"g{number}")
    with pytest.raises(LimitReachedError) as caught:
        client.create_contact_group(USER, "the 21st")
    assert caught.value.code == codes.SERVICE_GROUP_LIMIT
    emulator.settings(plan=False)
    for act in (client.get_contact_group, client.contact_group_items):
        with pytest.raises(PlanError):
            list(act(USER) if act == client.contact_group_items else [act(USER)])


@pytest.mark.parametrize(
    "act, message",
    [
        (lambda c: c.create_contact_group(USER, ""), "group_name is empty"),
        (lambda c: c.create_contact_group(USER, "家" * 22), "66 bytes"),
        (lambda c: c.create_contact_group(USER, "g", [FRIEND] * 101), "101 items"),
        (lambda c: c.create_contact_group(USER, "g", [FRIEND, Contact.one_to_one("")]), r"contacts\[1\]: the id is empty"),
        (lambda c: c.create_contact_group(USER, "g", [Contact(3, "x")]), "type 3"),
        (lambda c: c.update_contact_group_name(USER, "g", "x" * 65), "65 bytes"),
        (lambda c: c.update_contact_group_name(USER, "", "x"), "empty"),
        (lambda c: c.update_contact_group_contacts(USER, "g"), "empty"),
        (lambda c: c.update_contact_group_contacts(USER, "g", add=[FRIEND] * 51, remove=[CHAT] * 50), "101"),
        (lambda c: c.mark_contact(USER, []), "marks is empty"),
        (lambda c: c.mark_contact(USER, [Mark(FRIEND)]), "nothing to do"),
        (lambda c: c.mark_contact(USER, [Mark(FRIEND, set_mark=[2], clear_mark=[2])]), "bit 2 is both"),
        (lambda c: c.mark_contact(USER, [Mark(FRIEND, custom_mark="x" * 257)]), "257 bytes"),
        (lambda c: c.mark_contact(USER, [Mark(FRIEND, [1])] * 101), "101 items"),
        (lambda c: c.search_contact_group(USER, []), "contacts is empty"),
        (lambda c: c.search_contact_group(USER, [FRIEND] * 301), "301 items"),
        (lambda c: c.get_contact_group(""), "from_account is empty"),
    ],
)
def test_what_breaks_a_limit_is_refused_and_not_sent(
    emulator: Emulator, client: Client, act: Callable[[Client], object], message: str
) -> None:
    with pytest.raises(InvalidArgumentError, match=message) as caught:
        act(client)
    assert caught.value.code == codes.ERR_INVALID_ARGUMENT
    assert emulator.requests() == []


def test_the_services_own_limits_are_met_when_local_ones_are_off(emulator: Emulator) -> None:
    with emulator.client(local_limits=False) as client:
        with pytest.raises(GroupNameTooLongError):
            client.create_contact_group(USER, "x" * 65)
        for act in (
            lambda: client.create_contact_group(USER, "g", [FRIEND] * 101),
            lambda: client.mark_contact(USER, [Mark(FRIEND, [33])] * 101),
        ):
            with pytest.raises(LimitReachedError) as caught:
                act()
            assert caught.value.code == codes.SERVICE_TOO_MANY_CONVERSATIONS


def test_numbers_may_be_strings_and_members_may_be_missing() -> None:
    items = '[{"Type":"1","To_Account":"u","ContactGroupId":["7",8],"Timestamp":"5"},{}]'
    groups = '[{"GroupName":"g","GroupId":"7"}]'
    with answering(f'{{"ContactResultItem":{items},"GroupItem":{groups},"ActionStatus":"OK","ErrorCode":0}}') as client:
        first, second = client.search_contact_group(USER, [FRIEND]).entries
    assert (first.contact, first.timestamp) == (Contact.one_to_one("u"), 5)
    assert (first.group_ids, first.group_names) == ((7, 8), ("g", ""))
    assert second.contact == Contact(0, "") and second.standard_mark == second.custom_mark == ""


@pytest.mark.parametrize("mark", ["111001", "011111110", ""])
def test_a_standard_mark_stays_the_string_that_came(mark: str) -> None:
    item = json.dumps({"Type": 2, "ToGroupId": "@TGS#1", "StandardMark": mark})
    with answering(f'{{"ContactItem":[{item}],"CompleteFlag":"1","ActionStatus":"OK","ErrorCode":0}}') as client:
        page = client.get_contact_group(USER)
    assert page.entries[0].standard_mark == mark and page.complete


@pytest.mark.parametrize(
    "body", ["{", '{"GroupResultItem":[],"UpdateGroupResult":[],', '{"GroupResultItem":[{"GroupItem":[]}],']
)
def test_an_answer_that_names_no_group_is_a_success_without_a_name(body: str) -> None:
    with answering(body + '"ActionStatus":"OK","ErrorCode":0}') as client:
        assert client.create_contact_group(USER, "g").group == ContactGroup("", 0)
        renamed = client.update_contact_group_name(USER, "g", "h")
        assert (renamed.group, renamed.old_group_name, renamed.items) == (ContactGroup("", 0), "", ())
        assert client.mark_contact(USER, [Mark(FRIEND, [33])]).items == ()


@pytest.mark.parametrize("spelling", ["ToGroupId", "GroupId", "ToGroupid"])
def test_a_chat_groups_id_is_read_in_each_spelling_of_the_vendors(spelling: str) -> None:
    item = {"Type": 2, "To_Account": "not this one", spelling: CHAT.id}
    with answering(json.dumps({"ContactItem": [item], "ActionStatus": "OK", "ErrorCode": 0})) as client:
        assert client.get_contact_group(USER).entries[0].contact == CHAT
