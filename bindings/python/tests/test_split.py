"""Lists longer than one call takes: sent in parts where the caller says so, joined again, and no failed item lost."""

from __future__ import annotations

import json
from typing import Any, Callable, List

import pytest
from scene import USER

from tencent_chat import Account, CancelledError, CancelToken, Client, Contact, Mark, ServiceError, TransportError
from tencent_chat.testing import Emulator

GONE = Contact.group_chat("@TGS#GONE")


def contacts(count: int) -> List[Contact]:
    return [Contact.one_to_one(f"u{number}") for number in range(count)]


def marks(count: int) -> List[Mark]:
    return [Mark(contact, set_mark=[32]) for contact in contacts(count)]


def users(count: int) -> List[str]:
    return [f"u{number}" for number in range(count)]


def lengths(emulator: Emulator) -> List[int]:
    """How many items each request had."""
    bodies = [json.loads(request["body"]) for request in emulator.requests()]
    return [len(value) for body in bodies for value in body.values() if isinstance(value, list)]


@pytest.mark.parametrize("count, parts", [(1, [1]), (100, [100]), (101, [100, 1]), (200, [100, 100]), (250, [100, 100, 50])])
def test_items_come_back_in_the_order_given_whatever_the_length(
    emulator: Emulator, client: Client, count: int, parts: List[int]
) -> None:
    result = client.mark_contact(USER, marks(count), split=True)
    assert [item.contact.id for item in result.items] == users(count)
    assert lengths(emulator) == parts


def test_a_joined_search_holds_each_group_once(client: Client) -> None:
    client.create_contact_group(USER, "a", [Contact.one_to_one("u0")])
    client.create_contact_group(USER, "b", [Contact.one_to_one("u300")])
    found = client.search_contact_group(USER, contacts(301), split=True)
    assert [(entry.contact.id, entry.group_names) for entry in found.entries] == [("u0", ("a",)), ("u300", ("b",))]
    assert [group.name for group in found.groups] == ["a", "b"]


def test_failed_items_before_a_failure_are_not_lost(emulator: Emulator, client: Client) -> None:
    emulator.settings(dismissed_groups=[GONE.id])
    emulator.fault(path="v4/recentcontact/mark_contact", skip=1, drop="fin", applied=True)
    with pytest.raises(TransportError) as caught:
        client.with_options(max_attempts=1).mark_contact(USER, [Mark(GONE, [32]), *marks(150)], split=True)
    assert caught.value.is_in_doubt and caught.value.items_done == 100
    assert caught.value.result.items[0].result_code == 51007


def test_a_failure_of_the_first_part_has_no_result(emulator: Emulator, client: Client) -> None:
    emulator.fault(code=50005, times=0)
    with pytest.raises(ServiceError) as caught:
        client.account_check(users(101), split=True)
    assert (caught.value.result, caught.value.items_done) == (None, 0)
    # The first part was tried three times, the second never.
    assert lengths(emulator) == [100, 100, 100]


def test_a_wrong_item_anywhere_is_told_before_anything_is_sent(emulator: Emulator, client: Client) -> None:
    with pytest.raises(TypeError, match=r"accounts\[250\]"):
        client.multiaccount_import([*users(250), 5], split=True)  # type: ignore[list-item]
    assert emulator.requests() == []


def test_options_count_for_every_part(emulator: Emulator, client: Client) -> None:
    client.account_check(users(250), split=True, random=7)
    assert [request["query"]["random"] for request in emulator.requests()] == ["7", "7", "7"]
    token = CancelToken()
    token.trigger()
    with pytest.raises(CancelledError):
        client.account_check(users(250), split=True, cancel=token)
    assert len(emulator.requests()) == 3


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
