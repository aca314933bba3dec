"""Conversation groups and marks: what is sent, what comes back, which items failed, what is refused without a request."""

from __future__ import annotations

import json
from typing import Any, Dict

import pytest
from scene import USER, answering

from tencent_chat import Client, Contact, ContactGroup, Mark
from tencent_chat.testing import Emulator

FRIEND = Contact.one_to_one("user_0002")
CHAT = Contact.group_chat("@TGS#1B2AUI7RZ")
GONE = Contact.group_chat("@TGS#GONE")


def sent(emulator: Emulator) -> Dict[str, Any]:
    """The body of the last request."""
    body: Dict[str, Any] = json.loads(emulator.requests()[-1]["body"])
    return body


def test_a_group_may_begin_empty_and_take_any_iterable(client: Client) -> None:
    assert client.create_contact_group(USER, "empty").items == ()
    assert len(client.create_contact_group(USER, "two", (contact for contact in (FRIEND, CHAT))).items) == 2


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
