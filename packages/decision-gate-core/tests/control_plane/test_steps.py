"""Deciding steps (contract §6.3, §6.4, §6.6, §6.8)."""

import attrs
import pytest

from decision_gate.core.control_plane import define
from decision_gate.core.engine import EngineSettings
from decision_gate.core.errors import DecisionGateError
from decision_gate.core.logic import TriState
from decision_gate.core.model import (
    AdvanceOutcome,
    CompleteOutcome,
    EvidenceAnchor,
    EvidenceProviderError,
    EvidenceResult,
    HashDigest,
    HoldOutcome,
    JsonEvidence,
    RunStatus,
    SafeSummary,
    TrustLane,
)
from decision_gate.core.ports import EvidenceProviderFailureError
from decision_gate.core.testing.world import KEY, World, condition, gate, scenario, stage
from decision_gate.core.timestamps import UnixMillis


def two_stages(**second):
    return scenario(
        [stage("one", [gate("g1", "a"), gate("g2", "b")], "linear"), stage("two", **second)],
        [condition("a"), condition("b")],
    )


def hold(*gates):
    return HoldOutcome(
        summary=SafeSummary(status="hold", unmet_gates=gates, retry_hint="await_evidence", policy_tags=())
    )


def test_an_unmet_gate_holds_the_run_and_names_the_gates_in_scenario_order():
    world = World.of(two_stages())
    world.start()
    world.facts.answers = {"a": False}

    answer = world.next("t1")

    assert answer.decision.outcome == hold("g1", "g2")
    assert answer.status is RunStatus.ACTIVE
    assert world.state().current_stage_id == "one"


def test_all_gates_true_advance_and_the_last_stage_completes_with_one_more_trigger():
    world = World.of(two_stages())
    world.start()
    world.facts.answers = {"a": True, "b": True}

    first = world.next("t1", at=UnixMillis(5_000))
    second = world.next("t2", at=UnixMillis(6_000))

    assert first.decision.outcome == AdvanceOutcome(from_stage="one", to_stage="two", timeout=False)
    assert second.decision.outcome == CompleteOutcome(stage_id="two")
    assert second.status is RunStatus.COMPLETED
    assert world.state().stage_entered_at == UnixMillis(5_000)


def test_a_repeated_trigger_answers_its_own_decision_and_asks_nobody():
    world = World.of(two_stages())
    world.start()
    first = world.next("t1")
    world.facts.answers = {"a": True, "b": True}
    world.next("t2")
    asked = list(world.facts.asked)

    again = world.next("t1", at=UnixMillis(9_999))

    assert again.decision == first.decision
    assert world.facts.asked == asked
    assert [trigger.event.trigger_id for trigger in world.state().triggers] == ["t1", "t2"]
    assert [call.method for call in world.state().tool_calls] == ["scenario.next"] * 3


def test_a_finished_run_answers_every_trigger_with_its_last_decision():
    world = World.of(scenario([stage("only")]))
    world.start()
    last = world.next("t1")

    new, old = world.next("t2"), world.next("t1")

    assert new == last == old
    assert len(world.state().decisions) == 1


def test_every_condition_is_asked_once_in_order_of_first_appearance():
    tree = {"And": [{"Condition": "b"}, {"Or": [{"Condition": "a"}, {"Condition": "b"}]}]}
    world = World.of(scenario([stage("one", [gate("g", tree)])], [condition("a"), condition("b")]))
    world.start()

    world.next("t1")

    assert world.facts.asked == ["b", "a"]
    [evaluation] = world.state().gate_evals
    assert [record.condition_id for record in evaluation.evidence] == ["a", "b"]
    assert [entry.condition_id for entry in evaluation.evaluation.trace] == ["b", "a", "b"]


def test_a_seeded_order_of_questions_changes_no_record():
    spec = scenario(
        [stage("one", [gate("g", {"And": [{"Condition": c} for c in "abcdef"]})])], [condition(c) for c in "abcdef"]
    )
    plain, shuffled = World.of(spec), World.of(spec, settings=EngineSettings(shuffle_seed=7))
    for world in (plain, shuffled):
        world.start()
        world.next("t1")

    assert plain.facts.asked != shuffled.facts.asked
    assert sorted(plain.facts.asked) == sorted(shuffled.facts.asked)
    assert plain.state() == shuffled.state()


def test_a_failing_provider_is_an_error_record_and_unknown():
    world = World.of(scenario([stage("one", [gate("g", "a")])], [condition("a", comparator="not_exists")]))
    world.start()
    world.facts.answers = {"a": EvidenceProviderFailureError("offline")}

    world.next("t1")

    [evaluation] = world.state().gate_evals
    assert evaluation.evidence[0].result == EvidenceResult(
        error=EvidenceProviderError(code="provider_error", message="evidence provider error: offline")
    )
    assert evaluation.evaluation.status is TriState.UNKNOWN


