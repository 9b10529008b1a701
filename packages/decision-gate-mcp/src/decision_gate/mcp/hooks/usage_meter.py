"""Contract and default: what is counted and what it may cost (``decision_gate.usage_meters``, §4.6).

A meter has two parts. ``admit`` is asked in the guards, before the work: cheap, and it writes nothing.
``riders`` are what the work consumes; they are written with the commit of the work or not at all, so that
refused and failed calls are not billed and a retried operation is billed once. A quota that runs out between
the two shows as a refused rider.

What lies outside the database, as a run pack does, cannot be written in one transaction with its charge. Room for it is
*reserved* before it is written, inside the quota, and the charge settles the reservation; a reservation whose process
died ends by itself after ``LEASE_MS``.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Protocol

import attrs

from decision_gate.core.ports.runs import Rider
from decision_gate.mcp.hooks.principal import Principal
from decision_gate.mcp.hooks.verdict import Verdict

USAGE = "usage"
"""Kind of every rider of a meter; a store names it when it refuses one."""


LEASE_MS = 900_000
"""How long reserved room is held, in milliseconds: longer than any call, short enough to be missed by nobody."""


class Metric(StrEnum):
    """What can be counted."""

    TOOL_CALLS = "tool_calls"
    RUNS_STARTED = "runs_started"
    EVIDENCE_QUERIES = "evidence_queries"
    RUNPACK_EXPORTS = "runpack_exports"
    SCHEMAS_WRITTEN = "schemas_written"
    REGISTRY_ENTRIES = "registry_entries"
    STORAGE_BYTES = "storage_bytes"


@attrs.frozen(kw_only=True)
class Charge:
    """Units of one metric.

    ``operation`` identifies what is charged within its tenant and metric: the same operation is billed once,
    however often it is tried. It is always made by the server, never from a client's JSON-RPC id. What ``is_due`` was
    consumed before it could be counted: it is billed past any limit, so that nobody is refused after a side effect.
    What ``is_reserved`` has its room already, reserved by the same call: it is billed, and that ends the reservation.
    """

    metric: Metric
    units: int
    operation: str
    is_due: bool = False
    is_reserved: bool = False


@attrs.frozen(kw_only=True)
class MeteredCall:
    """Who pays for what.

    ``tenant_id`` is the tenant of the arguments, else the principal's billing tenant; ``at_ms`` is Unix
    milliseconds.
    """

    principal: Principal
    tool: str
    tenant_id: int | None
    namespace_id: int | None
    server_correlation_id: str
    at_ms: int
    charges: tuple[Charge, ...]


class UsageMeter(Protocol):
    """Counts and limits. Called from many threads at once."""

    @property
    def metrics(self) -> frozenset[Metric]:
        """Name what this meter counts; the server does not compute charges that nobody counts."""
        ...

    def admit(self, call: MeteredCall, charge: Charge) -> Verdict:
        """Judge whether the caller's quota leaves room for the charge. Writes nothing, reserves nothing.

        Raises:
            StoreError: The judgement cannot be made; the call fails closed.
        """
        ...

    def riders(self, call: MeteredCall) -> Sequence[Rider]:
        """Return the riders that consume the charges, one a charge at most; each of kind ``USAGE``."""
        ...

    def reserve(self, call: MeteredCall) -> Sequence[Rider]:
        """Return the riders that hold room for the charges until they are settled or released.

        It is held for ``LEASE_MS`` at most. An operation that was billed before needs no room. Each call has its own
        reservation, one of a metric, whatever operation it settles it with.
        """
        ...

    def release(self, call: MeteredCall) -> Sequence[Rider]:
        """Return the riders that give back what the same call reserved; what it does not hold any more is no error."""
        ...

    def rider_table(self, engine: str) -> Any:  # noqa: ANN401 - each engine has its own protocol of rider tables
        """Return the table that applies the riders in a store of ``engine``, none without one."""
        ...


class NoMeter:
    """The open server's default: nothing is counted, everything is admitted (contract §4.6)."""

    @property
    def metrics(self) -> frozenset[Metric]:
        """Name nothing."""
        return frozenset()

    def admit(self, call: MeteredCall, charge: Charge) -> Verdict:
        """Allow."""
        del call, charge
        return _ALLOWED

    def riders(self, call: MeteredCall) -> tuple[Rider, ...]:
        """Return nothing to write."""
        del call
        return ()

    def reserve(self, call: MeteredCall) -> tuple[Rider, ...]:
        """Return nothing to write."""
        del call
        return ()

    def release(self, call: MeteredCall) -> tuple[Rider, ...]:
        """Return nothing to write."""
        del call
        return ()

    def rider_table(self, engine: str) -> None:
        """Return none: there are no riders."""
        del engine


_ALLOWED = Verdict(allowed=True, reason="noop_allow")
