"""The account calls: import, check, delete, and which accounts failed."""

from __future__ import annotations

import json
from typing import Any, Callable

import pytest
from scene import USER, answering

from tencent_chat import (
    Account,
    AccountResult,
    Client,
    InvalidArgumentError,
    InvalidParameterError,
    LimitReachedError,
    PartialError,
    codes,
)
from tencent_chat.testing import Emulator


def sent(emulator: Emulator) -> Any:
    return json.loads(emulator.requests()[-1]["body"])


def test_one_user_is_imported_with_what_is_given(emulator: Emulator, client: Client) -> None:
    assert client.account_import("user_1001").code == codes.OK
    assert sent(emulator) == {"UserID": "user_1001"}
    client.account_import("user_1002", "ニック", face_url="http://127.0.0.1/a.png")
    assert sent(emulator) == {"UserID": "user_1002", "Nick": "ニック", "FaceUrl": "http://127.0.0.1/a.png"}
    assert emulator.state()["accounts"]["user_1002"]["nick"] == "ニック"
    client.account_import("user_1002")
    assert emulator.state()["accounts"]["user_1002"]["nick"] == "ニック"


def test_many_users_are_imported_as_accounts_or_ids(emulator: Emulator, client: Client) -> None:
    done = client.multiaccount_import([Account("user_1001", "nick"), "user_1002"])
    assert done.fail_accounts == () and done.response.code == codes.OK
    assert sent(emulator) == {"AccountList": [{"UserID": "user_1001", "Nick": "nick"}, {"UserID": "user_1002"}]}
    assert {"user_1001", "user_1002"} <= set(emulator.state()["accounts"])


def test_a_check_tells_who_is_known_in_the_order_asked(emulator: Emulator, client: Client) -> None:
    checked = client.account_check(["nobody", Account(USER, nick="does not count")])
    assert sent(emulator) == {"CheckItem": [{"UserID": "nobody"}, {"UserID": USER}]}
    assert checked.items == (AccountResult("nobody", 0, "", "NotImported"), AccountResult(USER, 0, "", "Imported"))
    assert [item.is_imported for item in checked.items] == [False, True]


def test_deleted_accounts_are_gone_and_a_missing_one_is_told(emulator: Emulator, client: Client) -> None:
    assert [item.result_code for item in client.account_delete(["user_0002"]).items] == [0]
    assert "user_0002" not in emulator.state()["accounts"]
    with pytest.raises(PartialError) as caught:
        client.account_delete([USER, "nobody"])
    assert sent(emulator) == {"DeleteItem": [{"UserID": USER}, {"UserID": "nobody"}]}
    items = caught.value.result.items
    assert [(item.user_id, item.result_code) for item in items] == [(USER, 0), ("nobody", codes.SERVICE_ACCOUNT_NOT_FOUND)]
    assert items[1].result_info != ""


@pytest.mark.parametrize(
    "body, failed, codes_of_items",
    [
        ('{"FailAccounts":["a","b"],', ("a", "b"), []),
        ('{"ResultItem":[{"UserID":"a","ResultCode":70402,"ResultInfo":"x"},{"UserID":"b","ResultCode":"0"}],', (), [70402, 0]),
    ],
    ids=["by name", "by item"],
)
def test_accounts_that_failed_to_import_are_told_in_either_spelling(body: str, failed: Any, codes_of_items: Any) -> None:
    with answering(body + '"ActionStatus":"OK","ErrorCode":0}') as client, pytest.raises(PartialError) as caught:
        client.multiaccount_import(["a", "b"])
    result = caught.value.result
    assert (result.fail_accounts, [item.result_code for item in result.items]) == (failed, codes_of_items)


@pytest.mark.parametrize(
    "act, message",
    [
        (lambda c: c.account_import(""), "user_id is empty"),
        (lambda c: c.account_import("u" * 33), "33 bytes"),
        (lambda c: c.multiaccount_import([]), "accounts is empty"),
        (lambda c: c.multiaccount_import(["u"] * 101), "101 items"),
        (lambda c: c.account_check(["a", ""]), r"accounts\[1\]: user_id is empty"),
        (lambda c: c.account_check(["u"] * 101), "101 items"),
        (lambda c: c.account_delete(["u" * 33]), r"accounts\[0\]: user_id has 33 bytes"),
        (lambda c: c.account_delete(["u"] * 101), "101 items"),
    ],
)
def test_what_breaks_a_limit_is_refused_and_not_sent(
    emulator: Emulator, client: Client, act: Callable[[Client], object], message: str
) -> None:
    with pytest.raises(InvalidArgumentError, match=message):
        act(client)
    assert emulator.requests() == []


def test_the_services_refusals_have_their_classes(emulator: Emulator) -> None:
    with emulator.client(local_limits=False) as client:
        with pytest.raises(InvalidParameterError):
            client.account_import("user_1001", "n" * 501)
        with pytest.raises(InvalidParameterError):
            client.account_import("u" * 33)
        with pytest.raises(LimitReachedError):
            client.account_check(["u"] * 101)
