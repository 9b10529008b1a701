"""A database file opened for reading only: inspected, verified and copied without changing a byte of it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, cast

import attrs

from decision_gate.core.errors import CallerError
from decision_gate.core.ports import (
    Integrity,
    Log,
    RunHead,
    RunKey,
    RunMissingError,
    RunSummary,
    StoreCorruptError,
    decode_head,
)
from decision_gate.mcp.stores.sqlite import schema
from decision_gate.mcp.stores.sqlite.cells import demand
from decision_gate.mcp.stores.sqlite.errors import (
    REPORTED,
    DatabasePathError,
    ForeignDatabaseError,
    SchemaTooNewError,
    translated,
)
from decision_gate.mcp.stores.sqlite.ids import owner_bytes, u64_bytes
from decision_gate.mcp.stores.sqlite.run_chain import check_run
from decision_gate.mcp.stores.sqlite.run_records import read_log

_BY_NAMES: Final = "FROM runs WHERE tenant = ? AND namespace = ? AND run_id = ?"
_FIND: Final = f"SELECT id, head {_BY_NAMES}"
_SUMMARY: Final = f"SELECT head, saved_at {_BY_NAMES}"
_HEAD_AT: Final = "SELECT body FROM records WHERE run = ? AND version = ? AND log = 0"
_PAGE: Final = """
    SELECT tenant, namespace, run_id, head, saved_at FROM runs WHERE (tenant, namespace, run_id) > (?, ?, ?)
    ORDER BY tenant, namespace, run_id LIMIT ?
"""
_SPEC: Final = """
    SELECT v.body FROM scenarios s JOIN scenario_versions v ON v.scenario = s.id AND v.spec_hash = ?
    WHERE s.owner = ? AND s.namespace = ? AND s.scenario_id = ?
"""
_RUNS_AT_ONCE: Final = 256


class VersionMissingError(CallerError):
    """A run has no such version."""

    code = "run_version_missing"

    def __init__(self, run_id: str, version: int) -> None:
        super().__init__(f"run {run_id} has no version {version}")


@attrs.frozen(kw_only=True)
class ListedRun:
    """One run of the file: its name as stored, and its summary, none when its head cannot be read."""

    key: RunKey
    summary: RunSummary | None


class SqliteArchive:
    """The runs and definitions in one file. Several may be open at once, beside servers that write."""

    def __init__(self, path: Path, *, busy_timeout_ms: int = 5_000) -> None:
        self.path = path
        self._busy_timeout_s = busy_timeout_ms / 1_000

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection that can only read.

        Raises:
            DatabasePathError: There is no such file, or it cannot be opened.
            ForeignDatabaseError: It belongs to another program.
            SchemaTooNewError: It was written by a newer one.
            StoreCorruptError: It is no database, or damaged.
            StoreUnavailableError: Another process holds it for too long.
        """
        connection = self._connect()
        try:
            yield connection
        except REPORTED as error:
            raise translated(error) from error
        finally:
            connection.close()

    def head(self, key: RunKey, version: int | None = None) -> RunHead:
        """Return where a run stands, or stood at *version*.

        Raises:
            RunMissingError: There is no such run.
            VersionMissingError: It has no such version.
            StoreCorruptError: The head cannot be read.
        """
        with self.reading() as connection:
            run, head = _found(connection, key)
            if version is None:
                return decode_head(head)
            row = connection.execute(_HEAD_AT, (run, version)).fetchone()
        if row is None:
            raise VersionMissingError(key.run_id, version)
        return decode_head(row[0])

    def summary(self, key: RunKey) -> RunSummary:
        """Return where a run stands, and when it was saved.

        Raises:
            RunMissingError: There is no such run.
            StoreCorruptError: The head cannot be read.
        """
        with self.reading() as connection:
            row = connection.execute(_SUMMARY, _names(key)).fetchone()
        if row is None:
            raise RunMissingError(key.run_id)
        demand(row, bytes, int)
        head, saved_at = row
        return RunSummary(head=decode_head(head), saved_at=saved_at)

    def read(self, key: RunKey, log: Log, *, after: int = 0, upto: int | None = None) -> Iterator[bytes]:
        """See ``RunStore``."""
        with self.reading() as connection:
            run, head = _found(connection, key)
        count = decode_head(head).counts.of(log)
        return read_log(self, run, log, after=after, upto=count if upto is None else min(upto, count))

    def check(self, key: RunKey) -> Integrity:
        """See ``RunStore``."""
        with self.reading() as connection:
            run, _ = _found(connection, key)
        return check_run(self, key, run)

    def runs(self) -> Iterator[ListedRun]:
        """Yield every run of every tenant in key order, a few at a time."""
        after: tuple[bytes, bytes, bytes] = (b"", b"", b"")
        while True:
            with self.reading() as connection:
                rows = connection.execute(_PAGE, (*after, _RUNS_AT_ONCE)).fetchall()
            for row in rows:
                demand(row, bytes, bytes, bytes, bytes, int)
                yield _listed(*row)
            if len(rows) < _RUNS_AT_ONCE:
                return
            after = rows[-1][:3]

    def spec(self, head: RunHead) -> bytes | None:
        """Return the canonical scenario that a run was started with, none when it is not here."""
        values = (
            head.spec_hash.encode(),
            owner_bytes(head.owner),
            u64_bytes(head.key.namespace_id),
            head.scenario_id.encode(),
        )
        with self.reading() as connection:
            row = connection.execute(_SPEC, values).fetchone()
        if row is None:
            return None
        demand(row, bytes)
        return cast("bytes", row[0])

    def _connect(self) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(
                f"{self.path.absolute().as_uri()}?mode=ro", uri=True, timeout=self._busy_timeout_s, isolation_level=None
            )
        except REPORTED as error:
            raise DatabasePathError(str(self.path), str(translated(error))) from error
        try:
            connection.execute("PRAGMA trusted_schema = OFF")  # a file may come from anywhere
            connection.execute("PRAGMA query_only = ON")
            self._demand_ours(connection)
        except REPORTED as error:
            connection.close()
            raise translated(error) from error
        except BaseException:
            connection.close()
            raise
        return connection

    def _demand_ours(self, connection: sqlite3.Connection) -> None:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        if application != schema.APPLICATION_ID:
            raise ForeignDatabaseError(str(self.path))
        (version,) = connection.execute(
            "SELECT max(version) FROM schema_version WHERE component = ?", (schema.COMPONENT,)
        ).fetchone()
        if version is not None and version > len(schema.MIGRATIONS):
            raise SchemaTooNewError(schema.COMPONENT, version, len(schema.MIGRATIONS))


def _found(connection: sqlite3.Connection, key: RunKey) -> tuple[int, bytes]:
    row: tuple[int, bytes] | None = connection.execute(_FIND, _names(key)).fetchone()
    if row is None:
        raise RunMissingError(key.run_id)
    return row


def _names(key: RunKey) -> tuple[bytes, bytes, bytes]:
    return u64_bytes(key.tenant_id), u64_bytes(key.namespace_id), key.run_id.encode()


def _listed(tenant: bytes, namespace: bytes, run_id: bytes, head: bytes, saved_at: int) -> ListedRun:
    key = RunKey(int.from_bytes(tenant, "big"), int.from_bytes(namespace, "big"), run_id.decode(errors="replace"))
    try:
        return ListedRun(key=key, summary=RunSummary(head=decode_head(head), saved_at=saved_at))
    except StoreCorruptError:
        return ListedRun(key=key, summary=None)
