"""`Stats`: what a client counted about itself at one moment, as a mapping and as Prometheus text. It names no counter, so
that new counters of the library need no change here.
"""

from __future__ import annotations

import ctypes
from typing import Dict, Iterator, Mapping

from . import codes
from ._handle import forked
from ._library import copy_text, library
from .errors import error_class

__all__ = ["Stats"]


class Stats(Mapping[str, int]):
    """A snapshot from `Client.stats`: a mapping from names to numbers that began at 0 with the client.

    Counters only rise, but for ``calls_in_progress``, ``connections_open``, ``connections_idle`` (those that no call uses) and
    ``connections_awaited`` (calls that wait for a connection), which tell how many there are now.

    - ``calls``: calls that returned. Each stands in exactly one of ``calls_ok``, ``calls_service`` (the service's own codes),
      ``calls_partial``, ``calls_invalid_argument`` (refused by the library before anything was sent), ``calls_timeout``,
      ``calls_transport``, ``calls_tls``, ``calls_http_status``, ``calls_protocol``, ``calls_no_error_code``,
      ``calls_throttled``, ``calls_cancelled``, ``calls_shutdown``, ``calls_panic``.
    - ``attempts``: requests made, or tried; ``retries``: those that were repeats; ``standby_attempts``: those to the standby.
    - ``in_doubt``: calls that returned in doubt; ``already_deleted``: deletes whose repeat found nothing left.
    - ``retries_over_budget``: repeats not made because the budget was spent; ``throttle_answers``: answers that asked to slow
      down.
    - ``rate_waits``, ``rate_waited_ms``: calls that waited for a slot under the rate limit, and how long in all.
    - ``shared_limit_trips``, ``shared_limit_failures``: trips to the server of the shared limit, and those that brought
    nothing.
    - ``signature_refusals``: answers that refused the UserSig; ``re_signs``: signatures replaced because the service called them
      expired or revoked.
    - ``connections_opened``; ``connection_waits``, ``connection_waited_ms``: attempts that waited for a connection, and how long.
    - ``latency_le_1_ms``, and so on to ``latency_le_10000_ms``, and ``latency_le_inf``: calls that made an attempt and returned
      within so many milliseconds, each including those before it; ``latency_sum_us``: their microseconds in all.
    """

    def __init__(self, counters: Mapping[str, int], prometheus: str) -> None:
        self._counters: Dict[str, int] = dict(counters)
        self._prometheus = prometheus

    @property
    def prometheus(self) -> str:
        """The snapshot in Prometheus' text exposition format 0.0.4, ready to be served: what the counters say, and for each
        ``command`` calls by ``outcome``, attempts, doubts and the histogram ``tencent_chat_call_duration_seconds``.
        """
        return self._prometheus

    def __getitem__(self, name: str) -> int:
        return self._counters[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._counters)

    def __len__(self) -> int:
        return len(self._counters)

    def __repr__(self) -> str:
        return f"Stats({self.__dict__.get('_counters', {})})"


def read_stats(client: int, *others: int) -> Stats:
    """The counters of a `chat_client`, and of others on the same page."""
    pointer = library.chat_client_stats(client)
    if not pointer:
        raise forked()
    try:
        for other in others:
            code = library.chat_stats_add(pointer, other)
            if code == codes.ERR_FORKED:
                raise forked()
            if code != codes.OK:
                raise error_class(code)(code, "two of the clients have the same labels: give each its own by metric_labels")
        counters = {
            copy_text(library.chat_stats_name(pointer, index)): library.chat_stats_value(pointer, index)
            for index in range(library.chat_stats_count(pointer))
        }
        length = ctypes.c_size_t()
        text = library.chat_stats_prometheus(pointer, ctypes.byref(length))
        return Stats(counters, ctypes.string_at(text, length.value).decode("utf-8"))
    finally:
        library.chat_stats_free(pointer)
