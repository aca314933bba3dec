"""Each setting of a client has an effect, seen on the wire or by how a call ends."""

from __future__ import annotations

import os
import socket
import time
from datetime import timedelta
from pathlib import Path
from typing import Any, Dict, Iterator

import pytest
from scene import LONGER_THAN_PATIENCE, PATIENT, USER, Running, create, group_names, keeper

import tencent_chat
from tencent_chat import CallTimeoutError, Client, ConfigError, InvalidArgumentError, TlsError, TransportError
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
