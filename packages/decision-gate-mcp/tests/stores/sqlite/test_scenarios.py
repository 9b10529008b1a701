"""Scenario definitions in SQLite keep the laws of their port."""

import pytest

from decision_gate.core.testing import ScenarioStoreConformance, StoreBench
from decision_gate.mcp.stores.sqlite import SqliteScenarioStore


class TestSqliteScenarioStore(ScenarioStoreConformance):
    """See the suite."""

    @pytest.fixture
    def bench(self, file):
        return StoreBench(
            store=SqliteScenarioStore(file.open()),
            notes=file.notes,
            reopen=lambda: SqliteScenarioStore(file.open()),
        )
