"""Statements on pooled connections, and what their failures mean for a caller.

Every call but ``transact`` is one statement in autocommit: one round trip, no lock held between round trips. All work
through pgbouncer in transaction mode: no session state, no protocol-level prepared statements; functions keep their
plans.

INVARIANT: a failure of ``commit`` is ``StoreUnavailableError`` only when the server said that it rolled back or nothing
was sent; whenever the connection died with a statement under way, the outcome is unknown.
"""

import contextlib
import select
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias, TypeVar

import psycopg
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout

from decision_gate.core.ports import OutcomeUnknownError, RiderRefusedError, StoreCorruptError, StoreUnavailableError
from decision_gate.enterprise.stores.postgres.errors import DatabaseUnfitError, UniqueTakenError
from decision_gate.enterprise.stores.postgres.settings import APPLICATION_NAME, PostgresSettings

Connection: TypeAlias = psycopg.Connection[TupleRow]
Row: TypeAlias = tuple[Any, ...]
_T = TypeVar("_T")

REFUSED = "DG001"
"""SQLSTATE by which a rider function refuses; the message is the reason, the detail the kind."""

_TRIES = 4
_RECONNECT_S = 2.0
_UNAVAILABLE = "postgresql cannot be reached"


class Session:
    """Runs statements on a pool of connections."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool

    def rows(self, statement: str, parameters: Sequence[object]) -> list[Row]:
        """Return the rows of a statement that only reads.

        Raises:
            StoreUnavailableError: The database did not answer.
        """
        with self._connection() as connection:
            try:
                return connection.execute(statement, parameters, binary=True).fetchall()
            except psycopg.Error as error:
                raise _meaning(error) from error

    def commit(self, statement: str, parameters: Sequence[object]) -> Row:
        """Run a statement that writes, durably, and return its only row.

        A statement that the server rolled back because of a deadlock or a serialization failure is run again.

        Raises:
            RiderRefusedError: A rider function refused; nothing is written.
            UniqueTakenError: A row is there already; nothing is written.
        OutcomeUnknownError: The connection died before the reply; it may be written or not.
            StoreUnavailableError: Nothing is written.
        """
        for left in reversed(range(_TRIES)):
            with self._connection() as connection:
                try:
                    row = connection.execute(statement, parameters, binary=True).fetchone()
                except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure) as error:
                    if not left:
                        raise StoreUnavailableError("too many transactions wait for each other") from error
                    continue
                except psycopg.Error as error:
                    if connection.closed:
                        raise OutcomeUnknownError("the reply to a commit was lost") from error
                    raise _meaning(error) from error
                if row is None:
                    raise StoreCorruptError("a statement that writes returned no row")
                return row
        raise AssertionError  # the last try returns or raises

    def transact(self, work: Callable[[Connection], _T]) -> _T:
        """Run several statements in one transaction, for changes that are rare and need no speed.

        A transaction that the server rolled back because of a deadlock or a serialization failure is run again, so
        *work* keeps nothing but its result.

        Raises:
            RiderRefusedError, UniqueTakenError, StoreUnavailableError, OutcomeUnknownError: See ``commit``.
            Exception: What *work* raises; then nothing is written.
        """
        for left in reversed(range(_TRIES)):
            with self._connection() as connection:
                is_done = False
                try:
                    with connection.transaction():
                        result = work(connection)
                        is_done = True
                except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure) as error:
                    if not left:
                        raise StoreUnavailableError("too many transactions wait for each other") from error
                    continue
                except psycopg.Error as error:
                    # Before the COMMIT was sent a dead connection means that the server undid everything.
                    if connection.closed and is_done:
                        raise OutcomeUnknownError("the reply to a commit was lost") from error
                    raise _meaning(error) from error
                return result
        raise AssertionError  # the last try returns or raises

    def ready(self) -> None:
        """Return when the database accepts commits.

        Raises:
            StoreUnavailableError: It does not answer, or is a standby or read-only.
        """
        ((standby, read_only),) = self.rows(
            "SELECT pg_is_in_recovery(), current_setting('default_transaction_read_only') = 'on'", ()
        )
        if standby or read_only:
            raise StoreUnavailableError("postgresql does not accept commits: it is a standby or read-only")

    @contextlib.contextmanager
    def _connection(self) -> Iterator[Connection]:
        try:
            connection = self._pool.getconn()
        except (PoolTimeout, PoolClosed, psycopg.OperationalError) as error:
            raise StoreUnavailableError(_UNAVAILABLE) from error
        try:
            yield connection
        finally:
            self._pool.putconn(connection)


@contextlib.contextmanager
def open_session(settings: PostgresSettings) -> Iterator[Session]:
    """Open a pool, check that the database keeps what it acknowledges, and close the pool at the end.

    Raises:
        StoreUnavailableError: The database cannot be reached within ``acquire_timeout_ms``.
        DatabaseUnfitError: The database would acknowledge what a crash can lose, or reads more than it should.
    """
    pool: ConnectionPool[Connection] = ConnectionPool(
        settings.conninfo(),
        kwargs={
            "autocommit": True,
            "prepare_threshold": None,
            "connect_timeout": settings.connect_timeout_s,
            "application_name": APPLICATION_NAME,
        },
        min_size=min(settings.min_connections, settings.max_connections),
        max_size=settings.max_connections,
        timeout=settings.acquire_timeout_ms / 1000,
        # The pool's own back-off would grow to minutes; a call after this long starts afresh.
        reconnect_timeout=_RECONNECT_S,
        configure=_configure(settings),
        check=_drop_dead,
        open=False,
        name="decision-gate",
    )
    with pool:
        session = Session(pool)
        _check_fitness(session)
        yield session


def _configure(settings: PostgresSettings) -> Any:  # noqa: ANN401 - the pool's own callback type
    def configure(connection: Connection) -> None:
        # Not by the connection's options: pgbouncer refuses them. Behind it this reaches one server session only, so a
        # deployment with pgbouncer sets the timeout on the role (documented); a lost timeout breaks no promise.
        connection.execute(f"SET statement_timeout = {settings.statement_timeout_ms:d}")

    return configure


def _drop_dead(connection: Connection) -> None:
    """Refuse a pooled connection that the server has closed meanwhile, without a round trip.

    An idle connection has nothing to read unless the server said good-bye (or a notice): a look at the socket suffices.
    """
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
    if poll.poll(0):
        connection.execute("")


def _check_fitness(session: Session) -> None:
    ((fsync, isolation, encoding),) = session.rows(
        "SELECT current_setting('fsync'), current_setting('default_transaction_isolation'), "
        "current_setting('server_encoding')",
        (),
    )
    if fsync != "on":
        raise DatabaseUnfitError("postgresql runs with fsync = off: acknowledged decisions could be lost")
    if isolation != "read committed":
        raise DatabaseUnfitError(
            f"default_transaction_isolation is {isolation}: set it to read committed for the role of decision-gate"
        )
    if encoding != "UTF8":
        raise DatabaseUnfitError(f"server_encoding is {encoding}: create the database with encoding UTF8")


def _meaning(error: psycopg.Error) -> Exception:
    """Return our error for one that the server reported and that left nothing written."""
    if error.sqlstate == REFUSED:
        told = error.diag
        return RiderRefusedError(told.message_detail or "rider", told.message_primary or "refused", told.column_name)
    match error:
        case psycopg.errors.UniqueViolation():
            return UniqueTakenError(error.diag.constraint_name or "unnamed")
        case psycopg.errors.InsufficientPrivilege():
            return StoreUnavailableError("the role of decision-gate lacks a right on its tables")
        case _:
            return StoreUnavailableError(f"{_UNAVAILABLE} (sqlstate {error.sqlstate})")
