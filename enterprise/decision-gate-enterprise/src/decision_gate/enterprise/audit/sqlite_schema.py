"""Tables of the audit log in SQLite; ``migrations/0001_audit.sql`` has the same for PostgreSQL, with comments."""

from typing import Final

from decision_gate.mcp.stores.sqlite import Migration

_FIRST: Final[Migration] = (
    """
    CREATE TABLE audit_outbox (
        seq INTEGER PRIMARY KEY, -- not AUTOINCREMENT: that writes a page of another table for every event
        log BLOB NOT NULL CHECK (length(log) = 8),
        key BLOB NOT NULL,
        leaf BLOB NOT NULL
    )
    """,
    """
    CREATE TABLE audit_logs (
        log BLOB PRIMARY KEY,
        size INTEGER NOT NULL,
        root BLOB NOT NULL,
        note TEXT NOT NULL
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE audit_leaves (
        log BLOB NOT NULL,
        idx INTEGER NOT NULL,
        key BLOB,
        entry BLOB NOT NULL CHECK (length(entry) <= 65535),
        salt BLOB,
        body BLOB,
        class TEXT NOT NULL,
        time INTEGER NOT NULL,
        subject BLOB
    )
    """,
    "CREATE UNIQUE INDEX audit_leaves_place ON audit_leaves (log, idx)",
    "CREATE UNIQUE INDEX audit_leaves_key ON audit_leaves (log, key) WHERE key IS NOT NULL",
    "CREATE INDEX audit_leaves_subject ON audit_leaves (log, subject, idx) WHERE subject IS NOT NULL",
    "CREATE INDEX audit_leaves_due ON audit_leaves (log, class, time) WHERE body IS NOT NULL",
    "CREATE TABLE audit_tiles (log BLOB NOT NULL, level INTEGER NOT NULL, n INTEGER NOT NULL, hashes BLOB NOT NULL)",
    "CREATE UNIQUE INDEX audit_tiles_place ON audit_tiles (log, level, n)",
    "CREATE TABLE audit_holds (log BLOB NOT NULL, subject BLOB NOT NULL, PRIMARY KEY (log, subject)) WITHOUT ROWID",
)

MIGRATIONS: Final = (_FIRST,)
"""All migrations, oldest first."""
