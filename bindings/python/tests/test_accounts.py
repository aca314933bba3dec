"""The account calls: import, check, delete, and which accounts failed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from scene import answering

from tencent_chat import Account, Client, PartialError, codes
from tencent_chat.testing import Emulator


def sent(emulator: Emulator) -> Any:
    return json.loads(emulator.requests()[-1]["body"])


def test_many_users_are_imported_as_accounts_or_ids(emulator: Emulator, client: Client) -> None:
    done = client.multiaccount_import([Account("user_1001", "nick"), "user_1002"])
    assert done.fail_accounts == () and done.response.code == codes.OK
    assert sent(emulator) == {"AccountList": [{"UserID": "user_1001", "Nick": "nick"}, {"UserID": "user_1002"}]}
    assert {"user_1001", "user_1002"} <= set(emulator.state()["accounts"])


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

