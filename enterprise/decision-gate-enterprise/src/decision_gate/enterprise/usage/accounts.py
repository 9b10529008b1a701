"""The ledger for those who administer it: quotas and corrections that are audited, reports, reconciliation."""

from collections.abc import Iterator
from contextlib import contextmanager

from decision_gate.core.json import JsonValue
from decision_gate.enterprise.database import DatabaseSettings
from decision_gate.enterprise.stores.postgres import Family
from decision_gate.enterprise.transactions import Transactions, open_transactions
from decision_gate.enterprise.usage.postgres_ledger import PostgresLedgerTable
from decision_gate.enterprise.usage.sqlite_ledger import SqliteLedgerTable
from decision_gate.mcp.hooks.audit_events import AuditEvent
from decision_gate.mcp.hooks.audit_sink import AuditSink


@contextmanager
def open_accounts(settings: DatabaseSettings, sink: AuditSink | None = None) -> Iterator[Transactions]:
    """Open the ledger of all tenants; with *sink* the tables of the audit are made as well, for changes.

    Raises:
        ConfigurationError: Not exactly one database is named, or it is not fit.
        StoreUnavailableError: It cannot be reached.
    """
    with open_transactions(settings, [usage_tables()], sink) as database:
        yield database


def usage_tables() -> tuple[Family, SqliteLedgerTable]:
    """Return the tables of usage for both engines."""
    return PostgresLedgerTable().family, SqliteLedgerTable()


def change_event(
    action: str, actor_id: str, tenant_id: int, change: tuple[JsonValue, JsonValue], at_ms: int
) -> AuditEvent:
    """Return the audit event of a change of quotas or of the ledger: what it was before and what it is after."""
    before, after = change
    return AuditEvent(
        event="admin_change",
        members={
            "timestamp_ms": at_ms,
            "action": action,
            "principal_id": actor_id,
            "tenant_id": str(tenant_id) if tenant_id else None,
            "before": before,
            "after": after,
        },
    )
