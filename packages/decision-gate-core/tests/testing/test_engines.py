"""The machine that drives engines side by side notices an engine that is not like the others."""

from contextlib import nullcontext

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from decision_gate.core.memory import MemoryRunStore, MemoryScenarioStore
from decision_gate.core.testing.engines import EnginesSideBySide, EngineStores, memory_backend

ONCE = settings(max_examples=60, deadline=None, phases=[Phase.generate], database=None)


class ForgetfulStore(MemoryRunStore):
    """Forgets what was handed in."""

    def submission(self, key, submission_id):  # noqa: ARG002 - of the port
        return None


class BlindStore(MemoryRunStore):
    """Does not know the steps of earlier triggers."""

    def step(self, key, trigger_id):
        return None if trigger_id is not None else super().step(key, trigger_id)


@pytest.mark.parametrize("store", [ForgetfulStore, BlindStore])
def test_a_store_that_forgets_is_noticed(store):
    def faulty_backend(_stack):
        stores = EngineStores(runs=store(), scenarios=MemoryScenarioStore())
        return lambda: nullcontext(stores)

    with pytest.raises(AssertionError):
        run_state_machine_as_test(lambda: EnginesSideBySide([memory_backend, faulty_backend]), settings=ONCE)


def test_two_engines_that_are_alike_are_not_told_apart():
    run_state_machine_as_test(lambda: EnginesSideBySide([memory_backend, memory_backend]), settings=ONCE)