def test_an_answer_with_an_error_keeps_its_anchor_and_loses_its_value():
    world = World.of(scenario([stage("one", [gate("g", "a")])], [condition("a")]))
    world.start()
    anchor = EvidenceAnchor(anchor_type="file", anchor_value="{}")
    error = EvidenceProviderError(code="jsonpath_not_found", message="no such path")
    world.facts.answers = {
        "a": EvidenceResult(
            value=JsonEvidence(value=True),
            error=error,
            evidence_anchor=anchor,
            evidence_hash=HashDigest(value="ab"),
            content_type="text/plain",
        )
    }

    world.next("t1")

    assert world.state().gate_evals[0].evidence[0].result == EvidenceResult(error=error, evidence_anchor=anchor)


def test_a_wrong_hash_of_a_value_is_replaced_and_a_hash_without_value_is_kept():
    world = World.of(
        scenario(
            [stage("one", [gate("g", {"And": [{"Condition": "a"}, {"Condition": "b"}]})])],
            [condition("a"), condition("b")],
        )
    )
    world.start()
    wrong = HashDigest(value="00")
    world.facts.answers = {
        "a": EvidenceResult(value=JsonEvidence(value=True), evidence_hash=wrong),
        "b": EvidenceResult(evidence_hash=wrong),
    }

    world.next("t1")

    first, second = world.state().gate_evals[0].evidence
    assert first.result.evidence_hash == HashDigest(
        value="b5bea41b6c623f7c09f1bf24dcae58ebab3c0cdd90ad966bc43a45b44867e12b"
    )
    assert second.result.evidence_hash == wrong


def test_asserted_evidence_is_unknown_where_verified_is_needed_and_keeps_its_value():
    world = World.of(scenario([stage("one", [gate("g", "a")])], [condition("a")]))
    world.start()
    world.facts.answers = {"a": EvidenceResult(value=JsonEvidence(value=True), lane=TrustLane.ASSERTED)}

    world.next("t1")

    [record] = world.state().gate_evals[0].evidence
    assert record.status is TriState.UNKNOWN
    assert record.result.value == JsonEvidence(value=True)
    assert record.result.error == EvidenceProviderError(
        code="trust_lane", message="evidence lane Asserted does not satisfy Verified"
    )


def test_evidence_over_a_mebibyte_fails_the_call_and_writes_nothing():
    world = World.of(scenario([stage("one", [gate("g", "a")])], [condition("a")]))
    world.start()
    world.facts.answers = {"a": "x" * (1 << 20)}
    before = world.engine.runs.head(KEY)

    with pytest.raises(DecisionGateError) as refused:
        world.next("t1")

    assert refused.value.code == "evidence_too_large"
    assert str(refused.value) == "evidence payload exceeds size limit (1048577 > 1048576)"
    assert world.engine.runs.head(KEY) == before


def test_a_missing_provider_is_told_and_only_the_transcript_grows():
    query = {"provider_id": "elsewhere", "check_id": "k"}
    world = World.of(scenario([stage("one", [gate("g", "a")])], [condition("a", query=query)]))
    world.start()

    with pytest.raises(DecisionGateError) as refused:
        world.next("t1")

    assert refused.value.code == "provider_missing"
    assert str(refused.value) == (
        'provider validation failed: ProviderMissingError { missing_providers: ["elsewhere"], '
        'required_capabilities: ["k"], blocked_by_policy: false }'
    )
    [call] = world.state().tool_calls
    assert call.error.code == "provider_missing"
    assert world.state().triggers == ()


@pytest.mark.parametrize(("kind", "code"), [("scenario", "scenario_not_found"), ("run", "run_not_found")])
def test_what_does_not_exist_is_told_apart(kind, code):
    world = World.of(scenario([stage("one")]))
    if kind == "scenario":
        world.start()
        world.spec = attrs.evolve(world.spec, scenario_id="other")

    with pytest.raises(DecisionGateError) as refused:
        world.next("t1")

    assert refused.value.code == code


def test_a_run_is_not_driven_through_another_scenario_of_its_namespace():
    world = World.of(two_stages())
    world.start()
    other = attrs.evolve(world.spec, scenario_id="other")
    world.engine.scenarios.define(define(other, 1))
    world.spec = other

    with pytest.raises(DecisionGateError) as refused:
        world.next("t1")

    assert (refused.value.code, str(refused.value)) == (
        "run_of_other_scenario",
        "run run-1 does not belong to scenario other",
    )
    assert world.engine.runs.head(KEY).version == 1
