"""Statements of tenancy, identity and administration: one text for both engines, one transaction for one change.

Statements are written once, with ``?`` for a parameter and ``decision_gate.`` before each table, and keep to what
SQLite and PostgreSQL both understand: what these tables need is inserts, updates by key and look-ups. Parameters and
columns are ``bytes`` (numbers as 8 bytes big-endian, ids as UTF-8), ``str``, ``int`` or none.

INVARIANT: no statement holds ``%`` or a literal ``?``.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias, TypeVar

import attrs

from decision_gate.core.ports import Rider, StoreUnavailableError
from decision_gate.enterprise.database import DatabaseSettings, now_ms
from decision_gate.enterprise.stores.postgres import Family, PostgresSettings, bring_up, open_session
from decision_gate.enterprise.stores.postgres.offers import stores_family
from decision_gate.enterprise.stores.postgres.session import Connection, Session
from decision_gate.mcp.hooks.audit_sink import AuditSink
from decision_gate.mcp.stores.sqlite import SqliteDatabase, SqliteRiderTable, SqliteSettings, open_database

Row: TypeAlias = tuple[Any, ...]
_T = TypeVar("_T")

SQLITE: Final = "sqlite"
POSTGRES: Final = "postgres"
_LOCK: Final = 0x6467_6469_7265_6374  # "dgdirect"


class Reader(Protocol):
    """Runs statements that read."""

    def rows(self, statement: str, *parameters: object) -> list[Row]:
        """Return all rows of a statement; it brings its own limit.

        Raises:
            StoreUnavailableError: The database does not answer.
        """
        ...


class Transaction(Reader, Protocol):
    """Runs the statements of one change. It holds no longer than the work that was given to ``Transactions.run``."""

    def write(self, statement: str, *parameters: object) -> int:
        """Run a statement that writes and return how many rows it touched.

        Raises:
            StoreUnavailableError: The database does not answer.
        """
        ...

    def ride(self, riders: Sequence[Rider]) -> None:
        """Write *riders* with this change, by the tables of the audit sink.

        Raises:
            RiderRefusedError: One of them is refused; the change is undone.
        """
        ...


class Transactions(Reader, Protocol):
    """The database of the runs, for changes beside them. Safe for threads; ``rows`` sees what is committed."""

    def note(self, statement: str, *parameters: object) -> None:
        """Run one statement that writes, by itself; several may run at once.

        Raises:
            StoreUnavailableError, OutcomeUnknownError: It may be written or not.
        """
        ...

    def run(self, sink: AuditSink, work: Callable[[Transaction], _T]) -> _T:
        """Run *work* in one transaction, durable when this returns; when it raises, nothing is left of it.

        INVARIANT: one such transaction runs at a time in a database, whatever the number of servers, so that what
        *work* reads holds until it is committed. *work* may be run again after a deadlock, so it keeps nothing but its
        result. Riders are applied by the tables that *sink* brings.

        Raises:
            StoreUnavailableError: Nothing is written.
            OutcomeUnknownError: The connection died during the commit; it may be written or not.
            Exception: Whatever *work* raises.
        """
        ...


@attrs.frozen
class ReadOnly:
    """A ``Transaction`` for work that only reads: each statement sees what is committed then."""

    _reader: Reader

    def rows(self, statement: str, *parameters: object) -> list[Row]:
        """See ``Reader``."""
        return self._reader.rows(statement, *parameters)

    def write(self, statement: str, *parameters: object) -> int:
        """Refuse. Raise ``StoreUnavailableError``: who reads has no business to write."""
        del statement, parameters
        raise StoreUnavailableError("this work was to read only")

    def ride(self, riders: Sequence[Rider]) -> None:
        """Refuse. Raise ``StoreUnavailableError``."""
        del riders
        raise StoreUnavailableError("this work was to read only")


@attrs.frozen
class _SqliteTransaction:
    _connection: sqlite3.Connection
    _sink: AuditSink

    def rows(self, statement: str, *parameters: object) -> list[Row]:
        return self._connection.execute(_in_sqlite(statement), parameters).fetchall()

    def write(self, statement: str, *parameters: object) -> int:
        return self._connection.execute(_in_sqlite(statement), parameters).rowcount

    def ride(self, riders: Sequence[Rider]) -> None:
        if riders:
            table: SqliteRiderTable = self._sink.rider_table(SQLITE)
            for rider in riders:
                table.apply(self._connection, rider)


@attrs.frozen
class SqliteTransactions:
    """See ``Transactions``."""

    _database: SqliteDatabase

    def rows(self, statement: str, *parameters: object) -> list[Row]:
        """See ``Reader``."""
        with self._database.reading() as connection:
            return connection.execute(_in_sqlite(statement), parameters).fetchall()

    def note(self, statement: str, *parameters: object) -> None:
        """See ``Transactions``."""
        self._database.write(lambda connection: connection.execute(_in_sqlite(statement), parameters).close())

    def run(self, sink: AuditSink, work: Callable[[Transaction], _T]) -> _T:
        """See ``Transactions``."""
        return self._database.write(lambda connection: work(_SqliteTransaction(connection, sink)))


@attrs.frozen
class _PostgresTransaction:
    _connection: Connection

    def rows(self, statement: str, *parameters: object) -> list[Row]:
        return self._connection.execute(_in_postgres(statement), parameters, binary=True).fetchall()

    def write(self, statement: str, *parameters: object) -> int:
        return self._connection.execute(_in_postgres(statement), parameters).rowcount

    def ride(self, riders: Sequence[Rider]) -> None:
        if riders:
            self._connection.execute(
                "SELECT decision_gate.apply_riders(%s::text[], %s::bytea[], %s::bytea[])",
                ([r.kind for r in riders], [r.key.encode() for r in riders], [r.body for r in riders]),
            )


@attrs.frozen
class PostgresTransactions:
    """See ``Transactions``."""

    _session: Session

    def rows(self, statement: str, *parameters: object) -> list[Row]:
        """See ``Reader``."""
        return self._session.rows(_in_postgres(statement), parameters)

    def note(self, statement: str, *parameters: object) -> None:
        """See ``Transactions``."""
        self._session.transact(lambda connection: connection.execute(_in_postgres(statement), parameters))

    def run(self, sink: AuditSink, work: Callable[[Transaction], _T]) -> _T:
        """See ``Transactions``; riders are functions of the database here."""
        del sink

        def durable(connection: Connection) -> _T:
            # A lock of the whole directory: changes of it are rare, and each decides by what it reads.
            connection.execute("SELECT decision_gate.be_durable(), pg_advisory_xact_lock(%s)", (_LOCK,))
            return work(_PostgresTransaction(connection))

        return self._session.transact(durable)


@contextmanager
def open_transactions(
    settings: DatabaseSettings,
    tables: Sequence[tuple[Family, SqliteRiderTable]],
    sink: AuditSink | None = None,
) -> Iterator[Transactions]:
    """Open the database and bring *tables* up to date, each a family of PostgreSQL and its twin in SQLite.

    With *sink* the tables of its riders are made as well, for programs that open no run store beside this.

    Raises:
        InvalidConfigError: Not exactly one database is named.
        ConfigurationError: Its schema is newer than this release, or it is not fit.
        StoreUnavailableError: It cannot be reached.
    """
    settings.check()
    with ExitStack() as stack:
        if settings.dsn is not None:
            postgres = PostgresSettings(dsn=settings.dsn, max_connections=settings.max_connections)
            riding = [] if sink is None else [sink.rider_table(POSTGRES).family]
            bring_up(postgres, [stores_family(), *(family for family, _ in tables), *riding])
            yield PostgresTransactions(stack.enter_context(open_session(postgres)))
        else:
            own = [table for _, table in tables]
            riding = [] if sink is None else [sink.rider_table(SQLITE)]
            sqlite = SqliteSettings(path=Path(settings.path or os.devnull))
            yield SqliteTransactions(
                stack.enter_context(open_database(sqlite, rider_tables=[*own, *riding], now_ms=now_ms))
            )


@cache
def _in_sqlite(statement: str) -> str:
    return statement.replace("decision_gate.", "")


@cache
def _in_postgres(statement: str) -> str:
    return statement.replace("?", "%s")
