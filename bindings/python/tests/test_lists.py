"""The values that lists are made of, and what is no such value: told by its place, before anything is sent."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Any, Callable, List

import pytest
from scene import USER

from tencent_chat import Account, ChatError, Client, Contact, InvalidArgumentError, InvalidUtf8Error, Mark, _library, contact
from tencent_chat.testing import Emulator

FRIEND = Contact.one_to_one("user_0002")
VALUES = [FRIEND, Mark(FRIEND, set_mark=[32], custom_mark=""), Account("user_0001", "nick")]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_values_compare_are_kept_and_cannot_be_changed(value: Any) -> None:
    assert pickle.loads(pickle.dumps(value)) == copy.deepcopy(value) == value
    assert len({value, copy.copy(value)}) == 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, dataclasses.fields(value)[0].name, "other")


def test_a_mark_keeps_no_hold_on_a_list_of_the_callers() -> None:
    numbers = [32, 33]
    mark = Mark(FRIEND, set_mark=numbers)
    numbers.append(34)
    assert mark.set_mark == (32, 33)


@pytest.mark.parametrize("name", ["set_mark", "clear_mark"])
@pytest.mark.parametrize("number", [-1, 64, 1 << 32])
def test_a_mark_that_is_no_bit_is_refused_where_it_is_written(name: str, number: int) -> None:
    with pytest.raises(InvalidArgumentError, match=rf"{name}\[1\]: {number}; a mark is the number of a bit, from 0 to 63"):
        Mark(FRIEND, **{name: [5, number]})


@pytest.mark.parametrize("numbers", [5, "5", b"5", [True], ["5"], [5.0]], ids=str)
def test_marks_that_are_no_numbers_are_a_type_error(numbers: Any) -> None:
    with pytest.raises(TypeError, match="set_mark"):
        Mark(FRIEND, set_mark=numbers)


def test_none_is_a_list_of_nothing_where_a_list_may_be_left_out(emulator: Emulator, client: Client) -> None:
    assert client.create_contact_group(USER, "g", None).items == ()
    assert len(client.update_contact_group_contacts(USER, "g", add=[FRIEND], remove=None).items) == 1
    assert len(client.update_contact_group_contacts(USER, "g", add=None, remove=[FRIEND]).items) == 1
    assert Mark(FRIEND, None, clear_mark=None) == Mark(FRIEND)  # type: ignore[arg-type]


@pytest.mark.parametrize("make", [Contact.one_to_one, Contact.group_chat])
def test_an_id_that_is_no_text_is_refused_where_it_is_written(make: Callable[[Any], Contact]) -> None:
    for value, kind in ((5, TypeError), (b"u", TypeError), ("u\0", InvalidArgumentError), ("\ud800", InvalidUtf8Error)):
        with pytest.raises(kind):
            make(value)


@pytest.mark.parametrize(
    "act, message",
    [
        (lambda c: c.create_contact_group(USER, "g", "user_0002"), "contacts must be an iterable of Contact, not str"),
        (lambda c: c.create_contact_group(USER, "g", FRIEND), "contacts must be an iterable of Contact, not Contact"),
        (lambda c: c.create_contact_group(USER, "g", 5), "contacts must be"),
        (lambda c: c.search_contact_group(USER, None), "contacts must be"),
        (lambda c: c.create_contact_group(USER, "g", [FRIEND, "user_0002"]), r"contacts\[1\] must be Contact, not str"),
        (lambda c: c.create_contact_group(USER, "g", [Contact(True, "x")]), r"contacts\[0\].type must be int"),
        (lambda c: c.create_contact_group(USER, "g", [Contact(1, b"x")]), r"contacts\[0\].id must be str"),
        (lambda c: c.update_contact_group_contacts(USER, "g", remove=[5]), r"remove\[0\] must be Contact"),
        (lambda c: c.mark_contact(USER, [FRIEND]), r"marks\[0\] must be Mark, not Contact"),
        (lambda c: c.mark_contact(USER, [Mark("user_0002", [1])]), r"marks\[0\].contact must be a Contact"),
        (lambda c: c.mark_contact(USER, [Mark(FRIEND, custom_mark=5)]), r"marks\[0\].custom_mark must be str"),
        (lambda c: c.mark_contact(USER, [Mark(FRIEND, [1])], split=1), "split must be bool"),
        (lambda c: c.search_contact_group(USER, {"a": 1}), r"contacts\[0\] must be Contact"),
        (lambda c: c.recent_contact_delete(USER, "user_0002"), "contact must be a Contact"),
        (lambda c: c.recent_contact_delete(USER, FRIEND, clear_ramble=1), "clear_ramble must be bool"),
        (lambda c: c.recent_contact_get_list(USER, time_stamp="0"), "time_stamp must be int"),
        (lambda c: c.get_contact_group(USER, 1.0), "start_index must be int"),
        (lambda c: c.contact_group_items(5), "from_account must be str"),
        (lambda c: c.contact_group_items(USER, cancel=5), "cancel must be a CancelToken"),
        (lambda c: c.account_import(5), "user_id must be str"),
        (lambda c: c.account_import("u", 5), "nick must be str"),
        (lambda c: c.multiaccount_import("user_0001"), "accounts must be an iterable of Account or str, not str"),
        (lambda c: c.account_check([5]), r"accounts\[0\] must be Account or str, not int"),
        (lambda c: c.account_delete([Account(5)]), r"accounts\[0\].user_id must be str"),
    ],
)
def test_what_is_of_a_wrong_type_is_a_type_error_and_not_sent(
    emulator: Emulator, client: Client, act: Callable[[Any], object], message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        act(client)
    assert emulator.requests() == []


@pytest.mark.parametrize(
    "act, message",
    [
        (lambda c: c.create_contact_group(USER, "g", [Contact(2**32 + 1, "x")]), r"contacts\[0\].type: 4294967297"),
        (lambda c: c.create_contact_group(USER, "g", [FRIEND, Contact(1, "a\0b")]), r"contacts\[1\].id: holds a NUL"),
        (lambda c: c.search_contact_group(USER, [Contact(1, "\ud800")]), r"contacts\[0\].id: holds a lone surrogate"),
        (lambda c: c.mark_contact(USER, [Mark(FRIEND, custom_mark="a\0")]), r"marks\[0\].custom_mark: holds a NUL"),
        (lambda c: c.multiaccount_import(["u", Account("v", nick="\0")]), r"accounts\[1\].nick: holds a NUL"),
        (lambda c: c.get_contact_group(USER, 2**63), "start_index: 9223372036854775808"),
        (lambda c: c.recent_contact_get_list(USER, top_start_index=-(2**63) - 1), "top_start_index"),
        (lambda c: c.recent_contact_get_list(USER, assist_flags=-1), "assist_flags"),
    ],
)
def test_what_c_would_cut_is_refused_and_not_sent(
    emulator: Emulator, client: Client, act: Callable[[Client], object], message: str
) -> None:
    with pytest.raises(InvalidArgumentError, match=message):
        act(client)
    assert emulator.requests() == []


def test_every_list_is_freed_whatever_becomes_of_its_call(
    emulator: Emulator, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: List[str] = []

    class Counting:
        def __getattr__(self, name: str) -> Any:
            def called(*arguments: Any) -> Any:
                asked.append(name)
                return getattr(_library.quick, name)(*arguments)

            return called

    monkeypatch.setattr(contact, "quick", Counting())
    client.create_contact_group(USER, "g", [FRIEND])
    client.update_contact_group_contacts(USER, "g", add=[FRIEND], remove=[Contact.group_chat("@TGS#1")])
    client.mark_contact(USER, [Mark(FRIEND, [32])] * 101, split=True)
    client.account_check(["u"])
    with pytest.raises(ChatError):
        client.create_contact_group(USER, "g", [Contact(5, "x")])
    with pytest.raises(TypeError):
        client.mark_contact(USER, [Mark(FRIEND, [32])], random="5")  # type: ignore[arg-type]
    client.close()
    with pytest.raises(ChatError):
        client.search_contact_group(USER, [FRIEND])
    # Of the marks one more, to look for a wrong one before anything is sent.
    for kind, count in (("contacts", 5), ("marks", 3), ("accounts", 1)):
        assert asked.count(f"chat_{kind}_new") == asked.count(f"chat_{kind}_free") == count, kind


def test_a_group_may_begin_empty_and_take_any_iterable(client: Client) -> None:
    assert client.create_contact_group(USER, "empty").items == ()
    assert len(client.create_contact_group(USER, "two", (contact for contact in (FRIEND, Contact.group_chat("@TGS#1B2AUI7RZ")))).items) == 2


def test_a_wrong_item_anywhere_is_told_before_anything_is_sent(emulator: Emulator, client: Client) -> None:
    with pytest.raises(TypeError, match=r"accounts\[250\]"):
        client.multiaccount_import([*users(250), 5], split=True)  # type: ignore[list-item]
    assert emulator.requests() == []


def contacts(count: int) -> List[Contact]:
    return [Contact.one_to_one(f"u{number}") for number in range(count)]


def users(count: int) -> List[str]:
    return [f"u{number}" for number in range(count)]


@pytest.mark.parametrize(
    "act",
    [
        lambda c: c.create_contact_group(USER, "g", contacts(101), split=True),
        lambda c: c.update_contact_group_contacts(USER, "g", add=contacts(101), split=True),
    ],
    ids=["create", "update"],
)
def test_what_belongs_together_cannot_be_split(emulator: Emulator, client: Client, act: Callable[[Any], object]) -> None:
    with pytest.raises(TypeError, match="split"):
        act(client)
    assert emulator.requests() == []


def test_accounts_keep_their_profiles_in_every_part(emulator: Emulator, client: Client) -> None:
    client.multiaccount_import([Account(user, nick=f"nick of {user}") for user in users(101)], split=True)
    accounts = emulator.state()["accounts"]
    assert (accounts["u0"]["nick"], accounts["u100"]["nick"]) == ("nick of u0", "nick of u100")
