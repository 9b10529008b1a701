"""What can be read and set beside the ledger: standings, limits, entries. The same on every engine."""

from collections.abc import Iterator
from typing import Protocol

import attrs

from decision_gate.enterprise.usage.periods import Period
from decision_gate.mcp.hooks.usage_meter import Metric
from decision_gate.mcp.hooks.verdict import QuotaStanding

EVERY_TENANT = 0
"""Stands for every tenant that has no limit of its own; tenant numbers start at 1."""


@attrs.frozen(kw_only=True)
class Limit:
    """Most units of a metric in a period; none is no limit (the units are counted all the same)."""

    period: Period = Period.MONTH
    units: int | None = None


@attrs.frozen(kw_only=True)
class Standing:
    """Where a tenant or namespace stands: units used in the current period, its limit, and when the period ends."""

    used: int
    limit: Limit
    resets_at_ms: int | None = None

    def leaves_room_for(self, units: int) -> bool:
        """Whether *units* more are within the limit."""
        return self.limit.units is None or self.used + units <= self.limit.units

    def told(self) -> QuotaStanding | None:
        """Return what its owner may be told (deviation W5); none without a limit."""
        if self.limit.units is None:
            return None
        return QuotaStanding(limit=self.limit.units, used=self.used, resets_at_ms=self.resets_at_ms)


@attrs.frozen(kw_only=True)
class Entry:
    """One row of the ledger.

    Attributes:
        metric: What was used.
        key: Names the billed operation, or the correction.
        units: How much; negative in a correction.
        period: In which period of the tenant's quota.
        details: Who did what and when, as canonical JSON.
        namespace_id: Where; none when the call named no namespace.
        namespace_period: In which period of the namespace's quota.
        reference: Key of the row that this one corrects.
    """

    metric: Metric
    key: str
    units: int
    period: str
    details: bytes
    namespace_id: int | None = None
    namespace_period: str | None = None
    reference: str | None = None


class UsageBooks(Protocol):
    """The books of all tenants. Safe for threads."""

    def standings(self, tenant_id: int, namespace_id: int | None, metric: Metric, at_ms: int) -> tuple[Standing, ...]:
        """Return where a tenant stands, then its namespace if one is named; a charge needs room in both.

        *at_ms* names the period where the database has no clock of its own.
        """
        ...

    def standing(self, tenant_id: int, metric: Metric, at_ms: int) -> Standing:
        """Return where a tenant stands, all its namespaces together."""
        ...

    def has_expired_holds(self, tenant_id: int, metric: Metric, at_ms: int) -> bool:
        """Tell whether room is reserved beyond its lease; the next commit that needs it gets it.

        *at_ms* is the time where the database has no clock of its own.
        """
        ...

    def set_limit(self, tenant_id: int, metric: Metric, limit: Limit, *, namespace_id: int | None = None) -> None:
        """Set the limit of a tenant, of ``EVERY_TENANT``, or of one namespace of a tenant.

        A limit below what is used refuses the rest of the period. With another length of period counting starts anew.
        """
        ...

    def entries(self, tenant_id: int) -> Iterator[Entry]:
        """Yield the ledger of a tenant in order of metric and key, in constant memory."""
        ...


def entry_of(row: tuple[str, bytes, int, str, bytes, bytes | None, str | None, bytes | None]) -> Entry:
    """Return the entry of a ledger row: metric, key, units, period, details, namespace, its period, reference."""
    metric, key, units, period, details, namespace, namespace_period, reference = row
    return Entry(
        metric=Metric(metric),
        key=key.decode(),
        units=units,
        period=period,
        details=details,
        namespace_id=None if namespace is None else int.from_bytes(namespace, "big"),
        namespace_period=namespace_period,
        reference=None if reference is None else reference.decode(),
    )
