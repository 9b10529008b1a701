"""Bodies as stored, and reading a whole log of them."""

import hashlib
import sqlite3
from collections.abc import Iterator
from typing import Any, Final

import attrs

from decision_gate.core.ports import Log, StoreCorruptError
from decision_gate.mcp.stores.sqlite.readers import Reading
from decision_gate.mcp.stores.sqlite.schema import LOG_NUMBERS

_READ: Final = """
    SELECT version, position, seq, body, sha256, tombstone FROM records
    WHERE run = ? AND (version, position) > (?, ?) AND log = ? AND seq > ? AND seq <= ?
    ORDER BY version, position
"""
_CHUNK_BYTES: Final = 256 * 1024
_CHUNK_RECORDS: Final = 256


@attrs.frozen
class Body:
    """One body with the hashes that it may have."""

    body: bytes
    sha256: bytes
    tombstone: bytes | None

    def checked(self, log: Log, seq: int) -> bytes:
        """Return the body: never one that was not committed or put there by an erasure.

        Raises:
            StoreCorruptError: It has neither hash.
        """
        if hashlib.sha256(self.body).digest() != (self.tombstone or self.sha256):
            raise StoreCorruptError(f"{log.value} {seq} does not match its hash")
        return self.body


def read_log(database: Reading, run: int, log: Log, *, after: int, upto: int) -> Iterator[bytes]:
    """Yield the bodies of *log* from *after* + 1 to *upto*.

    They are fetched in short reads of a bounded size, so that a slow consumer neither holds a connection nor keeps the
    write-ahead log from being emptied. What is appended meanwhile lies behind *upto*.

    Raises:
        StoreCorruptError: One of them is missing or does not match its hash.
    """
    seq = max(after, 0)
    place = (0, -1)
    while seq < upto:
        with database.reading() as connection:
            chunk = _chunk(connection, (run, *place, LOG_NUMBERS[log], seq, upto))
        for version, position, found, *stored in chunk:
            seq += 1
            if found != seq:
                break
            place = (version, position)
            yield Body(*stored).checked(log, seq)
        else:
            if chunk:
                continue
            seq += 1
        raise StoreCorruptError(f"{log.value} {seq} is missing")


def _chunk(connection: sqlite3.Connection, values: tuple[int, ...]) -> list[tuple[Any, ...]]:
    cursor = connection.execute(_READ, values)
    rows = []
    size = 0
    for row in cursor:
        rows.append(row)
        size += len(row[3])
        if size >= _CHUNK_BYTES or len(rows) >= _CHUNK_RECORDS:
            break
    cursor.close()
    return rows
