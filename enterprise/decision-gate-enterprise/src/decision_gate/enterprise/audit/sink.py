"""The audit sink ``hash_chain``: what changes something, and every denial, becomes a leaf of its tenant's log.

The whole course of a request is told as text too, as by the open sinks: that is for operators, the log for auditors.
"""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from decision_gate.core.errors import DecisionGateError
from decision_gate.core.json import JsonValue, canonical
from decision_gate.core.ports import Rider
from decision_gate.enterprise.audit.database import open_audit_store
from decision_gate.enterprise.audit.leaf import (
    DEPLOYMENT,
    ROOT_HASH,
    RUN_COMMIT,
    RUNPACK_EXPORTED,
    EventClass,
    Sealer,
    Told,
    leaf_rider,
)
from decision_gate.enterprise.audit.postgres_store import PostgresOutboxTable
from decision_gate.enterprise.audit.retention import Retention
from decision_gate.enterprise.audit.sequencer import Sequencer
from decision_gate.enterprise.audit.sequencing import Pace, Sequencing, sequencing
from decision_gate.enterprise.audit.settings import HashChainSettings
from decision_gate.enterprise.audit.snapshots import SnapshotFolder, demand_continuation
from decision_gate.enterprise.audit.sqlite_store import SqliteOutboxTable
from decision_gate.enterprise.database import now_ms
from decision_gate.mcp.hooks import audit_events
from decision_gate.mcp.hooks.audit_events import AuditEvent
from decision_gate.mcp.hooks.audit_sink import AuditSink, file_sink, stderr_sink

_CLASSES = {
    "admin_change": EventClass.ADMINISTRATION,
    RUN_COMMIT: EventClass.DECISION,
    RUNPACK_EXPORTED: EventClass.CALL,
    "scenario_defined": EventClass.DEFINITION,
    "tool_done": EventClass.CALL,
}
_RUN_MEMBERS = ("digest", "namespace_id", "run_id", "version")


class HashChainSink:
    """An ``AuditSink`` whose leaves ride on commits; *text* takes the course of each request."""

    def __init__(self, text: AuditSink, sealer: Sealer) -> None:
        self._text = text
        self._sealer = sealer

    def record(self, events: Sequence[AuditEvent]) -> None:
        """See ``AuditSink``."""
        self._text.record(events)

    def riders(self, event: AuditEvent) -> tuple[Rider, ...]:
        """See ``AuditSink``. Raise ``EntrySizeError`` for an event that the log cannot hold."""
        body = canonical({"event": event.event, **event.members})
        return (leaf_rider(self._sealer.seal(_told(event), body)),)

    def rider_table(self, engine: str) -> Any:  # noqa: ANN401 - each engine has its own protocol of rider tables
        """See ``AuditSink``."""
        match engine:
            case "postgres":
                return PostgresOutboxTable()
            case "sqlite":
                return SqliteOutboxTable()
            case _:
                return None


def _told(event: AuditEvent) -> Told:
    members = event.members
    at_ms = members.get("timestamp_ms")
    run: dict[str, JsonValue] | None = None
    if event.event in (RUN_COMMIT, RUNPACK_EXPORTED):
        run = {name: members[name] for name in _RUN_MEMBERS}
    return Told(
        event=event.event,
        event_class=EventClass.DENIAL if event.is_denial else _CLASSES.get(event.event, EventClass.OTHER),
        tenant_id=_log_of(event),
        at_ms=at_ms if isinstance(at_ms, int) else 0,
        is_denial=event.is_denial,
        run=run,
        root_hash=members.get(ROOT_HASH),
    )


def _log_of(event: AuditEvent) -> int:
    """Return whose log keeps *event*: its tenant's, or the deployment's.

    A tenant that somebody named without having a grant in it is not told so in its own log: strangers could fill the
    logs of others and make new ones without end.
    """
    tenant = event.members.get("tenant_id", event.members.get("owner"))
    if event.event == "tenant_authz" or not isinstance(tenant, str):
        return DEPLOYMENT
    return int(tenant)


@contextmanager
def open_hash_chain(settings: HashChainSettings) -> Iterator[HashChainSink]:
    """Open the audit sink ``hash_chain``, and its sequencer where the settings say which database and keys.

    Raises:
        AuditLogError: Its text log cannot be opened.
        SequencingSettingsError: Some of what sequencing takes is missing.
        LogTamperedError: The database does not continue the newest snapshot.
        StoreUnavailableError: The database cannot be reached.
    """
    settings.check()
    with ExitStack() as stack:
        text = stack.enter_context(stderr_sink() if settings.log_path is None else file_sink(settings.log_path))
        sealer = Sealer(secrets.token_bytes(32))
        if settings.is_sequencing:
            _sequence(settings, text, sealer, stack)
        yield HashChainSink(text, sealer)


def _sequence(settings: HashChainSettings, text: AuditSink, sealer: Sealer, stack: ExitStack) -> None:
    """Run the sequencer until *stack* ends."""
    keys = settings.keys()
    store = stack.enter_context(open_audit_store(settings.database()))
    snapshots = None if settings.snapshots is None else SnapshotFolder(Path(settings.snapshots))
    if snapshots is not None:
        demand_continuation(store, keys.names, snapshots)

    def report(error: DecisionGateError) -> None:
        posture = audit_events.Posture()
        text.record([audit_events.security(None, error.code, f"audit log not extended: {error}", posture, now_ms())])

    stack.enter_context(
        sequencing(
            Sequencing(
                store=store,
                names=keys.names,
                sequencer=Sequencer(store, keys),
                retention=Retention(days=settings.retention_days.by_class(), sealer=sealer),
                snapshots=snapshots,
                pace=Pace(interval_ms=settings.interval_ms, snapshot_ms=settings.snapshot_ms),
                clock=now_ms,
                report=report,
            )
        )
    )
