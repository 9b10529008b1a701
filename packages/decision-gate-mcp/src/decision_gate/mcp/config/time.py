"""``[time]`` and ``[triggers]``: whose clock and whose ticks are believed (deviation X14)."""

from enum import StrEnum

import attrs

from decision_gate.mcp.config.kinds import Array, Choice, Integer, Text
from decision_gate.mcp.config.rules import demand, trimmed
from decision_gate.mcp.config.table import key


class TimeSource(StrEnum):
    """Where the time of a trigger comes from."""

    CALLER = "caller"
    BOUNDED = "bounded"
    SERVER = "server"


@attrs.frozen(kw_only=True)
class TimeTable:
    """``[time]``."""

    source: TimeSource | None = key(
        Choice(TimeSource),
        "Believe the caller, bound its time, or set it; caller by default only for local callers.",
        default=None,
    )
    max_skew_ms: int = key(Integer(), "How far a bounded time may be off.", default=60_000)


@attrs.frozen(kw_only=True)
class TriggersTable:
    """``[triggers]``."""

    clock_roles: tuple[str, ...] = key(
        Array(Text()),
        "Principals and roles that may send tick and backend_event triggers.",
        default=("loopback", "stdio", "TenantAdmin"),
    )

    def check(self) -> None:
        """Refuse blank names. Raise ``InvalidConfigError``."""
        demand(all(trimmed(role) for role in self.clock_roles), "triggers.clock_roles entries must be non-empty")
