"""The counters of a client: equal to what the emulator saw, a snapshot, and text that Prometheus reads."""

from __future__ import annotations

import asyncio
import pickle
import re
from typing import Dict

import pytest
from scene import CREATE, PATIENT, REPOSITORY, USER, Running, create, group_names

import tencent_chat
from tencent_chat import ChatError, Client, GroupNotFoundError, InvalidArgumentError, ShutdownError, Stats
from tencent_chat.testing import Emulator

HEADER = (REPOSITORY / "include" / "tencent_chat.h").read_text(encoding="utf-8")


def samples(text: str) -> Dict[str, float]:
    """The lines of an exposition by name and labels; a line of another form is refused."""
    found: Dict[str, float] = {}
    for line in text.splitlines():
        if re.fullmatch(r"# TYPE tencent_chat_\w+ (counter|gauge|histogram)", line):
            continue
        sample = re.fullmatch(r'(tencent_chat_\w+(?:\{\w+="[^"]*"\})?) ([0-9.]+)', line)
        assert sample and sample[1] not in found, line
        found[sample[1]] = float(sample[2])
    return found


def test_counters_equal_what_the_service_saw(emulator: Emulator, client: Client) -> None:
    create(client, "a", "b")
    emulator.fault(code=50004)
    client.del_contact_group(USER, "a")
    emulator.fault(drop="fin", applied=True)
    client.del_contact_group(USER, "b")
    emulator.fault(drop="reset")
    with pytest.raises(ChatError):
        client.call(CREATE, {})
    with pytest.raises(GroupNotFoundError):
        client.del_contact_group(USER, "c")
    with pytest.raises(InvalidArgumentError):
        client.del_contact_group(USER, "")
    emulator.fault(hang=True)
    with pytest.raises(ChatError):
        client.call(CREATE, {}, timeout=0.3)
    with pytest.raises(ChatError):
        client.account_delete(["user_0002", "nobody"])
    stats = client.stats()
    ended = {name: count for name, count in stats.items() if name.startswith("calls_") and count}
    assert ended == {
        "calls_ok": 4,
        "calls_partial": 1,
        "calls_service": 1,
        "calls_transport": 1,
        "calls_timeout": 1,
        "calls_invalid_argument": 1,
    }
    assert stats["calls"] == sum(ended.values())
    assert stats["attempts"] == len(emulator.requests()) == 10
    assert (stats["retries"], stats["already_deleted"], stats["in_doubt"]) == (2, 1, 2)
    connections = {request["connection"] for request in emulator.requests()}
    assert stats["connections_opened"] == len(connections) and stats["connections_open"] == 1
    assert stats["latency_le_inf"] == 8 and stats["latency_sum_us"] >= 300_000


def test_a_snapshot_does_not_change(client: Client) -> None:
    before = client.stats()
    create(client, "g")
    after = client.stats()
    assert (before["calls_ok"], after["calls_ok"]) == (0, 1)
    assert "tencent_chat_attempts_total 0\n" in before.prometheus and "tencent_chat_attempts_total 1\n" in after.prometheus
    with pytest.raises(TypeError):
        after["calls"] = 5  # type: ignore[index]
    with pytest.raises(KeyError):
        after["no such counter"]
    again = pickle.loads(pickle.dumps(after))
    assert isinstance(again, Stats) and again == after and again.prometheus == after.prometheus
    assert repr(after) == f"Stats({dict(after)})"


def test_the_names_are_those_that_the_header_and_the_docs_explain(client: Client) -> None:
    (explained,) = re.findall(r"/\*\*\n \* A client's counters at one moment\..*?\*/", HEADER, flags=re.DOTALL)
    named = set(re.findall(r"`(\w+)`", explained)) - {"uint64_t", "latency_le_1_ms", "latency_le_inf"}
    names = set(client.stats())
    assert named == {name for name in names if not name.startswith("latency_le_")}
    buckets = [int(name.split("_")[2]) for name in client.stats() if re.fullmatch(r"latency_le_\d+_ms", name)]
    assert buckets == [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000]
    assert all(f"``{name}``" in (Stats.__doc__ or "") for name in named)


def test_the_text_for_prometheus_says_the_same(emulator: Emulator, client: Client) -> None:
    create(client, "g")
    emulator.fault(code=50004)
    client.del_contact_group(USER, "g")
    stats = client.stats()
    text = samples(stats.prometheus)
    for name, count in stats.items():
        if name.startswith("calls_") and name != "calls_in_progress":
            assert text[f'tencent_chat_calls_total{{outcome="{name[6:]}"}}'] == count
    for name in ("attempts", "retries", "in_doubt", "already_deleted", "re_signs", "connections_opened"):
        assert text[f"tencent_chat_{name}_total"] == stats[name]
    assert text["tencent_chat_connections_open"] == 1 and text["tencent_chat_calls_in_progress"] == 0
    buckets = [value for name, value in text.items() if "_bucket" in name]
    assert buckets == sorted(buckets) and len(buckets) == 14
    duration = "tencent_chat_call_duration_seconds"
    assert text[f'{duration}_bucket{{le="+Inf"}}'] == text[f"{duration}_count"] == 2
    assert text[f"{duration}_sum"] == pytest.approx(stats["latency_sum_us"] / 1e6)
    assert stats.prometheus.endswith("\n")


def test_calls_in_progress_are_told_while_they_wait(emulator: Emulator) -> None:
    emulator.fault(hang=True, times=3)
    with emulator.client(**PATIENT) as client:
        calls = [Running(lambda: client.del_contact_group(USER, "g")) for _ in range(3)]
        emulator.wait_for_requests(3)
        stats = client.stats()
        assert (stats["calls_in_progress"], stats["calls"], stats["connections_open"]) == (3, 0, 3)
        client.shutdown()
        for call in calls:
            call.error()
        stats = client.stats()
        assert (stats["calls_in_progress"], stats["calls_shutdown"], stats["in_doubt"]) == (0, 3, 3)


def test_a_closed_client_has_no_counters(emulator: Emulator) -> None:
    client = emulator.client()
    client.close()
    with pytest.raises(ShutdownError, match="closed"):
        client.stats()


def test_every_snapshot_is_freed(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    real = tencent_chat.stats.library

    class Counting:
        def __getattr__(self, name: str) -> object:
            seen.append(name)
            return getattr(real, name)

    monkeypatch.setattr(tencent_chat.stats, "library", Counting())
    client.stats()
    assert seen.count("chat_client_stats") == seen.count("chat_stats_free") == 1


def test_an_async_client_has_them_too(emulator: Emulator) -> None:
    async def story() -> Stats:
        async with emulator.async_client() as client:
            await client.get_contact_group(USER)
            return await client.stats()

    assert asyncio.run(story())["calls_ok"] == 1


def test_counters_are_read_while_threads_call(client: Client) -> None:
    callers = [Running(lambda: [group_names(client) for _ in range(20)]) for _ in range(4)]
    last = 0
    while any(caller.is_running for caller in callers):
        calls = client.stats()["calls"]
        assert calls >= last
        last = calls
    for caller in callers:
        caller.end()
    assert client.stats()["calls_ok"] == 80
