"""Migrations: numbered, forward-only, whole or not at all."""

from concurrent.futures import ThreadPoolExecutor

import attrs
import psycopg
import pytest

from decision_gate.enterprise.stores.postgres import (
    Family,
    Migration,
    MigrationChangedError,
    SchemaBehindError,
    SchemaNewerError,
    bring_up,
    open_run_store,
)

pytestmark = pytest.mark.services

ONE = Migration(number=1, name="one", statements="CREATE TABLE decision_gate.one (a int)")
TWO = Migration(number=2, name="two", statements="ALTER TABLE decision_gate.one ADD COLUMN b int")


def applied(settings):
    with psycopg.connect(settings.conninfo()) as connection:
        return connection.execute("SELECT family, number, name FROM decision_gate.migrations ORDER BY 1, 2").fetchall()


def test_older_database_gets_what_it_lacks_and_the_second_start_nothing(settings):
    bring_up(settings, [Family(name="toy", migrations=(ONE,))])

    bring_up(settings, [Family(name="toy", migrations=(ONE, TWO))])
    bring_up(settings, [Family(name="toy", migrations=(ONE, TWO))])

    assert applied(settings) == [("toy", 1, "one"), ("toy", 2, "two")]


def test_newer_database_is_refused(settings):
    bring_up(settings, [Family(name="toy", migrations=(ONE, TWO))])

    with pytest.raises(SchemaNewerError) as refused:
        bring_up(settings, [Family(name="toy", migrations=(ONE,))])

    assert (refused.value.code, refused.value.found, refused.value.known) == ("schema_newer", 2, 1)


def test_migration_that_was_applied_in_another_form_is_refused(settings):
    bring_up(settings, [Family(name="toy", migrations=(ONE,))])

    with pytest.raises(MigrationChangedError) as refused:
        bring_up(settings, [Family(name="toy", migrations=(attrs.evolve(ONE, statements="SELECT 1"),))])

    assert refused.value.code == "migration_changed"


def test_server_that_may_not_migrate_says_what_is_missing(settings):
    with pytest.raises(SchemaBehindError) as refused:
        bring_up(attrs.evolve(settings, migrate=False), [Family(name="toy", migrations=(ONE,))])

    assert (refused.value.code, refused.value.found, refused.value.known) == ("schema_behind", 0, 1)


def test_failing_migration_leaves_nothing_of_its_start_behind(settings):
    broken = Migration(number=2, name="two", statements="ALTER TABLE decision_gate.missing ADD COLUMN b int")

    with pytest.raises(Exception, match="schema cannot be brought up") as refused:
        bring_up(settings, [Family(name="toy", migrations=(ONE, broken))])
    bring_up(settings, [Family(name="toy", migrations=(ONE,))])

    assert refused.value.code == "store_unavailable"
    assert applied(settings) == [("toy", 1, "one")]


def test_servers_that_start_at_once_all_find_the_schema(settings):
    def start(_):
        with open_run_store(settings) as store:
            store.ready()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(start, range(6)))

    assert applied(settings) == [
        ("stores", 1, "runs"),
        ("stores", 2, "scenarios"),
        ("stores", 3, "data_shapes"),
    ]
