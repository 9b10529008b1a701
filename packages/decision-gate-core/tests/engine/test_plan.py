"""Planning a scenario whose definition was not checked: what cannot be judged is told (contract §12)."""

import pytest

from decision_gate.core.codec import decode
from decision_gate.core.engine import EngineSettings, GateResolutionError, ScenarioPlan
from decision_gate.core.model import ScenarioSpec
from decision_gate.core.testing.world import condition, gate, scenario, stage


def plan(*conditions):
    spec = decode(ScenarioSpec, scenario([stage("one", [gate("g", "a")])], [condition(name) for name in conditions]))
    return ScenarioPlan(spec=spec, spec_hash="", settings=EngineSettings())


def test_a_gate_of_an_undefined_condition_is_told_by_its_name():
    with pytest.raises(GateResolutionError) as refused:
        plan("b").stage("one")

    assert str(refused.value) == "gate resolution failed: a"


def test_a_stage_is_planned_once():
    planned = plan("a")

    assert planned.stage("one") is planned.stage("one")
