"""The emulator as a user's tests see it: found, started, steered, gone; and every refusal of it readable."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from scene import CREATE, DELETE, USER, create, group_names, python
from tencentcloud_im.tcim_client import TCIMClient

import tencent_chat
from tencent_chat import GroupNotFoundError, ServiceError, UserSigError, testing
from tencent_chat.testing import Emulator, EmulatorError


def test_two_emulators_share_nothing(emulator: Emulator) -> None:
    with Emulator() as other, emulator.client() as here, other.client() as there:
        create(here, "g")
        assert group_names(there) == []
        assert other.tls_url != emulator.tls_url


def test_it_is_gone_after_the_with_block_and_may_be_closed_again() -> None:
    with Emulator() as emulator:
        assert Path(emulator.ca_file).is_file()
    emulator.close()
    assert not Path(emulator.ca_file).exists()
    with pytest.raises(EmulatorError, match="closed"):
        emulator.requests()


def test_it_ends_with_the_program_that_started_it(tmp_path: Path) -> None:
    program = """
import os, signal
from tencent_chat.testing import Emulator
print(Emulator()._process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    ended = python("-c", program, cwd=tmp_path)
    assert ended.returncode == -signal.SIGKILL
    # Orphaned, so not ours to wait for; it ends when it sees its standard input closed.
    for _ in range(600):
        if not _is_running(int(ended.stdout)):
            return
        subprocess.run(["sleep", "0.05"], check=True)
    raise AssertionError("still running after 30 s")


def _is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_faults_are_played_skipped_counted_and_cleared(emulator: Emulator, client: tencent_chat.Client) -> None:
    emulator.fault(code=50002, path=DELETE, skip=1, times=1)
    assert len(emulator.faults()) == 1
    create(client, "a", "b", "c")
    client.del_contact_group(USER, "a")
    with pytest.raises(ServiceError):
        client.del_contact_group(USER, "b")
    client.del_contact_group(USER, "b")
    emulator.fault(code=50002, times=0)
    emulator.clear_faults()
    assert emulator.faults() == []
    client.del_contact_group(USER, "c")


def test_requests_tell_what_came_and_what_was_answered(emulator: Emulator, client: tencent_chat.Client) -> None:
    create(client, "g")
    (request,) = emulator.requests()
    assert request["path"].strip("/") == CREATE and request["status"] == 200 and request["code"] == 0
    assert "usersig" not in request["query"]
    with pytest.raises(EmulatorError, match="1 requests came"):
        emulator.wait_for_requests(2, timeout=0.05)


def test_the_state_can_be_taken_and_put_back(emulator: Emulator, client: tencent_chat.Client) -> None:
    create(client, "g")
    kept = emulator.state()
    client.del_contact_group(USER, "g")
    emulator.load_state(kept)
    assert group_names(client) == ["g"]
    assert emulator.state() == kept


def test_reset_brings_back_the_start(emulator: Emulator, client: tencent_chat.Client) -> None:
    create(client, "g")
    emulator.settings(plan=False)
    emulator.fault(code=50004)
    emulator.reset()
    assert group_names(client) == []
    assert len(emulator.requests()) == 1
    assert emulator.settings()["plan"] is True


def test_settings_are_changed_one_by_one_and_told(emulator: Emulator) -> None:
    before = emulator.settings()
    after = emulator.settings(name_limit=32)
    assert after == {**before, "name_limit": 32} and before["name_limit"] == 64


def test_the_clock_can_be_stopped_moved_and_set_right(emulator: Emulator, client: tencent_chat.Client) -> None:
    emulator.set_clock(now=4000000000)
    with pytest.raises(UserSigError):
        group_names(client)
    emulator.set_clock(offset=10_000_000)
    with pytest.raises(UserSigError):
        group_names(client)
    emulator.set_clock()
    group_names(client)


def test_a_refusal_of_the_admin_port_is_told_in_its_words(emulator: Emulator) -> None:
    with pytest.raises(EmulatorError, match="/faults"):
        emulator.fault(nonsense=True)


def test_its_client_takes_every_setting(emulator: Emulator) -> None:
    with emulator.client(base_url=emulator.url, timeout=3.5, user_agent="mine") as client:
        create(client, "g")
    assert emulator.requests()[-1]["headers"]["user-agent"].endswith(" mine")
    with emulator.client(region="singapore") as elsewhere:
        assert "singapore" in repr(elsewhere)


def test_a_program_that_is_not_there_is_told_with_its_source(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(EmulatorError, match="`program` names"):
        Emulator(program=tmp_path / "nothing")
    monkeypatch.setenv("CHAT_EMULATOR", str(tmp_path / "nothing"))
    with pytest.raises(EmulatorError, match="CHAT_EMULATOR names"):
        Emulator()


def test_a_program_that_does_not_start_is_told_in_its_words() -> None:
    with pytest.raises(EmulatorError, match="--no-such-flag"):
        Emulator(arguments=["--no-such-flag"])


def test_a_program_that_is_another_one_is_refused() -> None:
    with pytest.raises(EmulatorError, match="did not start"):
        Emulator(program="true")


@pytest.fixture
def without_wheel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """As if the package held no program, with a library in <prefix>/lib and an empty PATH."""
    monkeypatch.delenv("CHAT_EMULATOR", raising=False)
    monkeypatch.setattr(testing._library, "NATIVE", tmp_path / "none")
    monkeypatch.setattr(testing._library, "place", str(tmp_path / "prefix" / "lib" / "libtencent_chat.so"))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    return tmp_path


@pytest.mark.parametrize("place", ["prefix/lib", "prefix/bin", "path", "given"])
def test_the_program_is_found_in_each_place(without_wheel: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    with pytest.raises(EmulatorError) as caught:
        testing.find_program()
    for part in ("prefix/lib", "prefix/bin", "PATH", "CHAT_EMULATOR", "make install", "cargo build"):
        assert part in str(caught.value)
    program = without_wheel / place / "chat-emulator"
    program.parent.mkdir(parents=True)
    shutil.copy(sys.executable, program)
    if place == "given":
        monkeypatch.setenv("CHAT_EMULATOR", str(program))
    assert testing.find_program() == str(program)


def test_an_emulator_of_another_app_serves_only_that_one() -> None:
    with Emulator(sdk_app_id=20000, identifier="root") as emulator:
        assert (emulator.sdk_app_id, emulator.identifier) == (20000, "root")
        with emulator.client() as client, pytest.raises(GroupNotFoundError):
            client.del_contact_group(USER, "g")
        with emulator.client(sdk_app_id=1400000000) as client, pytest.raises(tencent_chat.SdkAppIdError):
            client.del_contact_group(USER, "g")
    assert "20000" in repr(emulator) and emulator.secret_key not in repr(emulator)


def test_the_environment_of_a_proxy_does_not_reach_the_admin_port(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setitem(os.environ, name, "http://127.0.0.1:1")
    with Emulator() as another:
        assert another.requests() == []


def test_a_client_of_the_service_by_others_passes(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """It signs by the vendor's package and sends by requests: nothing of it is ours."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    theirs = TCIMClient(emulator.sdk_app_id, emulator.secret_key, emulator.identifier, f"{emulator.url}/v4")
    assert theirs.add_single_user("a", "nick", "http://x/y.png").json()["ErrorCode"] == 0
    assert theirs.batch_add_users(["b", "c"]).json()["FailAccounts"] == []
    assert [one["ResultCode"] for one in theirs.del_user(["b", "nobody"]).json()["ResultItem"]] == [0, 70107]
    checked = theirs.search_user(["a", "b"]).json()["ResultItem"]
    assert [one["AccountStatus"] for one in checked] == ["Imported", "NotImported"]
    assert emulator.state()["accounts"]["a"]["nick"] == "nick"
