"""Opening the audit log of a database, beside the stores that fill its outbox."""

from collections.abc import Iterator
from contextlib import contextmanager

from decision_gate.enterprise.audit.postgres_store import PostgresAuditStore, PostgresOutboxTable
from decision_gate.enterprise.audit.sqlite_store import SqliteAuditStore, SqliteOutboxTable
from decision_gate.enterprise.audit.store import AuditStore
from decision_gate.enterprise.database import DatabaseSettings, open_beside
from decision_gate.enterprise.stores.postgres.session import Session


@contextmanager
def open_audit_store(settings: DatabaseSettings) -> Iterator[AuditStore]:
    """Open the audit log of a database, bringing its tables up to date.

    Raises:
        ConfigurationError: No database, or an unfit one, is named.
        StoreUnavailableError: It cannot be reached.
    """
    with open_beside(settings, PostgresOutboxTable().family, SqliteOutboxTable()) as database:
        yield PostgresAuditStore(database) if isinstance(database, Session) else SqliteAuditStore(database)
