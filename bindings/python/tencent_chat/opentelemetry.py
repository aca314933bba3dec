"""Spans for OpenTelemetry: one for each call, and below it one for each attempt, by the conventions for HTTP clients. Needs the
package ``opentelemetry-api``, which ``pip install 'tencent-chat[otel]'`` brings.

    client = Client(..., call_hook=spans())

A call's span begins where the caller's span is the current one, also under `AsyncClient`, and is named like the method, or by the
path of a generic call. No span holds the UserSig, the key, an argument or a body; the status of a failure is its message, which
quotes the service.
"""

from __future__ import annotations

import time
from typing import Any, Dict, Optional

try:
    from opentelemetry import trace
except ImportError as missing:
    raise ImportError(
        "tencent_chat.opentelemetry needs the package opentelemetry-api: pip install 'tencent-chat[otel]'"
    ) from missing

from . import __version__, codes
from ._call import CallHook
from .response import Response

__all__ = ["spans"]

_NAMES = {value: name for name, value in vars(codes).items() if isinstance(value, int)}


def spans(tracer_provider: Optional[trace.TracerProvider] = None) -> CallHook:
    """The `call_hook` of a client whose calls are to be spans, of this provider or else of the global one.

    The spans of a call and of its attempts are written together, when it has ended.
    """
    tracer = trace.get_tracer("tencent_chat", __version__, tracer_provider)

    def write(command: str, response: Response, seconds: float) -> None:
        end = time.time_ns()
        begin = end - int(seconds * 1e9)
        attributes: Dict[str, Any] = {"tencent_chat.code": response.code, "tencent_chat.in_doubt": response.is_in_doubt}
        if response.code != codes.OK:
            attributes["error.type"] = _error_type(response.code, response.http_status)
        call = tracer.start_span(command, kind=trace.SpanKind.INTERNAL, start_time=begin, attributes=attributes)
        context = trace.set_span_in_context(call)
        for attempt in response.trace if call.is_recording() else ():
            _write_attempt(tracer, context, attempt, begin)
        if response.code != codes.OK:
            call.set_status(trace.StatusCode.ERROR, response.message)
        call.end(end)

    return write


def _write_attempt(tracer: trace.Tracer, context: Any, attempt: Dict[str, Any], call_begin: int) -> None:
    begin = call_begin + int(attempt["at_ms"] * 1e6)
    # `ms` has no fractions, the parts have.
    parts = sum(attempt.get(part, 0) for part in ("look_up_ms", "connect_ms", "tls_ms", "exchange_ms"))
    span = tracer.start_span(
        f"POST /{attempt['path']}", context, trace.SpanKind.CLIENT, start_time=begin, attributes=_attributes(attempt)
    )
    if attempt["code"] != codes.OK:
        span.set_status(trace.StatusCode.ERROR)
    span.end(begin + int(max(attempt["ms"], parts) * 1e6))


def _attributes(attempt: Dict[str, Any]) -> Dict[str, Any]:
    """What the conventions have for an attempt, and what the service's support asks for. `path` has no query, which holds the
    UserSig.
    """
    host, _, port = attempt["host"].rpartition(":")
    attributes: Dict[str, Any] = {
        "http.request.method": "POST",
        "server.address": host.strip("[]"),
        "server.port": int(port),
        "url.full": f"{attempt['scheme']}://{attempt['host']}/{attempt['path']}",
        "url.template": f"/{attempt['path']}",
        "tencent_chat.code": attempt["code"],
        "tencent_chat.random": attempt["random"],
    }
    if attempt["attempt"] > 1:
        attributes["http.request.resend_count"] = attempt["attempt"] - 1
    if attempt["http_status"]:
        attributes["http.response.status_code"] = attempt["http_status"]
        attributes["network.protocol.version"] = "1.1"
    if "address" in attempt:
        peer, _, peer_port = attempt["address"].rpartition(":")
        attributes["network.peer.address"] = peer.strip("[]")
        attributes["network.peer.port"] = int(peer_port)
    if attempt["code"] != codes.OK:
        attributes["error.type"] = _error_type(attempt["code"], attempt["http_status"])
    return attributes


def _error_type(code: int, http_status: int) -> str:
    """A status that is no success, as the conventions want it; else the code's name in `tencent_chat.codes`, or its number."""
    return str(http_status) if code == codes.ERR_HTTP_STATUS else _NAMES.get(code, str(code))
