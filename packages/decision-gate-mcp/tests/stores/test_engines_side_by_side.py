"""Engines over memory and over SQLite, driven side by side, answer and store the same bytes."""

import tempfile
from contextlib import contextmanager
from pathlib import Path

from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from decision_gate.core.testing.engines import EnginesSideBySide, EngineStores, memory_backend
from decision_gate.mcp.stores.sqlite import SqliteRunStore, SqliteScenarioStore, SqliteSettings, open_database


def sqlite_backend(stack):
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    file = SqliteSettings(path=folder / "gate.db", sync_mode="normal")

    @contextmanager
    def opened():
        with open_database(file, now_ms=lambda: 0) as database:
            yield EngineStores(runs=SqliteRunStore(database), scenarios=SqliteScenarioStore(database))

    return opened


def test_engines_over_memory_and_sqlite_answer_and_store_the_same():
    run_state_machine_as_test(
        lambda: EnginesSideBySide([memory_backend, sqlite_backend]),
        settings=settings(max_examples=60, stateful_step_count=40, deadline=None),
    )
