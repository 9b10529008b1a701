"""Audit chains in SQLite: the same tables, appended to in the transaction of the run store."""

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, Final

from decision_gate.core.ports import Rider
from decision_gate.enterprise.audit.leaf import AUDIT, FIRST, ChainState, Leaf, leaf_hash
from decision_gate.mcp.stores.sqlite import Migration, SqliteDatabase

_FIRST: Final[Migration] = (
    """
    CREATE TABLE audit_chains (
        tenant BLOB PRIMARY KEY,    -- 8 bytes, big-endian; zero for what belongs to no tenant
        seq INTEGER NOT NULL,
        hash BLOB NOT NULL
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE audit_leaves (
        tenant BLOB NOT NULL,
        seq INTEGER NOT NULL,
        key BLOB NOT NULL,
        body_sha256 BLOB NOT NULL,
        hash BLOB NOT NULL,
        body BLOB                   -- null once erased
    )
    """,
    "CREATE UNIQUE INDEX audit_leaves_place ON audit_leaves (tenant, seq)",
    "CREATE UNIQUE INDEX audit_leaves_key ON audit_leaves (tenant, key)",
)
_LEAVES = "SELECT seq, body, body_sha256, hash FROM audit_leaves WHERE tenant = ? AND seq > ? ORDER BY seq LIMIT 500"
_TENANT_BYTES: Final = 8


class SqliteChainTable:
    """The ``SqliteRiderTable`` of audit."""

    @property
    def kind(self) -> str:
        """See ``SqliteRiderTable``."""
        return AUDIT

    @property
    def migrations(self) -> Sequence[Migration]:
        """See ``SqliteRiderTable``."""
        return (_FIRST,)

    def apply(self, connection: sqlite3.Connection, rider: Rider) -> None:
        """Append a leaf, unless its event has one."""
        tenant, body = rider.body[:_TENANT_BYTES], rider.body[_TENANT_BYTES:]
        key = rider.key.encode()
        known = connection.execute("SELECT 1 FROM audit_leaves WHERE tenant = ? AND key = ?", (tenant, key))
        if known.fetchone() is not None:
            return
        end = _end(connection, tenant)
        seq, body_sha256 = end.seq + 1, hashlib.sha256(body).digest()
        linked = leaf_hash(end.hash, int.from_bytes(tenant, "big"), seq, body_sha256)
        connection.execute(
            "INSERT INTO audit_leaves VALUES (?, ?, ?, ?, ?, ?)", (tenant, seq, key, body_sha256, linked, body)
        )
        connection.execute("INSERT OR REPLACE INTO audit_chains VALUES (?, ?, ?)", (tenant, seq, linked))


class SqliteAuditLog:
    """See ``AuditLog``."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    def end(self, tenant_id: int) -> ChainState:
        """See ``AuditLog``."""
        with self._database.reading() as connection:
            return _end(connection, _column(tenant_id))

    def leaves(self, tenant_id: int, after: int = 0) -> Iterator[Leaf]:
        """See ``AuditLog``."""
        while page := self._page(tenant_id, after):
            for seq, body, body_sha256, found in page:
                yield Leaf(seq=seq, body=body, body_sha256=body_sha256, hash=found)
            after = page[-1][0]

    def _page(self, tenant_id: int, after: int) -> list[Any]:
        with self._database.reading() as connection:
            return connection.execute(_LEAVES, (_column(tenant_id), after)).fetchall()


def _column(tenant_id: int) -> bytes:
    return tenant_id.to_bytes(_TENANT_BYTES, "big")


def _end(connection: sqlite3.Connection, tenant: bytes) -> ChainState:
    row = connection.execute("SELECT seq, hash FROM audit_chains WHERE tenant = ?", (tenant,)).fetchone()
    return ChainState(seq=row[0], hash=row[1]) if row else ChainState(seq=0, hash=FIRST)
