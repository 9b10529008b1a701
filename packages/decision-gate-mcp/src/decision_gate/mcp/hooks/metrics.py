"""Contract and default: measurements of every request (contract §10.3)."""

from typing import Protocol

import attrs

LATENCY_BOUNDS_MS = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000)
"""Bounds of a latency histogram, as the reference suggests them."""


@attrs.frozen(kw_only=True)
class RequestMeasured:
    """One finished request: labels, sizes and time."""

    transport: str
    method: str
    tool: str | None
    outcome: str
    error_code: int | None
    error_kind: str | None
    request_bytes: int
    response_bytes: int
    duration_ms: float


class Metrics(Protocol):
    """Takes measurements. Called from many threads at once; must not block and never raises."""

    def request(self, measured: RequestMeasured) -> None:
        """Take one finished request."""
        ...


class NoMetrics:
    """Forgets every measurement."""

    def request(self, measured: RequestMeasured) -> None:
        """Forget."""
        del measured
