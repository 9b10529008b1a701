"""A batch: every unit whole or not at all, and what happens when SQLite fails."""

import sqlite3

import pytest

from decision_gate.core.ports import StoreUnavailableError
from decision_gate.mcp.stores.sqlite.group_commit import Unit
from decision_gate.mcp.stores.sqlite.writer import Writer


class RefusalError(Exception):
    """What a unit of these tests raises."""


class FailingConnection(sqlite3.Connection):
    """Fails once at a statement, after doing it or instead of doing it."""

    fails_at = None
    error_code = sqlite3.SQLITE_IOERR
    does_it = False

    def execute(self, statement, *values):
        if statement != self.fails_at:
            return super().execute(statement, *values)
        self.fails_at = None
        if self.does_it:
            super().execute(statement, *values)
        error = sqlite3.OperationalError("told to")
        error.sqlite_errorcode = self.error_code
        error.sqlite_errorname = "SQLITE_TOLD_TO"
        raise error


@pytest.fixture
def connection(tmp_path):
    connection = sqlite3.connect(tmp_path / "x.db", isolation_level=None, factory=FailingConnection)
    connection.execute("CREATE TABLE t (x INTEGER UNIQUE)")
    yield connection
    connection.close()


@pytest.fixture
def writer(connection):
    return Writer(connection, busy_timeout_s=0)


def rows(connection):
    return [row[0] for row in connection.execute("SELECT x FROM t ORDER BY x")]


def adding(number, error=None):
    """Make a unit that adds *number*, then raises *error*."""

    def work(connection):
        connection.execute("INSERT INTO t VALUES (?)", (number,))
        if error is not None:
            raise error
        return number

    return Unit(work)


def outcomes(units):
    return [unit.result if unit.error is None else getattr(unit.error, "code", type(unit.error)) for unit in units]


def test_all_units_of_a_batch_are_committed(connection, writer):
    units = [adding(1), adding(2), adding(3)]

    writer.commit(units)

    assert outcomes(units) == [1, 2, 3]
    assert rows(connection) == [1, 2, 3]
    assert not connection.in_transaction


def refusing(error):
    """Make a unit that looks, and raises *error* before it writes."""

    def work(connection):
        connection.execute("SELECT 1").fetchall()
        raise error

    return Unit(work)


def test_a_refusal_before_anything_is_written_costs_the_others_no_savepoint(connection, writer):
    said = []
    connection.set_trace_callback(said.append)
    units = [adding(1), refusing(RefusalError()), adding(3)]

    writer.commit(units)

    assert outcomes(units) == [1, RefusalError, 3]
    assert [statement.split()[0] for statement in said] == ["BEGIN", "INSERT", "SELECT", "INSERT", "COMMIT"]


def test_a_unit_that_refuses_undoes_itself_and_nobody_else(connection, writer):
    refusal = RefusalError()
    units = [adding(1), adding(2, refusal), adding(3)]

    writer.commit(units)

    assert outcomes(units) == [1, RefusalError, 3]
    assert units[1].error is refusal
    assert rows(connection) == [1, 3]


@pytest.mark.parametrize("size", [1, 3])
def test_a_batch_of_refusals_leaves_nothing_behind(connection, writer, size):
    units = [adding(number, RefusalError()) for number in range(size)]

    writer.commit(units)

    assert outcomes(units) == [RefusalError] * size
    assert rows(connection) == []
    assert not connection.in_transaction


def test_a_unit_sees_what_units_before_it_wrote(writer):
    units = [adding(1), adding(1), Unit(rows)]

    writer.commit(units)

    assert outcomes(units) == [1, "store_unavailable", [1]]


def test_a_full_disk_at_the_end_fails_every_unit_and_the_writer_lives(connection, writer):
    connection.fails_at, connection.error_code = "COMMIT", sqlite3.SQLITE_FULL
    units = [adding(1), adding(2, RefusalError())]

    writer.commit(units)
    doubted = writer.is_doubtful
    later = adding(3)
    writer.commit([later])

    assert outcomes(units) == ["store_unavailable", "store_unavailable"]
    assert (doubted, writer.is_doubtful) == (True, False)
    assert outcomes([later]) == [3]
    assert rows(connection) == [3]


@pytest.mark.parametrize("does_it", [False, True])
def test_a_commit_that_fails_for_the_disk_is_unknown_and_the_writer_dies(connection, writer, does_it):
    connection.fails_at, connection.does_it = "COMMIT", does_it
    units = [adding(1), adding(2, RefusalError())]

    writer.commit(units)
    later = adding(3)
    writer.commit([later])

    assert outcomes(units) == ["outcome_unknown", "outcome_unknown"]
    assert outcomes([later]) == ["store_unavailable"]
    assert isinstance(writer.death, StoreUnavailableError)
    assert rows(connection) == ([1] if does_it else [])


def test_a_commit_that_is_held_up_for_too_long_is_undone(connection, writer):
    connection.fails_at, connection.error_code = "COMMIT", sqlite3.SQLITE_BUSY
    unit = adding(1)

    writer.commit([unit])

    assert outcomes([unit]) == ["store_unavailable"]
    assert rows(connection) == []
    assert writer.death is None


def test_a_database_without_room_undoes_the_batch_and_says_so(connection, writer):
    connection.execute("PRAGMA max_page_count = 3")
    large = Unit(lambda inner: inner.execute("CREATE TABLE large AS SELECT zeroblob(100000) AS x") and None)
    units = [adding(1), large]

    writer.commit(units)
    doubted = writer.is_doubtful
    later = adding(2)
    writer.commit([later])

    assert units[1].error.code == "store_unavailable"
    assert (doubted, writer.is_doubtful) == (True, False)
    assert outcomes([later]) == [2]
    assert rows(connection) in ([2], [1, 2])
    assert (1 in rows(connection)) == (units[0].error is None)


def test_an_interrupt_undoes_the_batch_and_tells_the_others_that_nobody_knows(connection, writer):
    units = [adding(1), adding(2, KeyboardInterrupt())]

    with pytest.raises(KeyboardInterrupt):
        writer.commit(units)

    assert outcomes(units) == ["outcome_unknown", "outcome_unknown"]
    assert rows(connection) == []
    assert not connection.in_transaction


def test_a_closed_writer_refuses(writer):
    writer.close()
    unit = adding(1)

    writer.commit([unit])

    assert outcomes([unit]) == ["store_unavailable"]
