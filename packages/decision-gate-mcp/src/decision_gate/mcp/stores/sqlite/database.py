"""One database file: opened once, shared by the stores that live in it."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final, TypeVar

from decision_gate.core.ports import StoreUnavailableError
from decision_gate.mcp.stores.sqlite import schema
from decision_gate.mcp.stores.sqlite.errors import REPORTED, DatabasePathError, ForeignDatabaseError, translated
from decision_gate.mcp.stores.sqlite.files import ensure_file, identity
from decision_gate.mcp.stores.sqlite.group_commit import GroupCommit
from decision_gate.mcp.stores.sqlite.migrations import migrate
from decision_gate.mcp.stores.sqlite.patience import patiently
from decision_gate.mcp.stores.sqlite.readers import Readers
from decision_gate.mcp.stores.sqlite.riders import RiderTables, SqliteRiderTable
from decision_gate.mcp.stores.sqlite.settings import SqliteSettings
from decision_gate.mcp.stores.sqlite.writer import Work, Writer

Result = TypeVar("Result")

_KEPT_LOG_BYTES: Final = 64 * 1024 * 1024
_CACHED_STATEMENTS: Final = 128


class SqliteDatabase:
    """A file of runs, scenarios and data shapes, and the rider tables that were opened with it.

    Several processes on one file are normal use. Safe for any number of threads.
    """

    def __init__(
        self, settings: SqliteSettings, *, rider_tables: Iterable[SqliteRiderTable], now_ms: Callable[[], int]
    ) -> None:
        tables = tuple(rider_tables)
        self.riders = RiderTables(tables)
        self.now_ms = now_ms
        self._settings = settings
        self._busy_timeout_s = settings.busy_timeout_ms / 1_000
        ensure_file(settings.path)
        self._identity = identity(settings.path)
        connection = self._connect()
        try:
            patiently(lambda: _prepare(connection, settings, tables), self._busy_timeout_s)
        except REPORTED as error:
            connection.close()
            raise translated(error) from error
        except BaseException:
            connection.close()
            raise
        self._writer = Writer(connection, busy_timeout_s=self._busy_timeout_s)
        self._group: GroupCommit[Work] = GroupCommit(self._writer.commit)
        self._readers = Readers(self._connect_reader)

    def write(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """Run *work* in a transaction that is durable when this returns; others may share it.

        Raises:
            StoreUnavailableError: Another process holds the file for too long, there is no room, or the file is gone.
            OutcomeUnknownError: The disk failed while the commit was made durable.
            Exception: Whatever *work* raises; then it has left nothing behind.
        """
        if identity(self._settings.path) != self._identity:
            # What is written into a file that nobody can find any more would be acknowledged and lost.
            raise StoreUnavailableError("the database file was replaced, open it again")
        result: Result = self._group.run(work)
        return result

    def reading(self) -> AbstractContextManager[sqlite3.Connection]:
        """Lend a connection for reading.

        Raises:
            StoreUnavailableError: The file cannot be read.
            StoreCorruptError: The file is damaged.
        """
        if self._writer.death is not None:
            # Until the file is opened again nobody knows which of two states it is in.
            raise StoreUnavailableError(str(self._writer.death)) from self._writer.death
        return self._readers.connection()

    def forget_erased(self) -> None:
        """Empty the write-ahead log, which still holds what was overwritten; when others read, a later one does it."""
        connection = self._connect()
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except REPORTED as error:
            raise translated(error) from error
        finally:
            connection.close()

    def ready(self) -> None:
        """Take the write lock and give it back; after a failure also write, to see whether there is room again.

        Raises:
            StoreUnavailableError: Nothing can be committed now.
        """
        self.write(_write_nothing_new if self._writer.is_doubtful else _look)

    def close(self) -> None:
        """Let the batch that runs come to its end and close; further calls raise ``StoreUnavailableError``."""
        self._readers.close()
        self._writer.close()

    def _connect(self) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(
                self._settings.path,
                timeout=self._busy_timeout_s,
                isolation_level=None,
                check_same_thread=False,
                cached_statements=_CACHED_STATEMENTS,
            )
        except REPORTED as error:
            raise DatabasePathError(str(self._settings.path), str(translated(error))) from error
        connection.execute("PRAGMA trusted_schema = OFF")  # a file may come from anywhere
        return connection

    def _connect_reader(self) -> sqlite3.Connection:
        connection = self._connect()
        try:
            connection.execute("PRAGMA query_only = ON")
        except REPORTED:
            connection.close()
            raise
        return connection


@contextmanager
def open_database(
    settings: SqliteSettings, *, rider_tables: Iterable[SqliteRiderTable] = (), now_ms: Callable[[], int]
) -> Iterator[SqliteDatabase]:
    """Open a database file, making it, its folders and its tables when they are missing; close it at the end.

    *now_ms* is the clock of ``RunSummary.saved_at``, in Unix milliseconds.

    Raises:
        DatabasePathError: The file cannot be made or opened.
        ForeignDatabaseError: It belongs to another program.
        SchemaTooNewError: It was written by a newer one.
        StoreCorruptError: It is no database, or damaged.
        StoreUnavailableError: Another process holds it for too long.
    """
    database = SqliteDatabase(settings, rider_tables=rider_tables, now_ms=now_ms)
    try:
        yield database
    finally:
        database.close()


def _prepare(
    connection: sqlite3.Connection, settings: SqliteSettings, rider_tables: Iterable[SqliteRiderTable]
) -> None:
    """Make sure that the file is ours, journalled as configured and of the newest schema."""
    connection.execute(f"PRAGMA synchronous = {settings.sync_mode}")
    connection.execute(f"PRAGMA journal_size_limit = {_KEPT_LOG_BYTES}")
    connection.execute("PRAGMA secure_delete = ON")  # erased means gone, not left behind in free space
    # In this order: another process that makes the file right now sets the id before it makes tables.
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application != schema.APPLICATION_ID and (application != 0 or tables != 0):
        raise ForeignDatabaseError(str(settings.path))
    (journal,) = connection.execute(f"PRAGMA journal_mode = {settings.journal_mode}").fetchone()
    if journal != settings.journal_mode:
        raise DatabasePathError(str(settings.path), f"journal mode {settings.journal_mode} is not possible here")
    components: dict[str, Any] = {schema.COMPONENT: schema.MIGRATIONS}
    components |= {f"rider {table.kind}": table.migrations for table in rider_tables}
    if application == 0:
        connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    migrate(connection, components)


def _look(connection: sqlite3.Connection) -> None:
    connection.execute("SELECT 1 FROM schema_version").fetchall()


def _write_nothing_new(connection: sqlite3.Connection) -> None:
    # There and back: SQLite writes no page for a row that is overwritten by itself, and would not meet the full disk.
    for change in (1, -1):
        connection.execute(
            "UPDATE schema_version SET version = version + ? WHERE component = ?", (change, schema.COMPONENT)
        )
