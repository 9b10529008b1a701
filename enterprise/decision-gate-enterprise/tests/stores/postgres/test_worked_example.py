"""The worked example of contract §15 in PostgreSQL."""

import pytest

from decision_gate.core.testing.worked_example_suite import WorkedExampleConformance
from decision_gate.enterprise.stores.postgres import open_run_store, open_scenario_store

pytestmark = pytest.mark.services


class TestPostgresWorkedExample(WorkedExampleConformance):
    """See the suite."""

    @pytest.fixture
    def stores(self, settings):
        with open_run_store(settings) as runs, open_scenario_store(settings) as scenarios:
            yield runs, scenarios
