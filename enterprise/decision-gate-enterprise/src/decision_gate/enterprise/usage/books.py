"""What can be read and set beside the ledger: standings, limits, entries. The same on every engine."""

from collections.abc import Iterator
from typing import Protocol

import attrs

from decision_gate.enterprise.usage.periods import Period
from decision_gate.mcp.hooks.usage_meter import Metric

EVERY_TENANT = 0
"""Stands for every tenant that has no limit of its own; tenant numbers start at 1."""


@attrs.frozen(kw_only=True)
class Limit:
    """Most units of a metric in a period; none is no limit (the units are counted all the same)."""

    period: Period = Period.MONTH
    units: int | None = None


@attrs.frozen(kw_only=True)
class Standing:
    """Where a tenant stands: units used in the current period, and its limit."""

    used: int
    limit: Limit

    def leaves_room_for(self, units: int) -> bool:
        """Whether *units* more are within the limit."""
        return self.limit.units is None or self.used + units <= self.limit.units


@attrs.frozen(kw_only=True)
class Entry:
    """One row of the ledger. ``key`` names the billed operation; ``details`` is canonical JSON."""

    metric: Metric
    key: str
    units: int
    period: str
    details: bytes


class UsageBooks(Protocol):
    """The books of all tenants. Safe for threads."""

    def standing(self, tenant_id: int, metric: Metric, at_ms: int) -> Standing:
        """Return where a tenant stands; *at_ms* names the period where the database has no clock of its own."""
        ...

    def set_limit(self, tenant_id: int, metric: Metric, limit: Limit) -> None:
        """Set the limit of a tenant, or of ``EVERY_TENANT``; one below what is used refuses the rest of the period."""
        ...

    def entries(self, tenant_id: int) -> Iterator[Entry]:
        """Yield the ledger of a tenant in order of metric and key, in constant memory."""
        ...
