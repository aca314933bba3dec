"""Each setting of a client has an effect, seen on the wire or by how a call ends."""

from __future__ import annotations

import os
import socket
import time
from datetime import timedelta
from pathlib import Path
from typing import Any, Dict, Iterator

import pytest
from scene import DELETE, LONGER_THAN_PATIENCE, PATIENT, USER, Running, create, group_names, keeper

import tencent_chat
from tencent_chat import (
    CallTimeoutError,
    Client,
    ConfigError,
    GroupNameTooLongError,
    GroupNotFoundError,
    InvalidArgumentError,
    TlsError,
    TransportError,
    UserSigError,
)
from tencent_chat.testing import Emulator

REGIONS = {
    "china": "console.tim.qq.com",
    "singapore": "adminapisgp.im.qcloud.com",
    "seoul": "adminapikr.im.qcloud.com",
    "tokyo": "adminapijpn.im.qcloud.com",
    "frankfurt": "adminapiger.im.qcloud.com",
    "silicon_valley": "adminapiusa.im.qcloud.com",
    "jakarta": "adminapiidn.im.qcloud.com",
    "riyadh": "adminapiksa.im.qcloud.com",
}
APP: Dict[str, Any] = {"sdk_app_id": 1400000000, "identifier": "administrator", "secret_key": "k" * 64}


@pytest.fixture(scope="module")
def other_emulator() -> Iterator[Emulator]:
    """Another app, another administrator, another CA."""
    with Emulator(sdk_app_id=1400000001, identifier="root user&1") as emulator:
        yield emulator


@pytest.mark.parametrize("region", REGIONS)
def test_a_region_is_the_host_of_its_data_centre(region: str) -> None:
    # A proxy that lets nobody through, so that nothing leaves this machine.
    with keeper() as proxy, Client(region, proxy=proxy.url, **APP) as client:
        with pytest.raises(TransportError):
            client.del_contact_group(USER, "g")
        assert set(proxy.connects) == {f"{REGIONS[region]}:443"}


