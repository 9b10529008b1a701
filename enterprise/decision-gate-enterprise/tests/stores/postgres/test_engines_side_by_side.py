"""Engines over memory, SQLite and PostgreSQL, driven side by side, answer and store the same bytes."""

import tempfile
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as sizes
from hypothesis.stateful import run_state_machine_as_test

from decision_gate.core.testing.engines import EnginesSideBySide, EngineStores, memory_backend
from decision_gate.enterprise.stores.postgres import open_run_store, open_scenario_store
from decision_gate.mcp.stores.sqlite import SqliteRunStore, SqliteScenarioStore, SqliteSettings, open_database

pytestmark = pytest.mark.services


def sqlite_backend(stack):
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    file = SqliteSettings(path=folder / "gate.db", sync_mode="normal")

    @contextmanager
    def opened():
        with open_database(file, now_ms=lambda: 0) as database:
            yield EngineStores(runs=SqliteRunStore(database), scenarios=SqliteScenarioStore(database))

    return opened


@pytest.fixture
def postgres_backend(settings):
    def backend(_stack):
        with psycopg.connect(settings.conninfo(), autocommit=True) as connection:
            connection.execute("DROP SCHEMA IF EXISTS decision_gate CASCADE")

        @contextmanager
        def opened():
            with open_run_store(settings) as runs, open_scenario_store(settings) as scenarios:
                yield EngineStores(runs=runs, scenarios=scenarios)

        return opened

    return backend


def test_engines_over_memory_sqlite_and_postgresql_answer_and_store_the_same(postgres_backend):
    run_state_machine_as_test(
        lambda: EnginesSideBySide([memory_backend, sqlite_backend, postgres_backend]),
        settings=sizes(
            max_examples=25, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
        ),
    )
