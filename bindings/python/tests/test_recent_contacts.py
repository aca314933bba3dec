"""A user's conversation list: reading a page, deleting one conversation."""

from __future__ import annotations

import json
from typing import Any, Dict, List

import pytest
from scene import USER, answering, load_conversations

from tencent_chat import AccountNotImportedError, Client, Contact, InvalidArgumentError, Mark, RecentContactEntry, codes
from tencent_chat.testing import Emulator

FRIEND = Contact.one_to_one("user_0002")
CHAT = Contact.group_chat("@TGS#1B2AUI7RZ")


def sent(emulator: Emulator) -> Dict[str, Any]:
    body: Dict[str, Any] = json.loads(emulator.requests()[-1]["body"])
    return body


def conversations(emulator: Emulator) -> List[str]:
    return [conversation["id"] for conversation in emulator.state()["accounts"][USER]["conversations"]]


def test_a_page_tells_each_conversation_and_what_is_set_on_it(emulator: Emulator, client: Client) -> None:
    load_conversations(emulator, {"type": 1, "id": FRIEND.id, "msg_time": 1_772_612_017})
    load_conversations(emulator, {"type": 2, "id": CHAT.id, "msg_time": 1_775_185_968, "pinned": True})
    client.create_contact_group(USER, "g", [CHAT])
    client.mark_contact(USER, [Mark(CHAT, set_mark=[0], custom_mark="vip")])
    page = client.recent_contact_get_list(USER)
    cursors = {"TimeStamp": 0, "StartIndex": 0, "TopTimeStamp": 0, "TopStartIndex": 0}
    assert sent(emulator) == {"From_Account": USER, **cursors, "AssistFlags": 63}
    raw = {item["Type"]: item for item in page.response.json()["SessionItem"]}
    assert {entry.contact: entry for entry in page.entries} == {
        FRIEND: RecentContactEntry(FRIEND, 1_772_612_017, False, "", "", ()),
        CHAT: RecentContactEntry(CHAT, 1_775_185_968, True, raw[2]["StandardMark"], "vip", (1,)),
    }
    assert page.complete


def test_a_list_is_read_page_by_page_with_its_four_cursors(emulator: Emulator, client: Client) -> None:
    load_conversations(emulator, *({"type": 1, "id": f"u{n}", "msg_time": 100 + n, "pinned": n % 2 == 0} for n in range(6)))
    emulator.settings(list_page_size=2)
    page = client.recent_contact_get_list(USER)
    ids = [entry.contact.id for entry in page.entries]
    while not page.complete and len(emulator.requests()) < 10:
        cursors = (page.time_stamp, page.start_index, page.top_time_stamp, page.top_start_index)
        page = client.recent_contact_get_list(
            USER,
            time_stamp=page.time_stamp,
            start_index=page.start_index,
            top_time_stamp=page.top_time_stamp,
            top_start_index=page.top_start_index,
        )
        names = ("TimeStamp", "StartIndex", "TopTimeStamp", "TopStartIndex")
        assert tuple(sent(emulator)[name] for name in names) == cursors
        ids += [entry.contact.id for entry in page.entries]
    assert sorted(ids) == [f"u{n}" for n in range(6)] and len(emulator.requests()) == 3


def test_other_assist_flags_are_sent_as_they_are(emulator: Emulator, client: Client) -> None:
    client.recent_contact_get_list(USER, assist_flags=7)
    assert sent(emulator)["AssistFlags"] == 7


def test_a_deleted_conversation_is_off_the_list_and_keeps_groups_and_marks(emulator: Emulator, client: Client) -> None:
    load_conversations(emulator, {"type": 1, "id": FRIEND.id, "msg_time": 5}, {"type": 2, "id": CHAT.id, "msg_time": 6})
    client.create_contact_group(USER, "g", [FRIEND])
    assert client.recent_contact_delete(USER, FRIEND).code == codes.OK
    assert sent(emulator) == {"From_Account": USER, "Type": 1, "To_Account": FRIEND.id, "ClearRamble": 0}
    assert conversations(emulator) == [CHAT.id]
    client.recent_contact_delete(USER, CHAT, clear_ramble=True)
    assert sent(emulator) == {"From_Account": USER, "Type": 2, "ToGroupid": CHAT.id, "ClearRamble": 1}
    assert conversations(emulator) == []
    assert client.search_contact_group(USER, [FRIEND]).entries[0].group_names == ("g",)


def test_a_user_that_was_never_imported_is_told(client: Client) -> None:
    for act in (lambda: client.recent_contact_get_list("nobody"), lambda: client.recent_contact_delete("nobody", FRIEND)):
        with pytest.raises(AccountNotImportedError):
            act()


def test_what_names_no_conversation_is_refused_and_not_sent(emulator: Emulator, client: Client) -> None:
    for contact in (Contact(0, "x"), Contact(1, ""), Contact(3, "x")):
        with pytest.raises(InvalidArgumentError):
            client.recent_contact_delete(USER, contact)
    with pytest.raises(InvalidArgumentError):
        client.recent_contact_get_list("")
    assert emulator.requests() == []


def test_numbers_may_be_strings_and_members_may_be_missing() -> None:
    items = '[{"Type":"2","GroupId":"@TGS#1","MsgTime":"5","TopFlag":"1"},{"Type":1},{}]'
    tail = '"TimeStamp":"9007199254740993","StartIndex":null,"ActionStatus":"OK","ErrorCode":0'
    with answering(f'{{"SessionItem":{items},{tail}}}') as client:
        page = client.recent_contact_get_list(USER)
    assert page.entries == (
        RecentContactEntry(Contact.group_chat("@TGS#1"), 5, True, "", "", ()),
        RecentContactEntry(Contact(1, ""), 0, False, "", "", ()),
        RecentContactEntry(Contact(0, ""), 0, False, "", "", ()),
    )
    assert (page.time_stamp, page.start_index, page.complete) == (9007199254740993, 0, False)
