"""Grants in SQLite, in the file of the runs."""

import sqlite3
from collections.abc import Sequence
from typing import Final

from decision_gate.core.ports import Rider, RiderRefusedError
from decision_gate.enterprise.stores.postgres.keys import number
from decision_gate.enterprise.tenancy.grants import Grant
from decision_gate.mcp.stores.sqlite import Migration, SqliteDatabase

_FIRST: Final[Migration] = (
    """
    CREATE TABLE grants (
        tenant BLOB NOT NULL,       -- 8 bytes, big-endian
        principal BLOB NOT NULL,    -- UTF-8
        namespaces BLOB,            -- 8 bytes each, big-endian; null for all
        PRIMARY KEY (tenant, principal)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX grants_by_principal ON grants (principal)",
)
_WIDTH: Final = 8


class SqliteGrantsTable:
    """Makes the table of grants with the migrations of the file; nothing rides on it."""

    @property
    def kind(self) -> str:
        """Name of the component whose migrations are counted."""
        return "grants"

    @property
    def migrations(self) -> Sequence[Migration]:
        """See ``SqliteRiderTable``."""
        return (_FIRST,)

    def apply(self, connection: sqlite3.Connection, rider: Rider) -> None:
        """Refuse. Raise ``RiderRefusedError``."""
        del connection
        raise RiderRefusedError(rider.kind, "grants do not ride on commits")


class SqliteGrants:
    """See ``GrantStore``."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    def put(self, grant: Grant) -> None:
        """See ``GrantStore``."""
        namespaces = None if grant.namespaces is None else b"".join(map(number, sorted(grant.namespaces)))
        row = (number(grant.tenant_id), grant.principal_id.encode(), namespaces)
        self._database.write(
            lambda connection: connection.execute("INSERT OR REPLACE INTO grants VALUES (?, ?, ?)", row).close()
        )

    def withdraw(self, principal_id: str, tenant_id: int) -> None:
        """See ``GrantStore``."""
        row = (number(tenant_id), principal_id.encode())
        self._database.write(
            lambda connection: connection.execute("DELETE FROM grants WHERE tenant = ? AND principal = ?", row).close()
        )

    def find(self, principal_id: str, tenant_id: int) -> Grant | None:
        """See ``GrantStore``."""
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT namespaces FROM grants WHERE tenant = ? AND principal = ?",
                (number(tenant_id), principal_id.encode()),
            ).fetchone()
        if row is None:
            return None
        return Grant(principal_id=principal_id, tenant_id=tenant_id, namespaces=_namespaces(row[0]))

    def has_any(self, principal_id: str) -> bool:
        """See ``GrantStore``."""
        with self._database.reading() as connection:
            found = connection.execute("SELECT 1 FROM grants WHERE principal = ? LIMIT 1", (principal_id.encode(),))
            return found.fetchone() is not None


def _namespaces(stored: bytes | None) -> frozenset[int] | None:
    if stored is None:
        return None
    return frozenset(int.from_bytes(stored[at : at + _WIDTH], "big") for at in range(0, len(stored), _WIDTH))
