"""Bringing the tables of a file to the version that this program knows, component by component.

A component is the stores themselves or one rider table; each counts its own versions from 1. A migration that was
released never changes. A file that is newer than the program is refused, never guessed at.
"""

import sqlite3
from collections.abc import Mapping, Sequence

from decision_gate.mcp.stores.sqlite.errors import SchemaTooNewError

Migration = Sequence[str]
"""The statements that lead from one version to the next."""


def migrate(connection: sqlite3.Connection, components: Mapping[str, Sequence[Migration]]) -> None:
    """Run what is missing, all in one transaction; of several processes one does it and the others find it done.

    Raises:
        SchemaTooNewError: A component of the file is newer than *components* know.
    """
    if _is_current(connection, components):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_version"
            " (component TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID"
        )
        for component, migrations in components.items():
            for migration in migrations[_found(connection, component, len(migrations)) :]:
                for statement in migration:
                    connection.execute(statement)
            connection.execute("INSERT OR REPLACE INTO schema_version VALUES (?, ?)", (component, len(migrations)))
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _is_current(connection: sqlite3.Connection, components: Mapping[str, Sequence[Migration]]) -> bool:
    found = connection.execute("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_version'")
    if found.fetchone() is None:
        return False
    return all(
        _found(connection, component, len(migrations)) == len(migrations)
        for component, migrations in components.items()
    )


def _found(connection: sqlite3.Connection, component: str, known: int) -> int:
    row = connection.execute("SELECT version FROM schema_version WHERE component = ?", (component,)).fetchone()
    version: int = row[0] if row else 0
    if version > known:
        raise SchemaTooNewError(component, version, known)
    return version
