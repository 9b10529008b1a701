"""A sink and a meter that remember, and do as they are told."""

from collections.abc import Callable, Sequence

from decision_gate.core.json import JsonValue, canonical
from decision_gate.core.ports import Rider, RiderRefusedError
from decision_gate.mcp.hooks.audit_events import AuditEvent
from decision_gate.mcp.hooks.usage_meter import USAGE, Charge, MeteredCall, Metric
from decision_gate.mcp.hooks.verdict import Verdict

AUDIT = "audit"
"""Kind of the riders of ``RecordingSink``."""


class RecordingSink:
    """Remembers events; rides on commits when ``is_riding``."""

    def __init__(self, *, is_riding: bool = False) -> None:
        self.events: list[AuditEvent] = []
        self.table = RecordingTable(AUDIT)
        self._is_riding = is_riding

    def record(self, events: Sequence[AuditEvent]) -> None:
        """Remember the events."""
        self.events.extend(events)

    def riders(self, event: AuditEvent) -> tuple[Rider, ...]:
        """Return the event as a rider."""
        if not self._is_riding:
            return ()
        body: dict[str, JsonValue] = {"event": event.event, **event.members}
        return (Rider(kind=AUDIT, key=f"{event.event}:{len(self.table.applied)}", body=canonical(body)),)

    def rider_table(self, engine: str) -> "RecordingTable | None":
        """Return a table for memory stores."""
        return self.table if self._is_riding and engine == "memory" else None

    def named(self, event: str) -> list[AuditEvent]:
        """Return the events of one name, in order."""
        return [found for found in self.events if found.event == event]


class RecordingMeter:
    """Counts every metric; denies those in ``denied``, refuses riders of those in ``table.refused``."""

    def __init__(self) -> None:
        self.admitted: list[tuple[MeteredCall, Charge]] = []
        self.denied: set[Metric] = set()
        self.reserved: list[Charge] = []
        self.released: list[Charge] = []
        self.table = RecordingTable(USAGE)

    @property
    def metrics(self) -> frozenset[Metric]:
        """Name every metric."""
        return frozenset(Metric)

    def admit(self, call: MeteredCall, charge: Charge) -> Verdict:
        """Remember the question; deny what is denied."""
        self.admitted.append((call, charge))
        if charge.metric in self.denied:
            return Verdict(allowed=False, reason="quota exhausted")
        return Verdict(allowed=True, reason="within quota")

    def riders(self, call: MeteredCall) -> tuple[Rider, ...]:
        """Return one rider a charge, idempotent by tenant, metric and operation."""
        return tuple(
            Rider(
                kind=USAGE,
                key=canonical([call.tenant_id, charge.metric.value, charge.operation]).decode(),
                body=canonical({"metric": charge.metric.value, "tenant": call.tenant_id, "units": charge.units}),
            )
            for charge in call.charges
        )

    def reserve(self, call: MeteredCall) -> tuple[Rider, ...]:
        """Remember the question; hold nothing."""
        self.reserved.extend(call.charges)
        return ()

    def release(self, call: MeteredCall) -> tuple[Rider, ...]:
        """Remember what came back."""
        self.released.extend(call.charges)
        return ()

    def rider_table(self, engine: str) -> "RecordingTable | None":
        """Return a table for memory stores."""
        return self.table if engine == "memory" else None


class RecordingTable:
    """A ``MemoryRiderTable`` that keeps riders in order and refuses when told to."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self.applied: dict[str, Rider] = {}
        self.is_refusing = False

    @property
    def kind(self) -> str:
        """See ``MemoryRiderTable``."""
        return self._kind

    def apply(self, rider: Rider) -> Callable[[], None]:
        """Keep a rider once; see ``MemoryRiderTable``."""
        if self.is_refusing:
            raise RiderRefusedError(self._kind, "told to")
        if rider.key in self.applied:
            return _nothing
        self.applied[rider.key] = rider

        def take_back() -> None:
            del self.applied[rider.key]

        return take_back

    @property
    def bodies(self) -> list[bytes]:
        """Return the bodies in the order in which they were applied."""
        return [rider.body for rider in self.applied.values()]


def _nothing() -> None:
    return
