"""Hashing the rows of a database by blocks, so that a changed byte is found with its table and place."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from decision_gate.core.ports import StoreCorruptError
from decision_gate.enterprise.backup.manifest import TableEntry

ROWS_OF_BLOCK: Final = 64

_TABLES: Final = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"


def hash_tables(database: Path) -> dict[str, TableEntry]:
    """Return every table of a database file that nobody writes to.

    Raises:
        StoreCorruptError: It cannot be read.
    """
    try:
        with closing(_opened(database)) as connection:
            names = [name.decode() for (name,) in connection.execute(_TABLES)]
            return {name: _hashed(connection, name) for name in names}
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise StoreCorruptError(f"the database cannot be read: {error}") from error


def changed_blocks(before: TableEntry, now: TableEntry) -> Iterator[str]:
    """Yield where two states of a table differ, in words."""
    if before.rows != now.rows:
        yield f"{now.rows} rows, {before.rows} were backed up"
    for index, (old, new) in enumerate(zip(before.blocks, now.blocks, strict=False)):
        if old != new:
            first = index * ROWS_OF_BLOCK + 1
            last = min(first + ROWS_OF_BLOCK - 1, before.rows)
            yield f"changed between row {first} and row {last}" if last > first else f"row {first} is changed"


def _opened(database: Path) -> sqlite3.Connection:
    # Immutable: no lock, no side files, so that looking at a backup leaves it as it is.
    connection = sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.text_factory = bytes
    return connection


def _hashed(connection: sqlite3.Connection, name: str) -> TableEntry:
    quoted = name.replace('"', '""')
    columns = connection.execute(f'PRAGMA table_xinfo("{quoted}")').fetchall()
    keys = [column[1].decode() for column in sorted(columns, key=lambda column: int(column[5])) if column[5]]
    order = ", ".join(f'"{key.replace(chr(34), chr(34) * 2)}"' for key in keys) or "rowid"
    blocks: list[str] = []
    rows, digest = 0, hashlib.sha256()
    for row in connection.execute(f'SELECT * FROM "{quoted}" ORDER BY {order}'):  # noqa: S608 - names of its own schema
        rows += 1
        for value in row:
            digest.update(_encoded(value))
        if rows % ROWS_OF_BLOCK == 0:
            blocks.append(digest.hexdigest())
            digest = hashlib.sha256()
    if rows % ROWS_OF_BLOCK:
        blocks.append(digest.hexdigest())
    return TableEntry(rows=rows, blocks=tuple(blocks))


def _encoded(value: Any) -> bytes:  # noqa: ANN401 - whatever a cell holds
    """Return the bytes of a cell, with its length in front so that no two rows look alike; texts come as bytes."""
    content = value if isinstance(value, bytes) else repr(value).encode()
    kind = b"b" if isinstance(value, bytes) else b"o"
    return kind + len(content).to_bytes(8, "big") + content
