"""Reading the audit chains beside the stores that write them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from decision_gate.enterprise.audit.leaf import ChainState, Leaf
from decision_gate.enterprise.audit.postgres_chain import PostgresAuditLog, PostgresChainTable
from decision_gate.enterprise.audit.sqlite_chain import SqliteAuditLog, SqliteChainTable
from decision_gate.enterprise.database import DatabaseSettings, open_beside
from decision_gate.enterprise.stores.postgres.session import Session


class AuditLog(Protocol):
    """The chains of all tenants."""

    def end(self, tenant_id: int) -> ChainState:
        """Return where a chain ends now."""
        ...

    def leaves(self, tenant_id: int, after: int = 0) -> Iterator[Leaf]:
        """Yield the leaves with ``seq > after`` in order, in constant memory."""
        ...


@contextmanager
def open_log(settings: DatabaseSettings) -> Iterator[AuditLog]:
    """Open the audit chains of a database for reading."""
    with open_beside(settings, PostgresChainTable().family, SqliteChainTable()) as database:
        yield PostgresAuditLog(database) if isinstance(database, Session) else SqliteAuditLog(database)
