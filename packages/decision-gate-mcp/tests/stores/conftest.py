"""How the suites open what they test."""

import sqlite3
from contextlib import ExitStack

import pytest

from decision_gate.core.ports import Rider, RiderRefusedError
from decision_gate.core.testing import NOTE, REFUSAL, REFUSED_BODY, ManualClock
from decision_gate.mcp.stores.sqlite import SqliteSettings, open_database


class SqliteNotes:
    """The notes of the suites in a table."""

    kind = NOTE
    migrations = (("CREATE TABLE notes (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, body BLOB NOT NULL)",),)

    def apply(self, connection, rider):
        connection.execute(
            "INSERT INTO notes (key, body) VALUES (?, ?) ON CONFLICT DO NOTHING", (rider.key, rider.body)
        )
        if rider.body == REFUSED_BODY:
            raise RiderRefusedError(NOTE, REFUSAL)


class DatabaseBench:
    """One file, opened as often as a test likes."""

    def __init__(self, path, stack):
        self.path = path
        self.clock = ManualClock()
        self._stack = stack

    def open(self, *tables, **settings):
        """Open the file with a table of notes and *tables*."""
        database = open_database(
            SqliteSettings(path=self.path, **settings), rider_tables=[SqliteNotes(), *tables], now_ms=self.clock
        )
        return self._stack.enter_context(database)

    def close(self):
        """Close whatever is open."""
        self._stack.close()

    def rows(self, statement, values=()):
        """Return what *statement* reads on a connection of its own."""
        connection = sqlite3.connect(self.path, isolation_level=None)
        try:
            return connection.execute(statement, values).fetchall()
        finally:
            connection.close()

    def notes(self):
        """Return the notes in order of application."""
        return [
            Rider(kind=NOTE, key=key, body=body) for key, body in self.rows("SELECT key, body FROM notes ORDER BY id")
        ]


@pytest.fixture
def file(tmp_path):
    """Give a database file that does not exist yet; what is opened is closed after the test."""
    with ExitStack() as stack:
        yield DatabaseBench(tmp_path / "gate.db", stack)
