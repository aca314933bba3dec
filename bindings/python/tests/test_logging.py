"""One record a call for the logger that a program names: what it says, when there is none, and what is never in it."""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from typing import Any, Iterator, List

import pytest
from scene import CREATE, USER, create, python

from tencent_chat import CancelToken, ChatError, Client, Contact, GroupNotFoundError
from tencent_chat.testing import Emulator


class Kept(logging.Handler):
    """Keeps the records."""

    def __init__(self) -> None:
        super().__init__()
        self.records: List[Any] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def logger(kept: Kept) -> Iterator[logging.Logger]:
    """A logger of the test's own that keeps everything."""
    made = logging.getLogger("tests.chat")
    made.propagate = False
    made.setLevel(logging.DEBUG)
    made.addHandler(kept)
    yield made
    made.removeHandler(kept)


def test_each_call_is_one_record_with_command_code_time_and_attempts(
    emulator: Emulator, logger: logging.Logger, kept: Kept
) -> None:
    with emulator.client(logger=logger) as client:
        result = client.create_contact_group(USER, "g")
        emulator.fault(code=50004)
        client.del_contact_group(USER, "g")
        with pytest.raises(GroupNotFoundError):
            client.del_contact_group(USER, "g")
        client.call("v4/im_open_login_svc/account_check", {"CheckItem": [{"UserID": USER}]})
    commands = [record.chat_command for record in kept.records]
    assert commands == [
        "create_contact_group",
        "del_contact_group",
        "del_contact_group",
        "v4/im_open_login_svc/account_check",
    ]
    assert [record.levelname for record in kept.records] == ["INFO", "INFO", "WARNING", "INFO"]
    assert [record.chat_code for record in kept.records] == [0, 0, 51009, 0]
    assert [[attempt["code"] for attempt in record.chat_trace] for record in kept.records] == [[0], [50004, 0], [51009], [0]]
    first = kept.records[0]
    assert first.chat_trace == result.response.trace and first.chat_ms >= first.chat_trace[0]["ms"] and not first.chat_in_doubt
    said = first.getMessage()
    assert re.match(r"create_contact_group: code 0, [0-9.]+ ms, attempts \[\{", said)
    assert f'"random":{result.response.random}' in said.replace(" ", "")


def test_no_argument_and_no_body_is_in_a_record(emulator: Emulator, logger: logging.Logger, kept: Kept) -> None:
    with emulator.client(logger=logger) as client:
        client.create_contact_group(USER, "private name", [Contact.one_to_one("private user")])
        with pytest.raises(ChatError):
            client.del_contact_group("private account", "private name")
        with pytest.raises(ChatError):
            client.call("v4/a/b?usersig=private", {"private": 1})
    assert [record.chat_command for record in kept.records] == ["create_contact_group", "del_contact_group", "call"]
    assert "private" not in repr([vars(record) for record in kept.records]) + repr([r.getMessage() for r in kept.records])


def test_an_iteration_tells_of_each_page_and_of_no_item(
    emulator: Emulator, client: Client, logger: logging.Logger, kept: Kept
) -> None:
    client.create_contact_group(USER, "g", [Contact.one_to_one(f"u{number}") for number in range(5)])
    emulator.settings(page_size=2)
    client.log_to(logger)
    assert len(list(client.contact_group_items(USER))) == 5
    assert [(record.chat_command, record.chat_code, len(record.chat_trace)) for record in kept.records] == [
        ("contact_group_items", 0, 1)
    ] * 3
    emulator.fault(code=50002)
    with pytest.raises(ChatError):
        next(client.recent_contact_items(USER))
    assert (kept.records[-1].chat_command, kept.records[-1].chat_code) == ("recent_contact_items", 50002)
    # A list without an item is a page too.
    assert list(client.recent_contact_items(USER)) == [] and len(kept.records) == 5


def test_every_part_of_a_long_list_is_a_record(client: Client, logger: logging.Logger, kept: Kept) -> None:
    client.log_to(logger)
    client.account_check([f"u{number}" for number in range(201)], split=True)
    assert [record.chat_command for record in kept.records] == ["account_check"] * 3


def test_the_logger_can_be_given_changed_and_taken_away(client: Client, logger: logging.Logger, kept: Kept) -> None:
    create(client, "a")
    assert kept.records == []
    client.log_to(logger)
    create(client.with_options(max_attempts=1), "b")
    client.with_options(max_attempts=1).log_to(None)
    create(client, "c")
    assert [record.chat_command for record in kept.records] == [CREATE]


def test_a_logger_that_is_not_interested_is_not_bothered(client: Client, logger: logging.Logger, kept: Kept) -> None:
    client.log_to(logger)
    logger.setLevel(logging.WARNING)
    create(client, "a")
    with pytest.raises(GroupNotFoundError):
        client.del_contact_group(USER, "b")
    assert [record.levelname for record in kept.records] == ["WARNING"]


