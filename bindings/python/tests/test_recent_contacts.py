"""A user's conversation list: reading a page, deleting one conversation."""

from __future__ import annotations

from typing import List

from scene import USER, answering

from tencent_chat import Contact, RecentContactEntry
from tencent_chat.testing import Emulator


def conversations(emulator: Emulator) -> List[str]:
    return [conversation["id"] for conversation in emulator.state()["accounts"][USER]["conversations"]]


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
