"""Reading an answer by the library's one rule: absent or null is nothing, another type is an error of that member and of no
other, a broken text spoils that text alone, and an integer may be written in every way.
"""

from __future__ import annotations

import json
from typing import Any, Callable, List

import pytest
from scene import USER, answering, keeper

import tencent_chat
from tencent_chat import Client, Contact, ContactGroup, Mark, ProtocolError, Response
from tencent_chat.response import Members, answer

OK = '"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""'


def members(**of: Any) -> Members:
    return answer(Response(body=json.dumps(of)))


@pytest.mark.parametrize("body", ["", "nonsense", "[]", "null", "5", '{"a":' + "9" * 5000 + "}"], ids=lambda body: body[:10])
def test_a_body_that_is_no_object_has_no_members(body: str) -> None:
    found = answer(Response(body=body))
    assert found.integer("b") == 0 and found.text("b") == "" and found.objects("b") == [] and found.member("b").text("c") == ""


@pytest.mark.parametrize(
    "written",
    [
        "true",
        "7.5",
        '""',
        '"-"',
        '"--7"',
        '"7a"',
        '"\u0667"',
        '"' + "9" * 5000 + '"',
        "[7]",
        "{}",
        "1e30",
        "9223372036854775808",
    ],
)
def test_what_is_no_integer_is_an_error_of_that_member_and_of_no_other(written: str) -> None:
    entry = f'{{"Type":1,"To_Account":"u","StandardMark":"1","Timestamp":{written}}}'
    body = (
        f'{{"ContactItem":[{entry}],"GroupItem":[{{"GroupName":"g","GroupId":7}}],"CompleteFlag":1.0,"NextStartIndex":0,{OK}}}'
    )
    with answering(body) as client:
        page = client.get_contact_group(USER)
        for _ in range(2):
            with pytest.raises(ProtocolError, match=r"/ContactItem/0/Timestamp of the answer is no integer") as caught:
                page.entries  # noqa: B018
        assert caught.value.code == -7 and caught.value.response is page.response
        assert page.groups == (ContactGroup("g", 7),) and page.complete and page.next_start_index == 0
        assert repr(page).startswith("ContactGroupPage(entries=<ProtocolError>, groups=(ContactGroup(name='g', id=7),)")
        items = client.contact_group_items(USER)
        with pytest.raises(ProtocolError, match="/Timestamp of the answer is no integer"):
            next(items)
        # The next step goes on behind it.
        assert list(items) == [] and items.complete


@pytest.mark.parametrize("value", [5, "a", {}, True])
def test_what_is_no_list_is_an_error_and_what_is_missing_is_an_empty_one(value: Any) -> None:
    for read in (Members.objects, Members.texts, Members.integers):
        with pytest.raises(ProtocolError, match=r"/a of the answer is no list"):
            read(members(a=value), "a")  # type: ignore[operator]
        assert list(read(members(a=None), "a")) == list(read(members(), "a")) == []  # type: ignore[operator]


def test_an_item_of_another_type_is_named_by_its_place() -> None:
    for read, wrong, complaint in (
        (Members.objects, [{}, 5], "/a/1 of the answer is no object"),
        (Members.objects, [None], "/a/0 of the answer is no object"),
        (Members.texts, ["b", {}], "/a/1 of the answer is no text"),
        (Members.integers, [1, 2, "c"], "/a/2 of the answer is no integer"),
    ):
        with pytest.raises(ProtocolError, match=complaint):
            read(members(a=wrong), "a")  # type: ignore[operator]
    with pytest.raises(ProtocolError, match="/a/0/b/c of the answer is no text"):
        members(a=[{"b": {"c": 5}}]).objects("a")[0].member("b").text("c")
    assert members(a=["b", None]).texts("a") == ("b",) and members(a=[1, None]).integers("a") == (1,)
    assert members(a=[]).member("a").text("b") == ""


def test_a_broken_text_is_broken_alone_and_the_list_goes_on() -> None:
    marks = [b"fine", b"half \\ud83c", b"half \xf0\x9f", b"GBK \xd7\xe9", b"tab\t"]
    items = b",".join(b'{"Type":1,"To_Account":"u%d","CustomMark":"%s"}' % (n, mark) for n, mark in enumerate(marks))
    body = b'{"ContactItem":[%s],"CompleteFlag":1,%s}' % (items, OK.encode())
    with keeper(lambda _path: body) as server:
        app = {"sdk_app_id": 1, "identifier": "a", "secret_key": "k"}
        with Client(base_url=server.url, **app) as client:
            for entries in (client.get_contact_group(USER).entries, tuple(client.contact_group_items(USER))):
                assert [entry.contact.id for entry in entries] == [f"u{number}" for number in range(5)]
                texts = [entry.custom_mark for entry in entries]
                assert texts[0] == "fine" and texts[4] == "tab\t" and all("\ufffd" in text for text in texts[1:4])
                # None of them is a lone surrogate, which could not even be printed.
                assert [text.encode() for text in texts]


#: Each call with a typed result, and what it reads of an answer.
READS: List[Callable[[Client], Any]] = [
    lambda client: client.create_contact_group(USER, "g"),
    lambda client: client.update_contact_group_name(USER, "g", "h"),
    lambda client: client.del_contact_group(USER, "g"),
    lambda client: client.mark_contact(USER, [Mark(Contact.one_to_one("u"), [32])]),
    lambda client: client.search_contact_group(USER, [Contact.one_to_one("u")]),
    lambda client: client.get_contact_group(USER),
    lambda client: client.recent_contact_get_list(USER),
    lambda client: client.account_check(["u"]),
    lambda client: client.multiaccount_import(["u"]),
]


@pytest.mark.parametrize("number", range(len(READS)))
def test_a_call_that_went_through_succeeds_whatever_is_odd_in_its_answer(number: int) -> None:
    lists = (
        "GroupItem",
        "GroupResultItem",
        "UpdateGroupResult",
        "ResultItem",
        "ContactResultItem",
        "ContactItem",
        "SessionItem",
    )
    for odd in ("null", "5", '"x"', "true", "{}", "[]", "[{}]"):
        with answering("{" + "".join(f'"{name}":{odd},' for name in lists) + OK + "}") as client:
            result = READS[number](client)
            assert result.response.code == 0 and type(result).__name__ in repr(result)
            for name in result.__match_args__:
                try:
                    getattr(result, name)
                except tencent_chat.ProtocolError as error:
                    assert "of the answer is no " in error.message
