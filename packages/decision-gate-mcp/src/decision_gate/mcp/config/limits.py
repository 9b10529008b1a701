"""``[server.limits]``: how much one server takes on at once (contract §3.3)."""

import attrs

from decision_gate.mcp.config.kinds import Integer
from decision_gate.mcp.config.rules import demand
from decision_gate.mcp.config.table import Table, key

MAX_REQUESTS = 100_000
MIN_WINDOW_MS = 100
MAX_WINDOW_MS = 60_000
MAX_ENTRIES = 65_536


@attrs.frozen(kw_only=True)
class RateLimitTable:
    """``[server.limits.rate_limit]``: a fixed window per caller; its presence turns the limiter on."""

    max_requests: int = key(
        Integer(low=1, high=MAX_REQUESTS), "Requests a caller may make in one window.", default=1000
    )
    window_ms: int = key(
        Integer(low=MIN_WINDOW_MS, high=MAX_WINDOW_MS), "Length of the window in milliseconds.", default=1000
    )
    max_entries: int = key(Integer(low=1, high=MAX_ENTRIES), "Callers remembered at once.", default=4096)

    def check(self) -> None:
        """Hold the three numbers to their bounds. Raise ``InvalidConfigError``."""
        demand(self.max_requests > 0, "rate_limit max_requests must be greater than zero")
        demand(self.max_requests <= MAX_REQUESTS, "rate_limit max_requests too large")
        demand(
            MIN_WINDOW_MS <= self.window_ms <= MAX_WINDOW_MS,
            "rate_limit window_ms must be between 100 and 60000",
        )
        demand(self.max_entries > 0, "rate_limit max_entries must be greater than zero")
        demand(self.max_entries <= MAX_ENTRIES, "rate_limit max_entries too large")


@attrs.frozen(kw_only=True)
class LimitsTable:
    """``[server.limits]``."""

    max_inflight: int = key(
        Integer(low=1),
        "Requests worked on at once; more are refused, but for a few of tenants with less than their part.",
        default=256,
    )
    rate_limit: RateLimitTable | None = key(
        Table(RateLimitTable), "Rate limit for every caller; off unless given.", default=None
    )

    def check(self) -> None:
        """Refuse a server that may work on nothing. Raise ``InvalidConfigError``."""
        demand(self.max_inflight > 0, "max_inflight must be greater than zero")
        if self.rate_limit is not None:
            self.rate_limit.check()
