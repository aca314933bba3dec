"""Reading an answer without trust: whatever the service sends, a typed result comes of it and no exception."""

from __future__ import annotations

from typing import Any

import pytest

from tencent_chat import Response, _members


def response(body: str) -> Response:
    return Response(0, "", 200, body, 1, 0, False, False, 0.0)


@pytest.mark.parametrize("body", ["", "nonsense", "[]", "null", "5", '{"a":' + "9" * 5000 + "}"], ids=lambda body: body[:10])
def test_a_body_that_is_no_object_has_no_members(body: str) -> None:
    answer = _members.answer(response(body))
    assert _members.integer(answer, "b") == 0 and _members.text(answer, "b") == ""


@pytest.mark.parametrize(
    "value, number",
    [
        (7, 7),
        ("7", 7),
        ("-7", -7),
        (2**63 - 1, 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
        (True, 0),
        (7.5, 0),
        ("", 0),
        ("-", 0),
        ("--7", 0),
        ("7a", 0),
        ("\u0667", 0),
        ("9" * 5000, 0),
        (None, 0),
        ([7], 0),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_number_is_read_also_from_a_string_and_anything_else_is_0(value: Any, number: int) -> None:
    assert _members.integer({"a": value}, "a") == number
    assert _members.integers({"a": [value, 1]}, "a") == (number, 1)


@pytest.mark.parametrize("value", [None, 5, "a", {}, True])
def test_what_is_no_array_is_an_empty_one(value: Any) -> None:
    assert (*_members.objects({"a": value}, "a"), *_members.texts({"a": value}, "a")) == ()
    assert _members.integers({"a": value}, "a") == ()


def test_other_things_in_an_array_are_left_out() -> None:
    mixed = {"a": [{"b": 1}, "c", None, 5, ["d"]]}
    assert list(_members.objects(mixed, "a")) == [{"b": 1}]
    assert _members.texts(mixed, "a") == ("c",)
    assert _members.member({"a": [1]}, "a") == _members.member({}, "a") == {}
