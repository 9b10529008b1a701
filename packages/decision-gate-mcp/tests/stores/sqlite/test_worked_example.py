"""The worked example of contract §15 in a SQLite file."""

import pytest

from decision_gate.core.testing.worked_example_suite import WorkedExampleConformance
from decision_gate.mcp.stores.sqlite import SqliteRunStore, SqliteScenarioStore


class TestSqliteWorkedExample(WorkedExampleConformance):
    """See the suite."""

    @pytest.fixture
    def stores(self, file):
        database = file.open()
        return SqliteRunStore(database), SqliteScenarioStore(database)
