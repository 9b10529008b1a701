"""Walking the chain of a stored run, and erasing bodies from it."""

import hashlib
import itertools
import sqlite3
from collections.abc import Iterator, Sequence
from types import NoneType
from typing import Any, Final

from decision_gate.core.ports import (
    Integrity,
    RecordMissingError,
    RecordRef,
    RunKey,
    StoreCorruptError,
    StoredCommit,
    StoredRecord,
    decode_head,
    walk_chain,
)
from decision_gate.mcp.stores.sqlite.cells import demand
from decision_gate.mcp.stores.sqlite.readers import Reading
from decision_gate.mcp.stores.sqlite.schema import HEAD, LOG_NUMBERS, LOGS

_RUN: Final = "SELECT head, version, status, decided_at, scenario_id FROM runs WHERE id = ?"
_LAST: Final = "SELECT max(version) FROM records WHERE run = ?"
_COMMITS: Final = """
    SELECT version, log, seq, key, sha256, body, tombstone FROM records
    WHERE run = ? AND version > ? AND version <= ? ORDER BY version, position
"""
_VERSIONS_AT_ONCE: Final = 16

_PLACES: Final = "SELECT id, log, seq FROM records WHERE run = ?"
_ERASE: Final = "UPDATE records SET body = ?, tombstone = ? WHERE id = ?"


def check_run(database: Reading, key: RunKey, run: int) -> Integrity:
    """See ``RunStore.check``."""
    with database.reading() as connection:
        connection.execute("BEGIN")
        try:
            row = connection.execute(_RUN, (run,)).fetchone()
            (last,) = connection.execute(_LAST, (run,)).fetchone()
        finally:
            connection.execute("COMMIT")
    if row is None:
        return Integrity(commits=0, problem="its row is gone")
    head, *columns = row
    try:
        demand((head, last), bytes, (int, NoneType))
        found = walk_chain(key, head, _commits(database, run, last or 0))
    except StoreCorruptError as error:
        return Integrity(commits=0, problem=str(error))
    if not found.is_sound:
        return found
    current = decode_head(head)
    expected = [current.version, current.status.value, current.decided_at_version, current.scenario_id.encode()]
    if columns != expected:
        return Integrity(commits=found.commits, problem="the row of the run does not say what its head says")
    return found


def erase_records(connection: sqlite3.Connection, run: int, records: Sequence[RecordRef], tombstone: bytes) -> None:
    """See ``RunStore.erase``; costs one walk through the index of the run."""
    wanted = {(LOG_NUMBERS[ref.log], ref.seq): ref for ref in records}
    found = {
        (log, seq): row for row, log, seq in connection.execute(_PLACES, (run,)) if log != HEAD and (log, seq) in wanted
    }
    for place, ref in wanted.items():
        if place not in found:
            raise RecordMissingError(ref)
    mark = hashlib.sha256(tombstone).digest()
    connection.executemany(_ERASE, [(tombstone, mark, row) for row in found.values()])


def _commits(database: Reading, run: int, last: int) -> Iterator[StoredCommit]:
    """Yield all commits up to version *last*, a few at a time."""
    for after in range(0, last, _VERSIONS_AT_ONCE):
        with database.reading() as connection:
            rows = connection.execute(_COMMITS, (run, after, min(after + _VERSIONS_AT_ONCE, last))).fetchall()
        for version, group in itertools.groupby(rows, key=lambda row: row[0]):
            try:
                commit = _commit(version, list(group))
            except (KeyError, ValueError, AttributeError, TypeError) as error:
                # A damaged file may hold anything anywhere: no log of this number, no text, no bytes.
                raise StoreCorruptError(f"commit {version}: a record cannot be read") from error
            yield commit


def _commit(version: int, rows: Sequence[tuple[Any, ...]]) -> StoredCommit:
    head: bytes | None = None
    records = []
    for _, log, seq, key, sha256, body, tombstone in rows:
        if log == HEAD:
            head = body
        else:
            records.append(
                StoredRecord(
                    log=LOGS[log],
                    seq=seq,
                    key=None if key is None else key.decode(),
                    sha256=sha256.hex(),
                    body=body,
                    tombstone=None if tombstone is None else tombstone.hex(),
                )
            )
    return StoredCommit(version=version, head=head, records=tuple(records))
