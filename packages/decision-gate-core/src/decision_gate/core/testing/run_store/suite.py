"""All laws of a run store in one class."""

from decision_gate.core.testing.run_store.chain import RunChainLaws
from decision_gate.core.testing.run_store.listing import RunListingLaws
from decision_gate.core.testing.run_store.races import RunRaceLaws
from decision_gate.core.testing.run_store.reading import RunReadingLaws
from decision_gate.core.testing.run_store.riders import RunRiderLaws
from decision_gate.core.testing.run_store.writing import RunWritingLaws


class RunStoreConformance(RunWritingLaws, RunReadingLaws, RunListingLaws, RunRiderLaws, RunChainLaws, RunRaceLaws):
    """What every ``RunStore`` must do.

    A backend subclasses it and says how to open a fresh store::

    class TestSqliteRunStore(RunStoreConformance):
        @pytest.fixture
        def bench(self, tmp_path):
            with open_bench(tmp_path) as bench:
                yield bench
    """
