"""The façade: one answer and no run."""

import pytest

from decision_gate.core import evaluate
from decision_gate.core.codec import decode
from decision_gate.core.engine import EngineSettings
from decision_gate.core.errors import DecisionGateError
from decision_gate.core.json import canonical
from decision_gate.core.logic import TriState
from decision_gate.core.model import (
    AdvanceOutcome,
    AnchorRequirement,
    CompleteOutcome,
    EvidenceAnchorPolicy,
    EvidenceRecord,
    EvidenceResult,
    JsonEvidence,
    ProviderAnchorPolicy,
    ScenarioSpec,
    TrustLane,
)
from decision_gate.core.testing.world import condition, gate, scenario, stage

SPEC = scenario(
    [stage("release", [gate("quality", {"And": [{"Condition": "tests"}, {"Condition": "coverage"}]})])],
    [
        condition("tests", comparator="equals", expected=0),
        condition("coverage", comparator="greater_than_or_equal", expected=85),
    ],
)


def test_evidence_that_meets_every_gate_passes():
    decision = evaluate(SPEC, {"tests": 0, "coverage": 85.0})

    assert decision.passed
    assert decision.outcome == CompleteOutcome(stage_id="release")


@pytest.mark.parametrize(
    ("evidence", "status"),
    [({"tests": 0, "coverage": 82.3}, TriState.FALSE), ({"tests": 0}, TriState.UNKNOWN), ({}, TriState.UNKNOWN)],
)
def test_evidence_that_is_false_or_missing_does_not_pass(evidence, status):
    decision = evaluate(canonical(SPEC), evidence)

    assert not decision.passed
    assert decision.unmet_gates == ("quality",)
    assert decision.gates[0].evaluation.status is status


TWO = scenario(
    [stage("one", [gate("g", "a")], "linear"), stage("two", [gate("h", "b")])], [condition("a"), condition("b")]
)


@pytest.mark.parametrize("spec", [TWO, canonical(TWO), canonical(TWO).decode(), decode(ScenarioSpec, TWO)])
def test_the_stage_that_is_asked_for_is_judged_and_else_the_first(spec):
    evidence = {"a": True, "b": False, "no condition": 1}

    first, second = evaluate(spec, evidence), evaluate(spec, evidence, stage_id="two")

    assert first.outcome == AdvanceOutcome(from_stage="one", to_stage="two", timeout=False)
    assert (first.passed, first.unmet_gates) == (True, ())
    assert (second.passed, second.unmet_gates) == (False, ("h",))


def test_a_condition_without_evidence_is_unknown_and_vouched_for_by_nobody():
    [judged] = evaluate(TWO, {}, settings=EngineSettings(min_lane=TrustLane.ASSERTED)).gates

    assert judged.evidence == (
        EvidenceRecord(condition_id="a", status=TriState.UNKNOWN, result=EvidenceResult(lane=TrustLane.ASSERTED)),
    )


def test_evidence_that_the_caller_brings_needs_no_anchor():
    needs_anchors = EvidenceAnchorPolicy(
        providers=(
            ProviderAnchorPolicy(
                provider_id="facts", requirement=AnchorRequirement(anchor_type="x", required_fields=("y",))
            ),
        )
    )

    assert evaluate(TWO, {"a": True}, settings=EngineSettings(anchor_policy=needs_anchors)).passed


def test_asserted_evidence_is_enough_where_the_settings_say_so():
    asserted = EvidenceResult(value=JsonEvidence(value=True), lane=TrustLane.ASSERTED)

    assert evaluate(TWO, {"a": asserted}, settings=EngineSettings(min_lane=TrustLane.ASSERTED)).passed


def test_a_tuple_made_in_python_is_an_array():
    spec = scenario([stage("s", [gate("g", "a")])], [condition("a", comparator="contains", expected=["x"])])

    assert evaluate(spec, {"a": ("x", "y")}).passed


def test_raw_bytes_are_evidence_too():
    spec = scenario([stage("s", [gate("g", "a")])], [condition("a", comparator="equals", expected=[1, 2])])

    assert evaluate(spec, {"a": b"\x01\x02"}).passed
    assert not evaluate(spec, {"a": b"\x01"}).passed


def test_asserted_evidence_is_not_enough_by_default():
    asserted = EvidenceResult(value=JsonEvidence(value=0), lane=TrustLane.ASSERTED)

    assert not evaluate(SPEC, {"tests": asserted, "coverage": 99}).passed


@pytest.mark.parametrize(
    ("spec", "stage_id", "code"),
    [
        (SPEC, "nowhere", "unknown_stage"),
        (scenario([]), None, "invalid_scenario"),
        (b"{", None, "json_invalid"),
        ({}, None, "decode"),
    ],
)
def test_what_cannot_be_judged_is_refused(spec, stage_id, code):
    with pytest.raises(DecisionGateError) as refused:
        evaluate(spec, {}, stage_id=stage_id)

    assert refused.value.code == code


def _endless():
    value = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    "value", [_endless(), {"a": {1, 2}}, float("nan"), 2**64], ids=["endless", "set", "nan", "u65"]
)
def test_a_value_made_in_python_that_is_no_json_is_refused(value):
    expecting = scenario([stage("s", [gate("g", "a")])], [condition("a", comparator="equals", expected=value)])

    with pytest.raises(DecisionGateError) as refused_evidence:
        evaluate(SPEC, {"tests": value})
    with pytest.raises(DecisionGateError) as refused_expectation:
        evaluate(expecting, {"a": 1})

    assert refused_evidence.value.code == refused_expectation.value.code == "json_not_canonicalizable"


def test_evidence_without_end_is_said_to_be_so():
    with pytest.raises(DecisionGateError, match=r"^failed to canonicalize json: nesting has no end or is too deep$"):
        evaluate(SPEC, {"tests": _endless()})
