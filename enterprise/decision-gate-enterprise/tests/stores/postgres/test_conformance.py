"""The stores on PostgreSQL keep the laws of their ports."""

from contextlib import ExitStack
from functools import partial

import pytest

from decision_gate.core.testing import (
    DataShapeRegistryConformance,
    ManualClock,
    RunStoreConformance,
    ScenarioStoreConformance,
    StoreBench,
)
from decision_gate.core.testing.data_shape_registry import MAX_ENTRIES, MAX_SCHEMA_BYTES
from decision_gate.enterprise.stores.postgres import (
    PostgresRegistrySettings,
    open_data_shape_registry,
    open_run_store,
    open_scenario_store,
)
from decision_gate.enterprise.testing.notes import PostgresNotes, notes_in
from decision_gate.mcp.config.secrets import LiteralSecret

pytestmark = pytest.mark.services


@pytest.fixture
def bench_of(database):
    """Make a bench of what an opener opens on an empty database; all is closed at the end."""
    with ExitStack() as stack:

        def make(opener, settings, **arguments):
            def reopen():
                return stack.enter_context(opener(settings, [PostgresNotes()], **arguments))

            return StoreBench(store=reopen(), notes=partial(notes_in, database), reopen=reopen, clock=ManualClock())

        yield make


class TestPostgresRunStore(RunStoreConformance):
    """See the suite."""

    @pytest.fixture
    def bench(self, bench_of, settings):
        clock = ManualClock()
        bench = bench_of(open_run_store, settings, now_ms=clock)
        return StoreBench(store=bench.store, notes=bench.notes, reopen=bench.reopen, clock=clock)


class TestPostgresScenarioStore(ScenarioStoreConformance):
    """See the suite."""

    @pytest.fixture
    def bench(self, bench_of, settings):
        return bench_of(open_scenario_store, settings)


class TestPostgresDataShapeRegistry(DataShapeRegistryConformance):
    """See the suite."""

    @pytest.fixture
    def bench(self, bench_of, database):
        settings = PostgresRegistrySettings(
            dsn=LiteralSecret(text=database), max_schema_bytes=MAX_SCHEMA_BYTES, max_entries=MAX_ENTRIES
        )
        return bench_of(open_data_shape_registry, settings)
