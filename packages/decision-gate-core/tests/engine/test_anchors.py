"""Does evidence say where it was found? (contract §6.6, §6.6.1)."""

import pytest

from decision_gate.core.engine import EngineSettings, anchor_problem
from decision_gate.core.logic import TriState
from decision_gate.core.model import (
    AnchorRequirement,
    EvidenceAnchor,
    EvidenceAnchorPolicy,
    EvidenceProviderError,
    EvidenceRef,
    EvidenceResult,
    JsonEvidence,
    ProviderAnchorPolicy,
    TrustLane,
)
from decision_gate.core.testing.world import World, condition, gate, scenario, stage

REQUIRED = AnchorRequirement(anchor_type="file", required_fields=("path", "line"))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"line":1,"path":"a"}', None),
        (' { "path" : "" , "line" : 0 } ', None),
        ('{"path":"a","line":1.5,"more":null}', None),
        ("", "anchor_value must be canonical JSON"),
        ("{path}", "anchor_value must be canonical JSON"),
        ('{"path":"a","line":1', "anchor_value must be canonical JSON"),
        ('{"path":"a","path":"b","line":1}', "anchor_value must be canonical JSON"),
        ('{"path":"a","line":NaN}', "anchor_value must be canonical JSON"),
        ("[" * 128 + "]" * 128, "anchor_value must be canonical JSON"),
        ('["path","line"]', "anchor_value must be a JSON object"),
        ("null", "anchor_value must be a JSON object"),
        ("{}", "anchor field path missing"),
        ('{"line":1}', "anchor field path missing"),
        ('{"path":"a"}', "anchor field line missing"),
        ('{"path":null,"line":1}', "anchor field path must be set"),
        ('{"path":true,"line":1}', "anchor field path must be string or number"),
        ('{"path":"a","line":false}', "anchor field line must be string or number"),
        ('{"path":[],"line":1}', "anchor field path must be scalar"),
        ('{"path":{"a":1},"line":1}', "anchor field path must be scalar"),
        ('{"path":null,"line":{}}', "anchor field path must be set"),
    ],
)
def test_the_first_failure_is_named(text, problem):
    assert anchor_problem(EvidenceAnchor(anchor_type="file", anchor_value=text), REQUIRED) == problem


def test_no_anchor_and_one_of_another_type_are_told_before_anything_else():
    other = EvidenceAnchor(anchor_type="url", anchor_value="not JSON")

    assert anchor_problem(None, REQUIRED) == "missing evidence_anchor"
    assert anchor_problem(other, REQUIRED) == "anchor_type mismatch: expected file got url"


def test_a_dotted_field_is_one_plain_key():
    required = AnchorRequirement(anchor_type="file", required_fields=("a.b",))

    nested = EvidenceAnchor(anchor_type="file", anchor_value='{"a":{"b":1}}')
    plain = EvidenceAnchor(anchor_type="file", anchor_value='{"a.b":1}')

    assert anchor_problem(nested, required) == "anchor field a.b missing"
    assert anchor_problem(plain, required) is None


def test_without_required_fields_any_object_will_do():
    required = AnchorRequirement(anchor_type="file", required_fields=())

    assert anchor_problem(EvidenceAnchor(anchor_type="file", anchor_value="{}"), required) is None


def judged(answer, *policies):
    settings = EngineSettings(anchor_policy=EvidenceAnchorPolicy(providers=policies), min_lane=TrustLane.ASSERTED)
    spec = scenario([stage("one", [gate("g", "a")])], [condition("a", comparator="exists")])
    world = World.of(spec, settings=settings)
    world.start()
    world.facts.answers = {"a": answer}
    world.next("t1")
    return world.state().gate_evals[0].evidence[0]


ANCHOR = EvidenceAnchor(anchor_type="url", anchor_value="{}")
POLICY = ProviderAnchorPolicy(provider_id="facts", requirement=REQUIRED)


def test_a_violated_anchor_wipes_everything_the_provider_said():
    record = judged(
        EvidenceResult(
            value=JsonEvidence(value=1),
            lane=TrustLane.ASSERTED,
            evidence_anchor=ANCHOR,
            evidence_ref=EvidenceRef(uri="file:///a"),
            content_type="application/json",
        ),
        POLICY,
    )

    assert record.status is TriState.UNKNOWN
    assert record.result == EvidenceResult(
        lane=TrustLane.VERIFIED,
        error=EvidenceProviderError(
            code="anchor_invalid", message="anchor_type mismatch: expected file got url", details=None
        ),
    )


def test_an_absent_value_needs_its_anchor_too():
    assert judged(EvidenceResult(), POLICY).result.error.message == "missing evidence_anchor"


def test_an_answer_with_an_error_is_not_asked_for_its_anchor():
    error = EvidenceProviderError(code="offline", message="no route")

    assert judged(EvidenceResult(error=error, evidence_anchor=ANCHOR), POLICY).result == EvidenceResult(
        error=error, evidence_anchor=ANCHOR
    )


def test_the_policy_of_another_provider_says_nothing_and_the_first_entry_of_a_provider_counts():
    other = ProviderAnchorPolicy(provider_id="other", requirement=REQUIRED)
    lax = ProviderAnchorPolicy(
        provider_id="facts", requirement=AnchorRequirement(anchor_type="url", required_fields=())
    )

    assert judged(EvidenceResult(value=JsonEvidence(value=1)), other).status is TriState.TRUE
    answer = EvidenceResult(value=JsonEvidence(value=1), evidence_anchor=ANCHOR)
    assert judged(answer, lax, POLICY).status is TriState.TRUE
    assert judged(answer, POLICY, lax).status is TriState.UNKNOWN
