"""Runs in SQLite keep the laws of their port."""

import pytest

from decision_gate.core.testing import RunStoreConformance, StoreBench
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
