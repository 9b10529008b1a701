"""Which scenario a call means (deviations S5, S8)."""

import pytest

from decision_gate.core.codec import canonical_record, decode, hash_record
from decision_gate.core.control_plane.scenario_lookup import ScenarioLookup, define
from decision_gate.core.engine import EngineSettings
from decision_gate.core.errors import DecisionGateError
from decision_gate.core.memory import MemoryRunStore, MemoryScenarioStore
from decision_gate.core.model import ScenarioSpec
from decision_gate.core.ports import ScenarioDefinition, ScenarioKey
from decision_gate.core.testing.world import KEY, World, condition, gate, scenario, stage

SPEC = scenario([stage("one", [gate("g", "a")])], [condition("a")])
DECODED = decode(ScenarioSpec, SPEC)


class Forgetful(MemoryScenarioStore):
    """Finds no version that is asked for by its hash."""

    def get(self, key, spec_hash=None):
        return None if spec_hash is not None else super().get(key)


def test_a_definition_is_known_by_the_hash_of_its_canonical_record():
    assert define(DECODED, 5) == ScenarioDefinition(
        key=ScenarioKey(5, 1, "scenario"),
        spec_version=DECODED.spec_version,
        spec_hash=hash_record(DECODED).value,
        body=canonical_record(DECODED),
    )


def test_a_run_whose_version_is_gone_cannot_be_driven_and_nothing_is_written():
    runs = MemoryRunStore()
    World.of(SPEC, runs=runs).start()
    world = World.of(SPEC, runs=runs, scenarios=Forgetful())
    before = world.engine.runs.head(KEY)

    with pytest.raises(DecisionGateError) as refused:
        world.next("t1")

    assert (refused.value.code, str(refused.value)) == ("scenario_not_found", "scenario not defined")
    assert world.engine.runs.head(KEY) == before


def test_a_run_keeps_the_version_it_was_started_with_in_whatever_process_it_goes_on():
    """Deviation S8."""
    runs = MemoryRunStore()
    World.of(SPEC, runs=runs).start()
    world = World.of(SPEC, runs=runs)
    later = define(decode(ScenarioSpec, SPEC | {"spec_version": "later", "stages": [stage("two")]}), 1)
    world.engine.scenarios.publish(later)

    answer = world.next("t1")

    assert world.engine.lookup.named(1, 1, "scenario") == later
    assert (answer.decision.stage_id, answer.status.value) == ("one", "active")
    assert world.state().spec_hash == hash_record(DECODED)


def test_a_tenants_own_scenario_is_preferred_to_nobodys():
    store = MemoryScenarioStore()
    lookup = ScenarioLookup(MemoryRunStore(), store, EngineSettings())

    with pytest.raises(DecisionGateError) as refused:
        lookup.named(1, 1, "scenario")
    store.define(define(DECODED, None))
    nobodys = lookup.named(1, 1, "scenario")
    store.define(define(DECODED, 1))

    assert refused.value.code == "scenario_not_found"
    assert nobodys.key.owner is None
    assert lookup.named(1, 1, "scenario").key.owner == 1
    assert lookup.named(2, 1, "scenario").key.owner is None


def test_a_run_of_another_scenario_is_refused():
    world = World.of(SPEC)
    world.start()
    other = decode(ScenarioSpec, SPEC | {"scenario_id": "other"})
    world.engine.scenarios.define(define(other, None))

    for scenario_id, code in (("other", "run_of_other_scenario"), ("absent", "scenario_not_found")):
        with pytest.raises(DecisionGateError) as refused:
            world.engine.lookup.run_of(scenario_id, KEY)
        assert refused.value.code == code
    assert world.engine.lookup.run_of("scenario", KEY) == world.engine.runs.head(KEY)
