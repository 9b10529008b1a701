"""Where a stage leads (contract §6.8, deviation S3)."""

import pytest

from decision_gate.core.codec import decode
from decision_gate.core.engine import Advance, Complete, GateResolutionError, Hold, route
from decision_gate.core.logic import TriState
from decision_gate.core.model import GateEvaluation, ScenarioSpec
from decision_gate.core.testing.world import condition, gate, scenario, stage

T, F, U = TriState.TRUE, TriState.FALSE, TriState.UNKNOWN


def rule(gate_id, outcome, target):
    return {"gate_id": gate_id, "outcome": outcome, "next_stage_id": target}


def routed(statuses, branches, default=None, **more):
    gates = [gate(f"g{number}", "a") for number in range(len(statuses))]
    advance = {"kind": "branch", "branches": branches, "default": default, **more}
    spec = decode(ScenarioSpec, scenario([stage("here", gates, advance), stage("b"), stage("c")], [condition("a")]))
    evaluations = [
        GateEvaluation(gate_id=f"g{number}", status=status, trace=()) for number, status in enumerate(statuses)
    ]
    return route(spec, spec.stages[0], evaluations)


@pytest.mark.parametrize(
    ("statuses", "branches", "default", "where"),
    [
        ([T], [rule("g0", "true", "b")], None, Advance(to_stage="b", timeout=False)),
        (
            [T],
            [rule("g0", "false", "b"), rule("elsewhere", "unknown", "c")],
            None,
            Advance(to_stage="c", timeout=False),
        ),
        ([T], [rule("g0", "unknown", "b")], "c", Advance(to_stage="c", timeout=False)),
        ([F], [rule("g0", "false", "b")], "c", Hold(unmet_gates=("g0",))),
        ([T, U, F], [rule("g1", "unknown", "b")], "c", Hold(unmet_gates=("g1", "g2"))),
    ],
)
def test_branches_are_asked_only_when_every_gate_is_true(statuses, branches, default, where):
    assert routed(statuses, branches, default) == where


@pytest.mark.parametrize(
    ("statuses", "branches", "where"),
    [
        ([F], [rule("g0", "unknown", "b"), rule("g0", "false", "c")], Advance(to_stage="c", timeout=False)),
        ([T, U], [rule("g0", "true", "b")], Hold(unmet_gates=("g1",))),
        ([T, U], [rule("g0", "true", "b"), rule("g1", "unknown", "c")], Advance(to_stage="c", timeout=False)),
        ([T, T], [rule("g0", "true", "b"), rule("g1", "unknown", "c")], Advance(to_stage="b", timeout=False)),
        ([U], [rule("g0", "false", "b")], Hold(unmet_gates=("g0",))),
    ],
)
def test_with_route_unmet_false_and_unknown_rules_route_an_unmet_stage(statuses, branches, where):
    assert routed(statuses, branches, route_unmet=True) == where


def test_no_matching_branch_without_default_is_an_error():
    with pytest.raises(GateResolutionError) as refused:
        routed([T], [rule("g0", "false", "b")])

    assert str(refused.value) == "gate resolution failed: no branch matched"


@pytest.mark.parametrize(
    ("advance", "where"),
    [
        ("linear", Advance(to_stage="b", timeout=False)),
        ({"kind": "fixed", "stage_id": "a"}, Advance(to_stage="a", timeout=False)),
        ("terminal", Complete()),
    ],
)
def test_a_stage_without_gates_passes(advance, where):
    spec = decode(ScenarioSpec, scenario([stage("a", advance=advance), stage("b", advance="linear")]))

    assert route(spec, spec.stages[0], []) == where
    assert route(spec, spec.stages[1], []) == Complete()
