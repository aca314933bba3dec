"""The classes of errors: each of a built-in kind where Python has one, listed, and whole when it is kept, copied or made again."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
import subprocess
from pathlib import Path
from typing import Dict, List, Type

import pytest
from scene import USER, python

import tencent_chat
from tencent_chat import ChatError, Client, ServiceError, _library, codes, errors

#: Classes, and the built-in kind each may also be caught as.
KINDS: Dict[Type[ChatError], type] = {
    errors.InvalidArgumentError: ValueError,
    errors.InvalidUtf8Error: ValueError,
    errors.ConfigError: ValueError,
    errors.CallTimeoutError: TimeoutError,
    errors.TransportError: ConnectionError,
    errors.TlsError: ConnectionError,
    errors.HttpStatusError: ChatError,
    errors.ProtocolError: ChatError,
    errors.ForkedError: RuntimeError,
    errors.ShutdownError: RuntimeError,
    errors.ThrottledError: ChatError,
    errors.InternalError: RuntimeError,
    errors.CancelledError: ChatError,
    errors.PartialError: ChatError,
    errors.ServiceError: ChatError,
    errors.AccountNotImportedError: LookupError,
    errors.InvalidParameterError: ValueError,
    errors.AdminRequiredError: PermissionError,
    errors.GroupNotFoundError: LookupError,
    errors.GroupNameTooLongError: ValueError,
    errors.LimitReachedError: ServiceError,
    errors.PlanError: PermissionError,
    errors.RateExceededError: ServiceError,
    errors.IpNotAllowedError: PermissionError,
    errors.SdkAppIdError: LookupError,
    errors.UserSigError: PermissionError,
    errors.LockedOutError: PermissionError,
}


def public_classes() -> List[Type[ChatError]]:
    return [
        value
        for _, value in inspect.getmembers(errors, inspect.isclass)
        if issubclass(value, ChatError) and value is not ChatError
    ]


def test_every_class_is_listed_public_and_documented() -> None:
    assert set(public_classes()) == set(KINDS)
    for kind in public_classes():
        assert getattr(tencent_chat, kind.__name__) is kind and kind.__name__ in tencent_chat.__all__
        assert issubclass(kind, KINDS[kind])
        assert kind.__doc__


def test_every_named_code_has_a_class_and_every_class_a_code() -> None:
    no_errors = ("OK", "END")
    named = {name: value for name, value in vars(codes).items() if isinstance(value, int) and name not in no_errors}
    classes = {name: errors.error_class(value) for name, value in named.items()}
    assert ChatError not in classes.values()
    assert all(issubclass(kind, ServiceError) == (named[name] > 0 or name == "ERR_SERVICE") for name, kind in classes.items())
    assert set(classes.values()) == set(KINDS)


def test_a_code_without_a_name_still_has_a_class() -> None:
    assert errors.error_class(50006) is ServiceError
    assert errors.error_class(-99) is ChatError


def test_an_error_is_made_again_from_its_args_and_shows_its_code(client: Client) -> None:
    """As Celery's JSON results do, and others that keep the class and the args."""
    with pytest.raises(errors.GroupNotFoundError) as caught:
        client.del_contact_group(USER, "none")
    kinds = [kind for kind in map(vars(tencent_chat).get, tencent_chat.__all__) if inspect.isclass(kind)]
    made = [kind(-5, "broken") for kind in kinds if issubclass(kind, ChatError)]
    assert len(made) > 25
    for error in [*made, caught.value]:
        kept = json.loads(json.dumps(error.args))
        again = type(error)(*kept)
        assert (type(again), again.code, again.message, str(again)) == (type(error), error.code, error.message, str(error))
        assert repr(error) == f"{type(error).__name__}({error.code}, {error.message!r})"
        assert getattr(error, "errno", None) is None


class Tagged(errors.GroupNotFoundError):
    """An error of a user's own with another constructor."""

    def __init__(self, tenant: str) -> None:
        super().__init__(51009, f"no such group of {tenant}")
        self.tenant = tenant


def test_an_error_keeps_notes_and_attributes_when_it_is_pickled_or_copied() -> None:
    for error in (errors.GroupNotFoundError(51009, "x"), ChatError(-5, "x"), errors.TransportError(-5, "x"), Tagged("acme")):
        error.tenant = "acme"  # type: ignore[union-attr]
        error.__notes__ = ["while retiring acme"]
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            for again in (pickle.loads(pickle.dumps(error, protocol)), copy.copy(error), copy.deepcopy(error)):
                assert type(again) is type(error) and vars(again) == vars(error) and again.args == error.args
                assert str(again) == str(error) and repr(again) == repr(error)


def test_an_error_survives_pickle_and_copy(client: Client) -> None:
    with pytest.raises(errors.GroupNotFoundError) as caught:
        client.del_contact_group(USER, "g")
    error = caught.value
    assert error.response is not None and error.response.message == error.message and str(error) == f"[51009] {error.message}"
    assert (error.is_retriable, error.is_in_doubt, error.retry_after) == (False, False, 0.0)
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert (type(again), again.code, str(again), again.response) == (
            type(error),
            error.code,
            str(error),
            error.response,
        )


SHIM = r"""
#include <stddef.h>
int chat_call(const void *, const char *, const char *, size_t, const void *, void **);
/* Everything else of the library is found behind this one; this call ends as if a bug had been contained. */
int chat_del_contact_group(const void *client, const char *from, const char *name, const void *options, void **response) {
    (void)from; (void)name;
    (void)chat_call(client, "no path", NULL, 0, options, response);
    return -10;
}
"""
USE_SHIM = """
from tencent_chat import Client, InternalError
with Client("china", sdk_app_id=1, identifier="a", secret_key="k") as client:
    try:
        client.del_contact_group("a", "g")
    except InternalError as error:
        print(error.code, isinstance(error, RuntimeError))
"""


def test_a_contained_bug_of_the_library_is_an_internal_error(tmp_path: Path) -> None:
    (tmp_path / "shim.c").write_text(SHIM)
    real = Path(_library.place)
    command = [
        "cc",
        "-shared",
        "-fPIC",
        "-o",
        "shim.so",
        "shim.c",
        str(real),
        f"-Wl,-rpath,{real.parent}",
        "-Wl,--no-as-needed",
    ]
    subprocess.run(command, cwd=tmp_path, check=True)
    (tmp_path / "libtencent_chat.so.0.1").symlink_to(real)
    environment = {"TENCENT_CHAT_LIBRARY": str(tmp_path / "shim.so"), "LD_LIBRARY_PATH": str(tmp_path)}
    ended = python("-c", USE_SHIM, environment=environment, cwd=tmp_path)
    assert ended.stdout == "-10 True\n", ended.stderr


def test_an_error_without_a_response_answers_its_questions() -> None:
    error = errors.InvalidArgumentError(codes.ERR_INVALID_ARGUMENT, "why")
    assert (error.response, error.is_retriable, error.is_in_doubt, error.retry_after) == (None, False, False, 0.0)
