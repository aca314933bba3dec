"""Spans of calls and attempts, as OpenTelemetry's own SDK keeps them: their names, kinds, parents, times and attributes, what a
failure is, and what is in none of them.
"""

from __future__ import annotations

import json
import urllib.parse
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from scene import DELETE, USER, awaited, create, keeper, load_conversations, python

from tencent_chat import ChatError, GroupNotFoundError, InvalidArgumentError, PartialError, TransportError, user_sig_new
from tencent_chat.opentelemetry import spans
from tencent_chat.testing import Emulator

KEY = "canary-key-3f9d1e"


class Kept:
    """A provider, and the spans that ended."""

    def __init__(self) -> None:
        self.provider, self._exporter = TracerProvider(shutdown_on_exit=False), InMemorySpanExporter()
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))

    def take(self) -> Tuple[ReadableSpan, List[ReadableSpan]]:
        """The one call that was made since, and its attempts in their order."""
        call, *others = self.calls()
        assert not others
        return call

    def calls(self) -> List[Tuple[ReadableSpan, List[ReadableSpan]]]:
        finished = self._exporter.get_finished_spans()
        self._exporter.clear()
        calls = [span for span in finished if span.kind is SpanKind.INTERNAL]
        children = [[one for one in finished if one.parent and one.parent.span_id == span.context.span_id] for span in calls]
        assert sum(map(len, children)) + len(calls) == len(finished), "each span is a call or an attempt of one"
        return list(zip(calls, children))


@pytest.fixture
def kept() -> Iterator[Kept]:
    made = Kept()
    yield made
    made.provider.shutdown()


def attributes(span: ReadableSpan) -> Dict[str, Any]:
    return dict(span.attributes or {})


def test_a_call_is_a_span_and_its_attempt_a_client_span_of_the_http_conventions(emulator: Emulator, kept: Kept) -> None:
    with emulator.client(call_hook=spans(kept.provider)) as client:
        response = client.account_import("user_0003")
    call, [attempt] = kept.take()
    assert (call.name, call.kind, call.parent, call.status.status_code) == ("account_import", SpanKind.INTERNAL, None, StatusCode.UNSET)
    assert attributes(call) == {"tencent_chat.code": 0, "tencent_chat.in_doubt": False}
    path = "/v4/im_open_login_svc/account_import"
    assert (attempt.name, attempt.kind, attempt.status.status_code) == (f"POST {path}", SpanKind.CLIENT, StatusCode.UNSET)
    url = urllib.parse.urlsplit(emulator.tls_url)
    found = attributes(attempt)
    assert found.pop("network.peer.address") in ("127.0.0.1", "::1")
    assert found == {
        "http.request.method": "POST",
        "http.response.status_code": 200,
        "network.peer.port": url.port,
        "network.protocol.version": "1.1",
        "server.address": url.hostname,
        "server.port": url.port,
        "tencent_chat.code": 0,
        "tencent_chat.random": response.random,
        "url.full": emulator.tls_url + path,
        "url.template": path,
    }
    times = (call.start_time, attempt.start_time, attempt.end_time, call.end_time)
    assert list(times) == sorted(times, key=lambda at: at or 0) and attempt.start_time != attempt.end_time
    scope = call.instrumentation_scope
    assert scope is not None and scope.name == "tencent_chat" and scope.version


def test_a_repeat_is_a_second_attempt_that_says_so(emulator: Emulator, kept: Kept) -> None:
    with emulator.client(call_hook=spans(kept.provider)) as client:
        emulator.fault(code=50004)
        trace = client.account_import("user_0003").trace
    call, [first, second] = kept.take()
    assert (attributes(first)["error.type"], first.status.status_code) == ("SERVICE_INTERNAL_ERROR", StatusCode.ERROR)
    assert "http.request.resend_count" not in attributes(first) and attributes(second)["http.request.resend_count"] == 1
    assert call.status.status_code == second.status.status_code == StatusCode.UNSET
    assert [attributes(one)["tencent_chat.random"] for one in (first, second)] == [one["random"] for one in trace]
    assert (first.end_time or 0) <= (second.start_time or 0), "the back-off lies between them"


def test_a_failure_says_which_and_why(emulator: Emulator, kept: Kept) -> None:
    with emulator.client(call_hook=spans(kept.provider), max_attempts=1) as client:
        with pytest.raises(GroupNotFoundError) as caught:
            client.del_contact_group(USER, "none")
        call, [attempt] = kept.take()
        assert (call.status.status_code, call.status.description) == (StatusCode.ERROR, caught.value.message)
        for span in (call, attempt):
            assert (attributes(span)["error.type"], span.status.status_code) == ("SERVICE_GROUP_NOT_FOUND", StatusCode.ERROR)
            assert attributes(span)["tencent_chat.code"] == 51009
        emulator.fault(answer={"status": 502, "body": ""})
        with pytest.raises(ChatError):
            client.del_contact_group(USER, "none")
        _, [attempt] = kept.take()
        assert (attributes(attempt)["error.type"], attributes(attempt)["http.response.status_code"]) == ("502", 502)
        emulator.fault(drop="reset")
        with pytest.raises(TransportError):
            client.create_contact_group(USER, "g")
        call, [attempt] = kept.take()
        assert attributes(call)["tencent_chat.in_doubt"] is True
        assert attributes(attempt)["error.type"] == "ERR_TRANSPORT" and "http.response.status_code" not in attributes(attempt)
        with pytest.raises(PartialError):
            client.account_delete(["user_0001", "nobody"])
        assert attributes(kept.take()[0])["error.type"] == "ERR_PARTIAL"


