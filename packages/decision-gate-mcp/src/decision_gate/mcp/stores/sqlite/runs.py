"""Runs in SQLite."""

import sqlite3
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain
from typing import Any, Final

from decision_gate.core.ports import (
    Commit,
    ConflictError,
    Integrity,
    Log,
    RecordKeyTakenError,
    RecordRef,
    Rider,
    RunExistsError,
    RunHead,
    RunKey,
    RunMissingError,
    RunPage,
    RunQuery,
    StepRecords,
    StoreCorruptError,
    decode_head,
    encode_head,
)
from decision_gate.mcp.stores.sqlite.database import SqliteDatabase
from decision_gate.mcp.stores.sqlite.ids import u64_bytes
from decision_gate.mcp.stores.sqlite.run_chain import check_run, erase_records
from decision_gate.mcp.stores.sqlite.run_listing import list_runs
from decision_gate.mcp.stores.sqlite.run_records import checked, read_log
from decision_gate.mcp.stores.sqlite.schema import HEAD, LOG_NUMBERS, LOGS

_BY_KEY: Final = "WHERE tenant = ? AND namespace = ? AND run_id = ?"

_CREATE: Final = """
    INSERT INTO runs (tenant, namespace, run_id, scenario_id, status, version, decided_at, saved_at, head)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""
_FIND: Final = f"SELECT id, version, head FROM runs {_BY_KEY}"  # noqa: S608 - constants only
_MOVE: Final = f"""
    UPDATE runs SET status = ?, version = ?, decided_at = ?, saved_at = ?, head = ? {_BY_KEY} AND id = ? AND version = ?
"""  # noqa: S608 - constants only
_ADD: Final = "INSERT INTO records (run, version, position, log, seq, key, sha256, body) VALUES"
_ROW: Final = "(?, ?, ?, ?, ?, ?, ?, ?)"
_REMEMBERED: Final = 10_000
_REMEMBERED_HEADS: Final = 1_000
_NOTHING_WRITTEN: Final[tuple[bytes, RunHead | None]] = (b"", None)
_ROWS_AT_ONCE: Final = 100  # as many as the oldest SQLite has variables for
_HEAD: Final = f"SELECT head FROM runs {_BY_KEY}"  # noqa: S608 - constants only
_RUN: Final = f"SELECT id, decided_at, head FROM runs {_BY_KEY}"  # noqa: S608 - constants only
_KEYED: Final = """
    SELECT version, seq, body, sha256, tombstone FROM records WHERE run = ? AND log = ? AND key = ? AND key IS NOT NULL
"""
_DECIDED_BY: Final = f"""
    SELECT runs.id, records.version FROM runs JOIN records ON records.run = runs.id
    {_BY_KEY} AND log = ? AND key = ? AND key IS NOT NULL
"""  # noqa: S608 - constants only
_DECIDED_LAST: Final = f"SELECT id, decided_at FROM runs {_BY_KEY}"  # noqa: S608 - constants only
_STEP: Final = """
    SELECT log, seq, body, sha256, tombstone FROM records WHERE run = ? AND version = ? AND log <> 0 ORDER BY position
