"""Schema versions, component by component."""

import sqlite3

import pytest

from decision_gate.core.errors import DecisionGateError
from decision_gate.mcp.stores.sqlite.migrations import migrate

FIRST = ["CREATE TABLE a (x)"]
SECOND = ["ALTER TABLE a ADD COLUMN y", "INSERT INTO a VALUES (1, 2)"]


@pytest.fixture
def connection():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    yield connection
    connection.close()


def versions(connection):
    return dict(connection.execute("SELECT component, version FROM schema_version"))


def test_a_fresh_file_gets_all_migrations(connection):
    migrate(connection, {"a": [FIRST, SECOND]})

    assert versions(connection) == {"a": 2}
    assert connection.execute("SELECT * FROM a").fetchall() == [(1, 2)]


def test_only_what_is_missing_is_run(connection):
    migrate(connection, {"a": [FIRST]})

    migrate(connection, {"a": [FIRST, SECOND]})
    migrate(connection, {"a": [FIRST, SECOND]})

    assert versions(connection) == {"a": 2}
    assert connection.execute("SELECT * FROM a").fetchall() == [(1, 2)]


def test_a_component_that_joins_later_starts_at_its_beginning(connection):
    migrate(connection, {"a": [FIRST, SECOND]})

    migrate(connection, {"a": [FIRST, SECOND], "b": [["CREATE TABLE b (x)"]]})
    migrate(connection, {"a": [FIRST, SECOND]})

    assert versions(connection) == {"a": 2, "b": 1}


def test_a_component_newer_than_known_is_refused_and_nothing_is_run(connection):
    migrate(connection, {"a": [FIRST, SECOND]})

    with pytest.raises(DecisionGateError) as refused:
        migrate(connection, {"b": [["CREATE TABLE b (x)"]], "a": [FIRST]})

    assert refused.value.code == "store_schema_too_new"
    assert (refused.value.component, refused.value.found, refused.value.known) == ("a", 2, 1)
    assert versions(connection) == {"a": 2}


def test_a_migration_that_fails_leaves_the_file_as_it_was(connection):
    migrate(connection, {"a": [FIRST]})

    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, {"a": [FIRST, ["CREATE TABLE c (x)", "nonsense"]]})

    assert versions(connection) == {"a": 1}
    assert connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'c'").fetchone() == (0,)
