"""Measurements of every request, kept in memory and told in the Prometheus text format (contract §10.3)."""

import threading
from bisect import bisect_left
from collections.abc import Iterator

import attrs

from decision_gate.mcp.hooks.metrics import LATENCY_BOUNDS_MS, RequestMeasured

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_PREFIX = "decision_gate_request"
_Labels = tuple[tuple[str, str], ...]


@attrs.define
class _Series:
    buckets: list[int]
    requests: int = 0
    seconds: float = 0.0
    request_bytes: int = 0
    response_bytes: int = 0


class RequestCounters:
    """Counts requests by transport, method, tool, outcome and kind of error; no label holds text of a client.

    Tools that do not exist are counted without a name, so the number of series is bounded by the tools of the server.
    """

    def __init__(self) -> None:
        self._series: dict[_Labels, _Series] = {}
        self._lock = threading.Lock()

    def request(self, measured: RequestMeasured) -> None:
        """Count one finished request."""
        labels = (
            ("transport", measured.transport),
            ("method", measured.method),
            ("tool", measured.tool or ""),
            ("outcome", measured.outcome),
            ("error_kind", measured.error_kind or ""),
        )
        with self._lock:
            series = self._series.get(labels)
            if series is None:
                series = self._series[labels] = _Series([0] * (len(LATENCY_BOUNDS_MS) + 1))
            series.buckets[bisect_left(LATENCY_BOUNDS_MS, measured.duration_ms)] += 1
            series.requests += 1
            series.seconds += measured.duration_ms / 1000
            series.request_bytes += measured.request_bytes
            series.response_bytes += measured.response_bytes

    def exposition(self) -> bytes:
        """Return everything counted so far."""
        with self._lock:
            found = [
                (labels, attrs.evolve(series, buckets=list(series.buckets))) for labels, series in self._series.items()
            ]
        found.sort(key=lambda pair: pair[0])
        return "".join(f"{line}\n" for line in _lines(found)).encode()


def _lines(found: list[tuple[_Labels, _Series]]) -> Iterator[str]:
    yield f"# HELP {_PREFIX}_duration_seconds How long requests took."
    yield f"# TYPE {_PREFIX}_duration_seconds histogram"
    for labels, series in found:
        total = 0
        for bound, count in zip((*LATENCY_BOUNDS_MS, None), series.buckets, strict=True):
            total += count
            limit = "+Inf" if bound is None else f"{bound / 1000:g}"
            yield f"{_PREFIX}_duration_seconds_bucket{_braced((*labels, ('le', limit)))} {total}"
        yield f"{_PREFIX}_duration_seconds_sum{_braced(labels)} {series.seconds:.6f}"
        yield f"{_PREFIX}_duration_seconds_count{_braced(labels)} {series.requests}"
    for name, meaning in (("received", "Bytes of request bodies."), ("sent", "Bytes of replies.")):
        yield f"# HELP {_PREFIX}_{name}_bytes_total {meaning}"
        yield f"# TYPE {_PREFIX}_{name}_bytes_total counter"
        for labels, series in found:
            value = series.request_bytes if name == "received" else series.response_bytes
            yield f"{_PREFIX}_{name}_bytes_total{_braced(labels)} {value}"


def _braced(labels: _Labels) -> str:
    """Write labels; their values are words of ours and hold nothing that must be escaped."""
    return "{" + ",".join(f'{name}="{value}"' for name, value in labels) + "}"