"""


class SqliteRunStore:
    """A ``RunStore`` in *database*."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database
        # Numbers of rows, which spare an append one look. INVARIANT: only a hint, for the batch that a number came from
        # may have been undone; whatever uses one also names the run.
        self._ids: dict[RunKey, int] = {}
        # What was written last, which spares reading it. INVARIANT: used only for exactly the bytes that are stored.
        self._heads: dict[RunKey, tuple[bytes, RunHead]] = {}

    @property
    def rider_kinds(self) -> frozenset[str]:
        """See ``RunStore``."""
        return self._database.riders.kinds

    def create(self, commit: Commit, riders: Sequence[Rider] = ()) -> RunHead:
        """See ``RunStore``."""
        riders_of = self._database.riders
        riders_of.check(riders)
        head = commit.head
        values = (*_names(commit.key), head.scenario_id.encode(), *self._state(head))

        def work(connection: sqlite3.Connection) -> RunHead:
            made = connection.execute(_CREATE, values)
            if made.rowcount == 0:
                raise RunExistsError(commit.key.run_id)
            _add_records(connection, made.lastrowid, commit, values[-1])
            riders_of.apply(connection, riders)
            return head

        return self._database.write(work)

    def head(self, key: RunKey) -> RunHead | None:
        """See ``RunStore``."""
        with self._database.reading() as connection:
            row = connection.execute(_HEAD, _names(key)).fetchone()
        if row is None:
            return None
        stored, head = self._heads.get(key, _NOTHING_WRITTEN)
        return head if head is not None and stored == row[0] else decode_head(row[0])

    def step(self, key: RunKey, trigger_id: str | None) -> StepRecords | None:
        """See ``RunStore``."""
        with self._database.reading() as connection:
            if trigger_id is None:
                found = connection.execute(_DECIDED_LAST, _names(key)).fetchone()
            else:
                values = (*_names(key), LOG_NUMBERS[Log.DECISIONS], trigger_id.encode())
                found = connection.execute(_DECIDED_BY, values).fetchone()
            run, version = found or (0, 0)
            if version == 0:
                return None
            rows = connection.execute(_STEP, (run, version)).fetchall()
        bodies: dict[Log, list[bytes]] = {log: [] for log in Log}
        for number, seq, *stored in rows:
            log = LOGS.get(number)
            if log is None:
                raise StoreCorruptError(f"commit {version} of run {key.run_id} has a record of no log")
            bodies[log].append(checked(log, seq, *stored))
        if len(bodies[Log.DECISIONS]) != 1:
            raise StoreCorruptError(f"commit {version} of run {key.run_id} lost its decision")
        return StepRecords(
            decision=bodies[Log.DECISIONS][0],
            packets=tuple(bodies[Log.PACKETS]),
            gate_evals=tuple(bodies[Log.GATE_EVALS]),
        )

    def submission(self, key: RunKey, submission_id: str) -> bytes | None:
        """See ``RunStore``."""
        with self._database.reading() as connection:
            run = connection.execute(_RUN, _names(key)).fetchone()
            found = _keyed(connection, run[0], Log.SUBMISSIONS, submission_id) if run else None
        if found is None:
            return None
        _, seq, *stored = found
        return checked(Log.SUBMISSIONS, seq, *stored)

    def append(self, commit: Commit, riders: Sequence[Rider] = ()) -> RunHead:
        """See ``RunStore``."""
        riders_of = self._database.riders
        riders_of.check(riders)
        head, names = commit.head, _names(commit.key)
        state = self._state(head)

        def work(connection: sqlite3.Connection) -> RunHead:
            run = self._ids.get(commit.key)
            if run is None or not _moves(connection, (*state, *names, run, commit.expected_version)):
                row = connection.execute(_FIND, names).fetchone()
                if row is None:
                    raise RunMissingError(commit.key.run_id)
                run, version, current = row
                if version != commit.expected_version:
                    raise ConflictError(decode_head(current))
                self._remember(commit.key, run)
                _moves(connection, (*state, *names, run, version))
            _add_records(connection, run, commit, state[-1])
            riders_of.apply(connection, riders)
            return head

        written = self._database.write(work)
        if len(self._heads) >= _REMEMBERED_HEADS:
            self._heads.clear()
        self._heads[commit.key] = (state[-1], head)
        return written

    def record(self, riders: Sequence[Rider]) -> None:
        """See ``RunStore``."""
        riders_of = self._database.riders
        riders_of.check(riders)
        if riders:
            self._database.write(lambda connection: riders_of.apply(connection, riders))

    def read(self, key: RunKey, log: Log, *, after: int = 0, upto: int | None = None) -> Iterator[bytes]:
        """See ``RunStore``."""
        with self._database.reading() as connection:
            run, _, head = _existing(connection, key)
        count = decode_head(head).counts.of(log)
        return read_log(self._database, run, log, after=after, upto=count if upto is None else min(upto, count))

    def runs(self, query: RunQuery, cursor: str | None, limit: int) -> RunPage:
        """See ``RunStore``."""
        return list_runs(self._database, query, cursor, limit)

    def check(self, key: RunKey) -> Integrity:
        """See ``RunStore``."""
        with self._database.reading() as connection:
            run, *_ = _existing(connection, key)
        return check_run(self._database, key, run)

    def erase(self, key: RunKey, records: Sequence[RecordRef], tombstone: bytes) -> None:
        """See ``RunStore``; the old bodies are overwritten in the file and in the write-ahead log."""

        def work(connection: sqlite3.Connection) -> None:
            run, *_ = _existing(connection, key)
            erase_records(connection, run, records, tombstone)

        self._database.write(work)
        self._database.forget_erased()

    def ready(self) -> None:
        """See ``RunStore``."""
        self._database.ready()

    def _remember(self, key: RunKey, run: int) -> None:
        if len(self._ids) >= _REMEMBERED:
            self._ids.clear()
        self._ids[key] = run

    def _state(self, head: RunHead) -> tuple[str, int, int, int, bytes]:
        return head.status.value, head.version, head.decided_at_version, self._database.now_ms(), encode_head(head)


def _names(key: RunKey) -> tuple[bytes, bytes, bytes]:
    return u64_bytes(key.tenant_id), u64_bytes(key.namespace_id), key.run_id.encode()


def _moves(connection: sqlite3.Connection, values: tuple[Any, ...]) -> bool:
    """Put a head in place of the one of the expected version; false when there is no such run and version."""
    return connection.execute(_MOVE, values).rowcount == 1


def _existing(connection: sqlite3.Connection, key: RunKey) -> tuple[int, int, bytes]:
    row: tuple[int, int, bytes] | None = connection.execute(_RUN, _names(key)).fetchone()
    if row is None:
        raise RunMissingError(key.run_id)
    return row


def _keyed(connection: sqlite3.Connection, run: int, log: Log, key: str) -> tuple[Any, ...] | None:
    row: tuple[Any, ...] | None = connection.execute(_KEYED, (run, LOG_NUMBERS[log], key.encode())).fetchone()
    return row


def _add_records(connection: sqlite3.Connection, run: int | None, commit: Commit, head: bytes) -> None:
    """Write the records of *commit* and the head that closes it."""
    version = commit.head.version
    rows: list[tuple[Any, ...]] = [
        (
            run,
            version,
            position,
            LOG_NUMBERS[record.log],
            record.seq,
            None if record.key is None else record.key.encode(),
            bytes.fromhex(record.sha256),
            record.body,
        )
        for position, record in enumerate(commit.records)
    ]
    rows.append((run, version, len(rows), HEAD, version, None, None, head))
    try:
        for first in range(0, len(rows), _ROWS_AT_ONCE):
            part = rows[first : first + _ROWS_AT_ONCE]
            connection.execute(_adding(len(part)), tuple(chain.from_iterable(part)))
    except sqlite3.IntegrityError as error:
        raise RecordKeyTakenError(commit.key.run_id) from error


@cache
def _adding(count: int) -> str:
    """Return the statement that adds *count* records.

    One statement for all: each row of ``executemany`` lets go of the interpreter's lock twice, and every other thread
    that waits for it wakes up in vain.
    """
    return f"{_ADD} {', '.join([_ROW] * count)}"
