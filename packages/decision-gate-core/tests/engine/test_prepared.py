"""Plans are kept by spec hash, bounded, under threads."""

import sys

import pytest

from decision_gate.core.engine import MAX_PLANS, EngineSettings, PlanCache, ScenarioPlan
from decision_gate.core.testing.races import race


def plan(name):
    return ScenarioPlan(spec=None, spec_hash=name, settings=EngineSettings())


def test_a_plan_is_made_at_first_use_only():
    cache, made = PlanCache(), []

    def make():
        made.append(plan("one"))
        return made[-1]

    assert cache.get("one", make) is cache.get("one", make)
    assert len(made) == 1


def test_the_plan_unused_for_longest_goes_first():
    cache = PlanCache()
    for number in range(MAX_PLANS):
        cache.get(str(number), lambda: plan("kept"))
    cache.get("0", lambda: plan("used again"))
    cache.get("one more", lambda: plan("new"))

    assert cache.get("0", lambda: plan("made again")).spec_hash == "kept"
    assert cache.get("1", lambda: plan("made again")).spec_hash == "made again"


@pytest.fixture
def hectic():
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("hectic")
def test_threads_that_fill_the_cache_beyond_its_bound_do_not_disturb_each_other():
    cache, only = PlanCache(), plan("only")

    def fill(offset):
        for number in range(60_000):
            cache.get(str((number * 7 + offset) % (3 * MAX_PLANS)), lambda: only)

    assert race([lambda: fill(0), lambda: fill(311), lambda: fill(997)]) == [None] * 3
