"""Bodies as stored, and reading a whole log of them."""

import hashlib
import sqlite3
from collections.abc import Iterator
from typing import Any, Final

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


def checked(log: Log, seq: int, body: object, sha256: bytes, tombstone: bytes | None) -> bytes:
    """Return *body*: never one that was not committed or put there by an erasure.

    Raises:
        StoreCorruptError: It has neither hash.
    """
    # A damaged file may hold anything anywhere, whatever its tables demand.
    if not isinstance(body, bytes) or hashlib.sha256(body).digest() != (tombstone or sha256):
        raise StoreCorruptError(f"{log.value} {seq} does not match its hash")
    return body


def read_log(database: Reading, run: int, log: Log, *, after: int, upto: int) -> Iterator[bytes]:
    """Yield the bodies of *log* from *after* + 1 to *upto*.

    They are fetched in short reads of a bounded size, so that a slow consumer neither holds a connection nor keeps the
    write-ahead log from being emptied. What is appended meanwhile lies behind *upto*.

    Raises:
        StoreCorruptError: One of them is missing or does not match its hash.
    """
    seq = max(after, 0)
    place: tuple[int, ...] = (0, -1)
    while seq < upto:
        with database.reading() as connection:
            chunk = _chunk(connection, (run, *place, LOG_NUMBERS[log], seq, upto))
        for *_, found, body, sha256, tombstone in chunk:
            seq += 1
            if found != seq:
                raise StoreCorruptError(f"{log.value} {seq} is missing")
            yield checked(log, seq, body, sha256, tombstone)
        if not chunk:
            raise StoreCorruptError(f"{log.value} {seq + 1} is missing")
        place = chunk[-1][:2]


def _chunk(connection: sqlite3.Connection, values: tuple[int, ...]) -> list[tuple[Any, ...]]:
    cursor = connection.execute(_READ, values)
    rows = []
    size = 0
    for row in cursor:
        rows.append(row)
        size += len(row[3]) if isinstance(row[3], bytes) else 0
        if size >= _CHUNK_BYTES or len(rows) >= _CHUNK_RECORDS:
            break
    cursor.close()
    return rows