def test_a_call_that_was_refused_is_a_span_without_an_attempt(emulator: Emulator, kept: Kept) -> None:
    with emulator.client(call_hook=spans(kept.provider)) as client:
        with pytest.raises(InvalidArgumentError):
            client.call("v4/a/b?usersig=private")
    call, attempts = kept.take()
    assert (call.name, attempts, attributes(call)["error.type"]) == ("call", [], "ERR_INVALID_ARGUMENT")


def test_pages_and_generic_calls_are_calls_like_any_other(emulator: Emulator, kept: Kept) -> None:
    load_conversations(emulator, *({"type": 1, "id": f"peer_{n}", "msg_time": n + 1} for n in range(100)))
    with emulator.client(call_hook=spans(kept.provider)) as client:
        assert len(list(client.recent_contact_items(USER))) == 100
        pages, requests = kept.calls(), emulator.requests()
        assert [(call.name, len(attempts)) for call, attempts in pages] == [("recent_contact_items", 1)] * len(requests)
        assert 1 <= len(pages) < 10, "pages, not items"
        client.call("v4/im_open_login_svc/account_check", {"CheckItem": [{"UserID": USER}]})
    assert kept.take()[0].name == "v4/im_open_login_svc/account_check"


@pytest.mark.parametrize("kind", ["Client", "AsyncClient"])
def test_the_callers_span_is_the_parent(emulator: Emulator, kept: Kept, kind: str) -> None:
    tracer = kept.provider.get_tracer("caller")
    if kind == "Client":
        with emulator.client(call_hook=spans(kept.provider)) as client, tracer.start_as_current_span("work", kind=SpanKind.SERVER):
            client.account_import("a")
    else:

        async def story() -> None:
            import asyncio

            async def work(client: Any, name: str) -> None:
                with tracer.start_as_current_span(name, kind=SpanKind.SERVER):
                    await client.account_import(name)

            async with emulator.async_client(call_hook=spans(kept.provider)) as client:
                await asyncio.gather(*(work(client, f"task_{n}") for n in range(5)))

        awaited(story)
    finished = {span.context.span_id: span for span in kept._exporter.get_finished_spans()}
    calls = [span for span in finished.values() if span.kind is SpanKind.INTERNAL]
    parents = [finished[span.parent.span_id] for span in calls if span.parent]
    assert len(parents) == len({span.name for span in parents}) == (1 if kind == "Client" else 5)
    assert all(span.kind is SpanKind.SERVER for span in parents)
    for span in finished.values():
        if span.kind is SpanKind.CLIENT:
            assert span.parent and finished[span.parent.span_id] in calls and span.context.trace_id == span.parent.trace_id


def test_no_span_holds_a_key_a_signature_or_an_argument(emulator: Emulator, kept: Kept) -> None:
    key = emulator.secret_key
    signature = user_sig_new(emulator.sdk_app_id, emulator.identifier, key, 60)
    with keeper() as gone:
        url = gone.url
    settings: List[Dict[str, Any]] = [{"secret_key": KEY}, {"secret_key": KEY, "base_url": url}, {"user_sig": signature}]
    for given in settings:
        with emulator.client(call_hook=spans(kept.provider), **given) as client:
            for body in (None, {"ActionStatus": "FAIL", "ErrorCode": 90001, "ErrorInfo": f"no such usersig={signature}"}):
                if body and "user_sig" in given:
                    emulator.fault(answer={"status": 200, "body": json.dumps(body)})
                with pytest.raises(ChatError):
                    client.del_contact_group("private user", "private group")
    found = kept.calls()
    text = "".join(span.to_json() for call, attempts in found for span in (call, *attempts))
    assert len(found) == 6 and "no such" in text and "/v4/recentcontact/del_contact_group" in text
    for secret in (KEY, key, signature, urllib.parse.quote(signature, safe=""), "private"):
        assert secret not in text


def test_a_hook_that_raises_changes_no_call(emulator: Emulator, capsys: pytest.CaptureFixture[str]) -> None:
    with emulator.client(call_hook=lambda *_: 1 // 0) as client:
        create(client, "g")
    told = capsys.readouterr().err
    assert "the call_hook failed on the record of v4/recentcontact/create_contact_group;" in told and "ZeroDivisionError" in told
    with pytest.raises(TypeError, match="call_hook must be a function"):
        emulator.client(call_hook=5)


def test_without_opentelemetry_the_package_works_and_the_module_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "opentelemetry.py").write_text("raise ImportError('there is none')\n")
    ended = python("-c", "import tencent_chat; print('fine'); import tencent_chat.opentelemetry", cwd=tmp_path)
    assert ended.stdout == "fine\n"
    assert ended.stderr.endswith(
        "ImportError: tencent_chat.opentelemetry needs the package opentelemetry-api: pip install 'tencent-chat[otel]'\n"
    )
