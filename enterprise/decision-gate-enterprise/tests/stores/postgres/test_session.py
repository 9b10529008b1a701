"""What failures of the database mean for a caller, and what makes a database unfit."""

import signal
import threading
import time
from contextlib import ExitStack

import psycopg
import pytest

from decision_gate.core.ports import Integrity, OutcomeUnknownError, RunKey, StoreUnavailableError
from decision_gate.core.testing.runs import start_commit, step_commit
from decision_gate.enterprise.stores.postgres import DatabaseUnfitError, PostgresSettings, open_run_store
from decision_gate.enterprise.testing.postgres import running_postgres
from decision_gate.mcp.config.secrets import LiteralSecret

pytestmark = pytest.mark.services

KEY = RunKey(1, 1, "run")


@pytest.fixture
def own_settings(postgres):
    """Settings of stores on a database that the test may change."""
    return PostgresSettings(dsn=LiteralSecret(text=postgres.create_database()))


def wait_for_row(connection, query):
    """Return the first row of *query* once there is one; fails after a minute."""
    deadline = time.monotonic() + 60
    while (row := connection.execute(query).fetchone()) is None:
        assert time.monotonic() < deadline
    return row


def test_connection_that_dies_with_a_commit_under_way_leaves_the_outcome_unknown(settings):
    errors = []
    with open_run_store(settings) as store, psycopg.connect(settings.conninfo()) as other:
        before = store.create(start_commit(KEY))
        other.execute("SELECT FROM decision_gate.runs FOR UPDATE")

        def append():
            try:
                store.append(step_commit(before, f"trigger-{before.version}"))
            except OutcomeUnknownError as error:
                errors.append(error)

        appending = threading.Thread(target=append)
        appending.start()
        with psycopg.connect(settings.conninfo(), autocommit=True) as third:
            query = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            (pid,) = wait_for_row(third, query)
            third.execute("SELECT pg_terminate_backend(%s)", (pid,))
        appending.join(60)
        other.rollback()

        assert [error.code for error in errors] == ["outcome_unknown"]
        assert store.head(KEY) == before
        assert store.append(step_commit(before, f"trigger-{before.version}")).version == 2


def test_acknowledged_commits_survive_a_crash_and_the_store_goes_on_after_the_restart():
    with running_postgres() as server:
        settings = PostgresSettings(dsn=LiteralSecret(text=server.create_database()), max_connections=2)
        with open_run_store(settings) as store:
            head = store.create(start_commit(KEY))
            for _ in range(50):
                head = store.append(step_commit(head, f"trigger-{head.version}"))

            server.stop(signal.SIGKILL)
            with pytest.raises((StoreUnavailableError, OutcomeUnknownError)):
                store.append(step_commit(head, f"trigger-{head.version}"))
            server.start()

            assert store.head(KEY) == head
            assert store.check(KEY) == Integrity(commits=51)
            assert store.append(step_commit(head, f"trigger-{head.version}")).version == 52


def test_database_that_is_not_there_is_unavailable_and_its_address_is_not_told(postgres):
    settings = PostgresSettings(dsn=LiteralSecret(text=postgres.dsn("nowhere") + " password=hunter2"))

    with pytest.raises(StoreUnavailableError) as refused, open_run_store(settings):
        pass

    assert refused.value.code == "store_unavailable"
    assert "hunter2" not in str(refused.value) + repr(settings)


@pytest.mark.parametrize(
    ("setting", "value"),
    [("default_transaction_isolation", "serializable"), ("default_transaction_isolation", "repeatable read")],
)
def test_database_with_another_default_isolation_is_refused(own_settings, setting, value):
    with psycopg.connect(own_settings.conninfo(), autocommit=True) as connection:
        (name,) = connection.execute("SELECT current_database()").fetchone()
        connection.execute(f"ALTER DATABASE {name} SET {setting} = '{value}'")

    with pytest.raises(DatabaseUnfitError) as refused, open_run_store(own_settings):
        pass

    assert refused.value.code == "database_unfit"
    assert setting in str(refused.value)


def test_database_without_fsync_is_refused():
    with running_postgres({"fsync": "off"}) as server:
        settings = PostgresSettings(dsn=LiteralSecret(text=server.create_database()))

        with pytest.raises(DatabaseUnfitError, match="fsync") as refused, open_run_store(settings):
            pass

    assert refused.value.code == "database_unfit"


def test_commit_is_durable_where_the_database_defaults_to_asynchronous_commits():
    # A server that writes nothing by itself while the test looks: neither its vacuum nor what standbys need.
    quiet = {"autovacuum": "off", "wal_level": "minimal", "max_wal_senders": 0}
    with ExitStack() as stack:
        settings = PostgresSettings(
            dsn=LiteralSecret(text=stack.enter_context(running_postgres(quiet)).create_database())
        )
        connection = stack.enter_context(psycopg.connect(settings.conninfo(), autocommit=True))
        (name,) = connection.execute("SELECT current_database()").fetchone()
        connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = 'off'")
        with open_run_store(settings) as store:
            head = store.create(start_commit(KEY))
            for _ in range(20):
                head = store.append(step_commit(head, f"trigger-{head.version}"))
                # Everything written so far is flushed: nothing waits for the background writer.
                flushed = connection.execute("SELECT pg_current_wal_flush_lsn() >= pg_current_wal_insert_lsn() - 200")
                assert flushed.fetchone() == (True,)


def test_standby_or_read_only_database_is_not_ready(own_settings):
    with open_run_store(own_settings) as store:
        store.ready()
    with psycopg.connect(own_settings.conninfo(), autocommit=True) as connection:
        (name,) = connection.execute("SELECT current_database()").fetchone()
        connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")

    with open_run_store(own_settings) as store, pytest.raises(StoreUnavailableError) as refused:
        store.ready()

    assert refused.value.code == "store_unavailable"
