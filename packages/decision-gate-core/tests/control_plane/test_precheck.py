"""Judging asserted evidence without a run (contract §6.4, §6.6, §6.10)."""

import pytest

from decision_gate.core.codec import decode
from decision_gate.core.control_plane import precheck
from decision_gate.core.engine import EngineSettings, ScenarioPlan
from decision_gate.core.errors import DecisionGateError
from decision_gate.core.logic import TriState
from decision_gate.core.model import (
    AdvanceOutcome,
    AnchorRequirement,
    CompleteOutcome,
    EvidenceAnchorPolicy,
    EvidenceProviderError,
    EvidenceResult,
    GateEvaluation,
    GateTraceEntry,
    HoldOutcome,
    JsonEvidence,
    PrecheckRequest,
    PrecheckResult,
    ProviderAnchorPolicy,
    SafeSummary,
    ScenarioSpec,
    TrustLane,
)
from decision_gate.core.testing.world import condition, gate, scenario, stage

ASSERTED = EngineSettings(min_lane=TrustLane.ASSERTED)
T, F, U = TriState.TRUE, TriState.FALSE, TriState.UNKNOWN


def told(value, lane=TrustLane.ASSERTED, **more):
    return EvidenceResult(value=JsonEvidence(value=value), lane=lane, **more)


def prechecked(evidence, *, settings=ASSERTED, stage_id=None, advance="linear", **of_condition):
    spec = scenario(
        [stage("one", [gate("g", "a")], advance), stage("two", [gate("h", "b")])],
        [condition("a", **of_condition), condition("b")],
    )
    plan = ScenarioPlan(spec=decode(ScenarioSpec, spec), spec_hash="", settings=settings)
    return precheck(plan, PrecheckRequest(stage_id=stage_id, evidence=evidence))


def result(outcome, gate_id, condition_id, status):
    trace = (GateTraceEntry(condition_id=condition_id, status=status),)
    return PrecheckResult(
        decision=outcome, gate_evaluations=(GateEvaluation(gate_id=gate_id, status=status, trace=trace),)
    )


def hold(*gates):
    return HoldOutcome(
        summary=SafeSummary(status="hold", unmet_gates=gates, retry_hint="await_evidence", policy_tags=())
    )


ON = AdvanceOutcome(from_stage="one", to_stage="two", timeout=False)


@pytest.mark.parametrize(
    ("evidence", "stage_id", "expected"),
    [
        ({"a": told(True)}, None, result(ON, "g", "a", T)),
        ({"a": told(True), "unheard of": told(1)}, "one", result(ON, "g", "a", T)),
        ({"a": told(False)}, None, result(hold("g"), "g", "a", F)),
        ({}, None, result(hold("g"), "g", "a", U)),
        ({"b": told(True)}, "two", result(CompleteOutcome(stage_id="two"), "h", "b", T)),
    ],
)
def test_the_stage_named_or_the_first_one_is_judged_on_what_is_brought(evidence, stage_id, expected):
    assert prechecked(evidence, stage_id=stage_id) == expected


def test_an_unknown_stage_is_refused():
    with pytest.raises(DecisionGateError) as refused:
        prechecked({}, stage_id="three")

    assert (refused.value.code, str(refused.value)) == ("unknown_stage", "unknown stage identifier: three")


@pytest.mark.parametrize(("comparator", "status"), [("not_exists", T), ("exists", F), ("equals", U)])
def test_what_is_not_brought_is_absent_and_asserted(comparator, status):
    accepted = prechecked({}, comparator=comparator)
    refused = prechecked({}, comparator=comparator, settings=EngineSettings())

    assert accepted.gate_evaluations[0].status is status
    assert refused.gate_evaluations[0].status is U


def test_the_lane_is_whatever_the_caller_says():
    verified = prechecked({"a": told(True, TrustLane.VERIFIED)}, settings=EngineSettings())
    asserted = prechecked({"a": told(True)}, settings=EngineSettings())

    assert (verified.decision, asserted.decision) == (ON, hold("g"))


def test_an_error_is_unknown_whatever_the_value():
    broken = told(True, error=EvidenceProviderError(code="offline", message="no route"))

    assert prechecked({"a": broken}, comparator="exists") == result(hold("g"), "g", "a", U)


def test_anchors_play_no_part():
    requirement = AnchorRequirement(anchor_type="file", required_fields=("path",))
    policy = EvidenceAnchorPolicy(providers=(ProviderAnchorPolicy(provider_id="facts", requirement=requirement),))

    settings = EngineSettings(min_lane=TrustLane.ASSERTED, anchor_policy=policy)

    assert prechecked({"a": told(True)}, settings=settings) == result(ON, "g", "a", T)


def test_a_value_over_a_mebibyte_is_refused():
    with pytest.raises(DecisionGateError) as refused:
        prechecked({"a": told("x" * (1 << 20))})

    assert str(refused.value) == "evidence payload exceeds size limit (1048577 > 1048576)"


def test_an_unmatched_branch_is_refused():
    with pytest.raises(DecisionGateError) as refused:
        prechecked({"a": told(True)}, advance={"kind": "branch", "branches": [], "default": None})

    assert str(refused.value) == "gate resolution failed: no branch matched"


def test_a_seed_changes_nothing():
    seeded = EngineSettings(min_lane=TrustLane.ASSERTED, shuffle_seed=9)

    assert prechecked({"a": told(True)}, settings=seeded) == prechecked({"a": told(True)})
