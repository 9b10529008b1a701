"""Runs in SQLite keep the laws of their port."""

import pytest

from decision_gate.core.ports import RunKey
from decision_gate.core.testing import RunStoreConformance, StoreBench
from decision_gate.core.testing.run_store.bench import run_of
from decision_gate.core.testing.runs import KEY, start_commit, step_commit
from decision_gate.mcp.stores.sqlite import SqliteRunStore


class TestSqliteRunStore(RunStoreConformance):
    """See the suite."""

    @pytest.fixture
    def bench(self, file):
        return StoreBench(
            store=SqliteRunStore(file.open()),
            notes=file.notes,
            reopen=lambda: SqliteRunStore(file.open()),
            clock=file.clock,
        )

    def test_a_remembered_row_that_is_another_runs_is_only_a_hint(self, store):
        """A row number may come from a batch that was undone, and then be given to another run."""
        other = RunKey(KEY.tenant_id, KEY.namespace_id, "other")
        start, *_ = run_of(store, 1)
        started = start_commit(other)
        store.create(started)
        store._remember(other, 1)  # noqa: SLF001 - the row of the first run

        store.append(step_commit(started.head, "trigger-1"))

        assert store.head(other).version == 2
        assert store.head(start.key).version == 2
        assert store.check(start.key).is_sound
        assert store.check(other).is_sound