def test_a_call_that_was_ended_or_refused_is_a_record_too(emulator: Emulator, logger: logging.Logger, kept: Kept) -> None:
    emulator.fault(hang=True)
    token = CancelToken()
    with emulator.client(logger=logger) as client:
        threading.Timer(0.2, token.trigger).start()
        for _ in range(2):
            with pytest.raises(ChatError):
                client.del_contact_group(USER, "g", cancel=token)
        with pytest.raises(ChatError):
            client.del_contact_group(USER, "")
    assert [record.chat_code for record in kept.records] == [-13, -13, -1]
    assert [record.chat_in_doubt for record in kept.records] == [True, False, False]
    assert [len(record.chat_trace) for record in kept.records] == [1, 0, 0]


def test_awaited_calls_are_told_too(emulator: Emulator, logger: logging.Logger, kept: Kept) -> None:
    async def story() -> None:
        async with emulator.async_client(logger=logger) as client:
            await asyncio.gather(*(client.get_contact_group(USER) for _ in range(4)))
            await client.log_to(None)
            await client.get_contact_group(USER)

    asyncio.run(story())
    assert [record.chat_command for record in kept.records] == ["get_contact_group"] * 4


@pytest.mark.parametrize("wrong", ["a name", print, logging])
def test_what_is_no_logger_is_refused(emulator: Emulator, client: Client, wrong: Any) -> None:
    with pytest.raises(TypeError, match="logger"):
        client.log_to(wrong)
    with pytest.raises(TypeError, match="logger"):
        emulator.client(logger=wrong)


def test_a_logger_adapter_will_do(client: Client, logger: logging.Logger, kept: Kept) -> None:
    client.log_to(logging.LoggerAdapter(logger, {"tenant": "t1"}))
    create(client, "g")
    assert kept.records[0].tenant == "t1" and kept.records[0].getMessage().startswith(f"{CREATE}: code 0, ")


def test_an_adapter_adds_its_members_to_the_calls_own(client: Client, logger: logging.Logger, kept: Kept) -> None:
    class Prefixes(logging.LoggerAdapter):  # type: ignore[type-arg]
        def process(self, msg: Any, kwargs: Any) -> Any:
            kwargs["stack_info"] = True
            return f"prefix {msg}", kwargs

    inner = logging.LoggerAdapter(logger, {"tenant": "t1"})
    outer, bare = logging.LoggerAdapter(inner, {"request": "r1"}), logging.LoggerAdapter(logger, None)
    for adapter in (inner, outer, Prefixes(inner, {}), bare):
        client.log_to(adapter)
        create(client, "g") if not kept.records else client.get_contact_group(USER)
    first, second, third, fourth = kept.records
    assert [record.chat_code for record in kept.records] == [0, 0, 0, 0]
    assert (first.tenant, second.tenant, second.request, third.tenant) == ("t1", "t1", "r1", "t1")
    assert third.getMessage().startswith("prefix get_contact_group: code 0, ") and third.stack_info
    assert fourth.chat_command == "get_contact_group" and fourth.chat_ms > 0


@pytest.mark.parametrize("where", ["handler", "filter", "isEnabledFor"])
def test_a_logger_that_raises_changes_nothing_of_the_call(
    emulator: Emulator, logger: logging.Logger, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def broken(*_: Any) -> Any:
        raise OSError("the disk is full")

    handler = logging.Handler()
    logger.addHandler(handler)
    places: Any = {"handler": (handler, "emit"), "filter": (handler, "filter"), "isEnabledFor": (logger, "isEnabledFor")}
    target, name = places[where]
    monkeypatch.setattr(target, name, broken)
    try:
        with emulator.client(logger=logger) as client:
            assert client.create_contact_group(USER, "g").group.name == "g"
            with pytest.raises(GroupNotFoundError):
                client.del_contact_group(USER, "h")
            assert list(client.contact_group_items(USER)) == []
            assert client.del_contact_groups([USER], "g").deleted == 1
    finally:
        logger.removeHandler(handler)
    told = capsys.readouterr().err
    assert told.count("the logger failed on the record of del_contact_group;") == 2 and "the disk is full" in told
    monkeypatch.setattr(logging, "raiseExceptions", False)
    assert capsys.readouterr().err == ""


def test_without_a_logger_nothing_is_printed() -> None:
    program = """
from tencent_chat import ChatError, Client
with Client(base_url="http://127.0.0.1:1", sdk_app_id=1, identifier="a", secret_key="k") as client:
    try:
        client.del_contact_group("u", "g")
    except ChatError as error:
        print(error.code)
"""
    ended = python("-c", program)
    assert (ended.stdout, ended.stderr) == ("-5\n", "")