def test_an_unknown_region_is_refused_with_the_list() -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        Client("mars", **APP)
    assert all(region in caught.value.message for region in REGIONS)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"region": "china", "base_url": "https://localhost"},
        {"region": "china", "user_sig": "eJ"},
        {"region": "china", "secret_key": None},
    ],
    ids=["no place", "two places", "key and signature", "neither"],
)
def test_settings_that_contradict_each_other_are_a_config_error(settings: Dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as caught:
        Client(**{**APP, **settings})
    assert caught.value.response is not None and caught.value.response.attempts == 0


@pytest.mark.parametrize(
    "url",
    ["localhost", "ftp://localhost", "https://u:p@localhost", "https://localhost/v4", "https://localhost?x=1", ""],
)
def test_a_base_url_that_is_more_or_less_than_a_place_is_refused(url: str) -> None:
    with pytest.raises(InvalidArgumentError, match="base_url"):
        Client(base_url=url, **APP)


def test_plain_http_is_accepted_on_loopback(emulator: Emulator) -> None:
    with emulator.client(base_url=emulator.url) as client:
        create(client, "g")
    assert emulator.requests()[-1]["listener"] == "http"


def test_plain_http_beyond_loopback_needs_a_switch() -> None:
    # 192.0.2.0/24 is reserved for documentation: nobody answers there.
    with pytest.raises(ConfigError, match="http"):
        Client(base_url="http://192.0.2.1", **APP)
    with Client(base_url="http://192.0.2.1", allow_insecure_http=True, connect_timeout=0.2, **APP) as client:
        with pytest.raises((CallTimeoutError, TransportError)):
            client.del_contact_group(USER, "g")


def test_app_and_identifier_stand_in_the_query(other_emulator: Emulator) -> None:
    with other_emulator.client() as client:
        create(client, "g")
    query = other_emulator.requests()[-1]["query"]
    assert query["sdkappid"] == "1400000001" and query["identifier"] == "root user&1"


def test_the_user_agent_is_added_behind_the_librarys_own(emulator: Emulator) -> None:
    with emulator.client() as plain, emulator.client(user_agent="billing/2.1") as named:
        create(plain, "a")
        create(named, "b")
    agents = [request["headers"]["user-agent"] for request in emulator.requests()]
    assert agents[1] == f"{agents[0]} billing/2.1"


def test_without_a_ca_file_only_the_built_in_roots_are_trusted(emulator: Emulator) -> None:
    with Client(base_url=emulator.tls_url, **APP) as client, pytest.raises(TlsError) as caught:
        client.del_contact_group(USER, "g")
    assert not caught.value.is_in_doubt
    assert emulator.requests() == []


@pytest.mark.parametrize("kind", [str, Path])
def test_a_ca_file_replaces_the_roots(emulator: Emulator, other_emulator: Emulator, kind: Any) -> None:
    with emulator.client(ca_file=kind(emulator.ca_file)) as client:
        create(client, "g")
    with emulator.client(ca_file=kind(other_emulator.ca_file)) as client, pytest.raises(TlsError):
        create(client, "h")


def test_added_ca_files_are_trusted_beside_the_others(emulator: Emulator, other_emulator: Emulator) -> None:
    ours, other = emulator.ca_file, other_emulator.ca_file
    for ca_file, added in (
        (None, ours),
        (None, Path(ours)),
        (None, [other, Path(ours)]),
        (other, [ours]),
        (ours, (other,)),
    ):
        with emulator.client(ca_file=ca_file, add_ca_file=added) as client:
            group_names(client)
    with emulator.client(ca_file=None, add_ca_file=other) as client, pytest.raises(TlsError):
        group_names(client)
    with emulator.client(ca_file=ours, add_ca_file=[]) as client:
        group_names(client)


@pytest.mark.parametrize("setting", ["ca_file", "add_ca_file"])
def test_a_ca_file_that_cannot_be_used_is_a_config_error_when_the_client_is_made(tmp_path: Path, setting: str) -> None:
    garbage = tmp_path / "garbage.pem"
    garbage.write_text("no certificate")
    for path in (garbage, tmp_path / "missing.pem", tmp_path):
        with pytest.raises(ConfigError, match=rf"^\[-3\] {setting}\b"):
            Client("china", **{**APP, setting: path})


def test_a_proxy_carries_the_call_when_its_login_is_right(emulator: Emulator) -> None:
    assert emulator.proxy_url is not None
    place = emulator.proxy_url.replace("http://", "")
    with emulator.client(proxy=f"http://user:proxy-canary@{place}") as client:
        create(client, "g")
    connects = emulator.proxy_connects()
    assert connects[-1]["authority"] == emulator.tls_url.replace("https://", "") and connects[-1]["login_accepted"] is True
    for login in ("", "user:wrong@"):
        with emulator.client(proxy=f"http://{login}{place}") as client, pytest.raises(TransportError) as caught:
            create(client, "h")
        assert not caught.value.is_in_doubt
        assert emulator.proxy_connects()[-1]["login_accepted"] is False
    assert len(emulator.requests()) == 1


@pytest.mark.parametrize("scheme", ["https", "socks5"])
def test_a_proxy_of_another_kind_is_refused_by_name(scheme: str) -> None:
    with pytest.raises(InvalidArgumentError, match=scheme):
        Client("china", proxy=f"{scheme}://user:proxy-canary@localhost:1", **APP)


def test_proxies_of_the_environment_are_not_used(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "all_proxy", "https_proxy", "http_proxy"):
        # os.environ also sets the variable of the C library, where the core would look.
        monkeypatch.setitem(os.environ, name, "http://127.0.0.1:1")
    with emulator.client() as client:
        create(client, "g")


def test_the_connect_timeout_ends_a_handshake_that_hangs() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        settings: Dict[str, Any] = {"base_url": url, "max_attempts": 1, **PATIENT, **APP}
        with (
            Client(connect_timeout=LONGER_THAN_PATIENCE, **settings) as patient,
            Client(connect_timeout=0.3, **settings) as hasty,
        ):
            # Begun first, so that it would also end first if both had the same connect timeout.
            outlasting = Running(lambda: patient.del_contact_group(USER, "g"))
            accepted, _ = silent.accept()
            begun = time.monotonic()
            error = Running(lambda: hasty.del_contact_group(USER, "g")).error()
            assert time.monotonic() - begun >= 0.3
            assert isinstance(error, CallTimeoutError) and not error.is_in_doubt
            assert outlasting.is_running
            accepted.close()
            outlasting.error()


def test_one_connection_carries_one_call_at_a_time(emulator: Emulator) -> None:
    emulator.fault(hang=True)
    with emulator.client(max_connections=1, **PATIENT) as client:
        first = Running(lambda: client.del_contact_group(USER, "g"))
        emulator.wait_for_requests(1)
        with pytest.raises(CallTimeoutError) as caught:
            client.del_contact_group(USER, "g", timeout=0.3)
        assert not caught.value.is_in_doubt
        assert first.is_running
        client.shutdown()
        assert isinstance(first.error(), tencent_chat.ShutdownError)
    assert len(emulator.requests()) == 1


def test_the_lifetime_of_a_signature_is_how_long_the_service_accepts_it(emulator: Emulator) -> None:
    emulator.set_clock(offset=5000)
    with emulator.client(user_sig_lifetime=3600) as client, pytest.raises(UserSigError) as caught:
        create(client, "g")
    assert caught.value.code == tencent_chat.codes.SERVICE_USER_SIG_EXPIRED
    with emulator.client(user_sig_lifetime=7200) as client:
        create(client, "g")
    with emulator.client() as client:
        group_names(client)
    emulator.set_clock(offset=90000)
    with emulator.client() as client, pytest.raises(UserSigError):
        group_names(client)


def test_local_limits_spare_a_request_and_can_be_left_to_the_service(emulator: Emulator) -> None:
    name = "é" * 32 + "x"
    assert len(name) < 64 < len(name.encode())
    with emulator.client() as client, pytest.raises(InvalidArgumentError, match="51011"):
        client.del_contact_group(USER, name)
    assert emulator.requests() == []
    with emulator.client(local_limits=False) as client, pytest.raises(GroupNameTooLongError):
        client.del_contact_group(USER, name)
    assert [request["path"].strip("/") for request in emulator.requests()] == [DELETE]


def test_a_name_of_64_bytes_is_sent(client: Client) -> None:
    with pytest.raises(GroupNotFoundError):
        client.del_contact_group(USER, "é" * 32)


def test_a_connection_that_no_call_uses_is_closed_after_its_idle_time(emulator: Emulator) -> None:
    for settings, connections in (({"idle_timeout": timedelta(milliseconds=50)}, 2), ({"idle_timeout": 60}, 1)):
        with emulator.client(**settings) as client:
            create(client, f"g{connections}")
            time.sleep(0.3)
            group_names(client)
            assert client.stats()["connections_opened"] == connections


def test_keep_alive_authorities_of_the_system_and_a_client_certificate_are_taken_or_refused_by_name(
    emulator: Emulator, tmp_path: Path
) -> None:
    with emulator.client(tcp_keepalive=30) as client, emulator.client(tcp_keepalive=timedelta(seconds=30)) as other:
        create(client, "g")
        assert group_names(other) == ["g"]
    with pytest.raises(InvalidArgumentError, match="tcp_keepalive"):
        emulator.client(tcp_keepalive=40000)
    with pytest.raises(ConfigError):
        emulator.client(system_ca=True, ca_file=emulator.ca_file)
    missing = tmp_path / "missing.pem"
    with pytest.raises(ConfigError, match=r"missing\.pem"):
        emulator.client(client_certificate=(missing, missing))
    for name, wrong in (("client_certificate", str(missing)), ("system_ca", 1), ("tcp_keepalive", 1.5), ("idle_timeout", "1")):
        with pytest.raises(TypeError, match=name):
            emulator.client(**{name: wrong})
