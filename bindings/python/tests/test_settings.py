"""Each setting of a client has an effect, seen on the wire or by how a call ends."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any, Dict

import pytest
from scene import USER, create, group_names, keeper

import tencent_chat
from tencent_chat import Client, ConfigError, InvalidArgumentError, TransportError
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


@pytest.mark.parametrize("region", REGIONS)
def test_a_region_is_the_host_of_its_data_centre(region: str) -> None:
    # A proxy that lets nobody through, so that nothing leaves this machine.
    with keeper() as proxy, Client(region, proxy=proxy.url, **APP) as client:
        with pytest.raises(TransportError):
            client.del_contact_group(USER, "g")
        assert set(proxy.connects) == {f"{REGIONS[region]}:443"}


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


def test_proxies_of_the_environment_are_not_used(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "all_proxy", "https_proxy", "http_proxy"):
        # os.environ also sets the variable of the C library, where the core would look.
        monkeypatch.setitem(os.environ, name, "http://127.0.0.1:1")
    with emulator.client() as client:
        create(client, "g")


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
