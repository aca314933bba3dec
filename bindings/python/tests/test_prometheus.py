"""The metrics page, as Prometheus' own parser for Python reads it."""

from __future__ import annotations

import asyncio
from typing import Dict

import pytest
from prometheus_client.parser import text_string_to_metric_families
from scene import USER, create, group_names

from tencent_chat import Client, InvalidArgumentError, ShutdownError, Stats
from tencent_chat.testing import Emulator


def samples(page: str) -> Dict[str, float]:
    """The sums of a page's samples by name, over clients and commands, as Prometheus' own parser reads them."""
    found: Dict[str, float] = {}
    for family in text_string_to_metric_families(page):
        assert family.documentation and family.type in ("counter", "gauge", "histogram"), family
        for sample in family.samples:
            assert "client" in sample.labels, sample
            for key in (sample.name, f"{sample.name} {sample.labels.get('outcome', sample.labels.get('le'))}"):
                found[key] = found.get(key, 0) + sample.value
    return found


def test_the_text_for_prometheus_says_the_same(emulator: Emulator, client: Client) -> None:
    create(client, "g")
    emulator.fault(code=50004)
    client.del_contact_group(USER, "g")
    stats = client.stats()
    text = samples(stats.prometheus)
    for name, count in stats.items():
        if name.startswith("calls_") and name != "calls_in_progress":
            assert text[f"tencent_chat_calls_total {name[6:]}"] == count
    for name in ("attempts", "retries", "in_doubt", "already_deleted", "re_signs", "connections_opened"):
        assert text[f"tencent_chat_{name}_total"] == stats[name]
    assert text["tencent_chat_connections_open"] == text["tencent_chat_connections_idle"] == 1
    assert text["tencent_chat_calls_in_progress"] == 0
    duration = "tencent_chat_call_duration_seconds"
    assert text[f"{duration}_bucket +Inf"] == text[f"{duration}_count"] == 2
    assert text[f"{duration}_sum"] == pytest.approx(stats["latency_sum_us"] / 1e6)


def test_clients_share_a_page_under_labels_of_their_own(emulator: Emulator, client: Client) -> None:
    create(client, "g")
    labels = {"client": "orders", "zone": 'a "b" \\ c'}
    with emulator.client(metric_labels=labels) as other, emulator.client(metric_labels=labels) as twin:
        group_names(other)
        stats = client.stats(other)
        families = {family.name: family for family in text_string_to_metric_families(stats.prometheus)}
        attempts = families["tencent_chat_attempts"].samples
        assert [sample.labels for sample in attempts if sample.labels["client"] == "orders"] == [
            {**labels, "command": "v4/recentcontact/get_contact_group"}
        ]
        assert stats["attempts"] == len(attempts) == 2
        with pytest.raises(InvalidArgumentError, match="metric_labels"):
            other.stats(client, twin)
    with pytest.raises(ShutdownError):
        client.stats(other)
    for wrong in ({"a-b": "c"}, {"a": ""}, {"le": "1"}):
        with pytest.raises(InvalidArgumentError, match="metric_label"):
            emulator.client(metric_labels={**wrong, "zone": "z"})
    with pytest.raises(TypeError, match="metric_labels"):
        emulator.client(metric_labels=["zone"])


def test_async_clients_share_a_page_too(emulator: Emulator) -> None:
    async def story() -> Stats:
        async with emulator.async_client() as client, emulator.async_client() as other:
            await client.get_contact_group(USER)
            await other.get_contact_group(USER)
            return await client.stats(other)

    assert asyncio.run(story())["calls_ok"] == 2
