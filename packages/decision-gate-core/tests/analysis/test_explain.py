"""What is still needed, in words and as data, as far as the reader may know it."""

import itertools

import attrs
import pytest

from decision_gate.core.analysis import DisclosureLevel, Reason, ReasonClass, ReasonCode, explain
from decision_gate.core.comparators import Comparator
from decision_gate.core.engine import EngineSettings
from decision_gate.core.evaluation import evaluate
from decision_gate.core.logic import TriState, condition_ids, parse_requirement
from decision_gate.core.model import (
    ConditionSpec,
    EvidenceAnchor,
    EvidenceProviderError,
    EvidenceQuery,
    EvidenceResult,
    GateSpec,
    JsonEvidence,
    LinearAdvance,
    ScenarioSpec,
    StageSpec,
    TimeoutPolicy,
    TrustLane,
)

SETTINGS = EngineSettings(min_lane=TrustLane.ASSERTED)


def condition(name, comparator=Comparator.EQUALS, expected=True, *, query=None, tags=()):  # noqa: FBT002 - a wire value
    return ConditionSpec(
        condition_id=name,
        query=query or EvidenceQuery(provider_id="json", check_id="path", params={"file": f"{name}.json"}),
        comparator=comparator,
        expected=expected,
        policy_tags=tags,
    )


def scenario(requirement, *conditions):
    tree = parse_requirement(requirement, lambda name: name)
    defined = {each.condition_id: each for each in conditions}
    gate = GateSpec(gate_id="gate", requirement=tree)
    stage = StageSpec(
        stage_id="stage",
        entry_packets=(),
        gates=(gate,),
        advance_to=LinearAdvance(),
        on_timeout=TimeoutPolicy.FAIL,
    )
    return ScenarioSpec(
        scenario_id="s",
        namespace_id=1,
        spec_version="1",
        stages=(stage,),
        conditions=tuple(defined.get(name) or condition(name) for name in condition_ids(tree)),
        policies=(),
        schemas=(),
    )


def explained(spec, evidence, level=DisclosureLevel.EVIDENCE, **options):
    decision = evaluate(spec, evidence, settings=options.pop("settings", SETTINGS))
    [explanation] = explain(spec, decision.gates, level, **options)
    return explanation


def test_an_open_gate_has_no_reasons():
    explanation = explained(scenario("a"), {"a": True})

    assert (explanation.status, explanation.reasons, explanation.sentence) == (TriState.TRUE, (), "")


def test_the_sentence_of_the_product_is_said_word_for_word():
    spec = scenario(
        "coverage and at_least(2, alice, bob, carol)", condition("coverage", Comparator.GREATER_THAN_OR_EQUAL, 85)
    )

    explanation = explained(spec, {"coverage": 82.3, "alice": True})

    assert explanation.sentence == "coverage 82.3, needs at least 85 (+2.7); one more of bob, carol"


def test_each_level_tells_more_than_the_one_before():
    spec = scenario("coverage", condition("coverage", Comparator.GREATER_THAN_OR_EQUAL, 85))

    told = {level: explained(spec, {"coverage": 82.3}, level) for level in DisclosureLevel}

    assert {level: each.sentence for level, each in told.items()} == {
        DisclosureLevel.SUMMARY: "coverage: evidence false",
        DisclosureLevel.TRACE: "coverage must rise",
        DisclosureLevel.EVIDENCE: "coverage 82.3, needs at least 85 (+2.7)",
    }
    assert [each.reasons[0].next for each in told.values()] == [
        (),
        ("coverage.json (json.path) must rise",),
        ("coverage.json (json.path) needs at least 85",),
    ]


def test_a_condition_whose_raw_evidence_is_not_allowed_is_told_by_direction_only():
    spec = scenario("a and b", condition("a", expected=85), condition("b", expected=85))

    explanation = explained(spec, {"a": 1, "b": 1}, raw_allowed=lambda name: name == "a")

    assert explanation.sentence == "a 1, must be 85 (+84); b must change"


@pytest.mark.parametrize("level", [DisclosureLevel.SUMMARY, DisclosureLevel.TRACE])
def test_no_number_leaks_below_the_evidence_level(level):
    spec = scenario(
        "a and not b and c",
        condition("a", Comparator.LESS_THAN, 778899),
        condition("b", Comparator.IN_SET, [778899]),
        condition("c", Comparator.LESS_THAN, 778899),
    )

    explanation = explained(spec, {"a": 990000778899, "b": 778899, "c": "778899"}, level)

    assert "778899" not in str(explanation.wire())


def test_as_data_a_reason_has_the_published_keys():
    explanation = explained(scenario("a"), {"a": False})

    assert explanation.wire() == {
        "gate_id": "gate",
        "status": "False",
        "proven_minimal": True,
        "reasons": [
            {
                "code": "not_satisfied",
                "class": "evidence_false",
                "gate_id": "gate",
                "condition_id": "a",
                "message": "a is false, must be true",
                "next": ["a.json (json.path) must be true"],
                "retry_after_ms": None,
            }
        ],
    }


def failed(code, message="m"):
    return EvidenceResult(error=EvidenceProviderError(code=code, message=message))


HTTP = condition("a", query=EvidenceQuery(provider_id="http", check_id="status", params={"url": "https://x.test"}))
LIST = EvidenceResult(value=JsonEvidence(value=[1]))
ASSERTED = EvidenceResult(value=JsonEvidence(value=True), lane=TrustLane.ASSERTED)


@pytest.mark.parametrize(
    ("of", "answer", "code", "reason_class"),
    [
        (condition("a"), failed("file_not_found"), ReasonCode.NO_EVIDENCE, ReasonClass.EVIDENCE_MISSING),
        (condition("a"), failed("jsonpath_not_found"), ReasonCode.NO_EVIDENCE, ReasonClass.EVIDENCE_MISSING),
        (condition("a"), failed("invalid_json"), ReasonCode.EVIDENCE_UNREADABLE, ReasonClass.EVIDENCE_MISSING),
        (condition("a"), failed("params_invalid"), ReasonCode.QUERY_INVALID, ReasonClass.STRUCTURAL),
        (condition("a"), failed("provider_error"), ReasonCode.QUERY_INVALID, ReasonClass.STRUCTURAL),
        (HTTP, failed("provider_error"), ReasonCode.PROVIDER_FAILED, ReasonClass.TRANSIENT),
        (condition("a"), failed("anchor_invalid"), ReasonCode.ANCHOR_REFUSED, ReasonClass.TRUST),
        (condition("a"), EvidenceResult(), ReasonCode.NO_EVIDENCE, ReasonClass.EVIDENCE_MISSING),
        (
            condition("a"),
            EvidenceResult(value=JsonEvidence(value=[1])),
            ReasonCode.NOT_COMPARABLE,
            ReasonClass.STRUCTURAL,
        ),
        (condition("a", tags=("human",)), EvidenceResult(), ReasonCode.NO_EVIDENCE, ReasonClass.AWAITING_HUMAN),
        (condition("a", tags=("human",)), failed("file_not_found"), ReasonCode.NO_EVIDENCE, ReasonClass.AWAITING_HUMAN),
        (
            condition("a"),
            failed("provider_error", "evidence provider error: provider not registered: json"),
            ReasonCode.PROVIDER_MISSING,
            ReasonClass.STRUCTURAL,
        ),
    ],
)
def test_what_is_in_the_way_decides_code_and_class(of, answer, code, reason_class):
    explanation = explained(scenario("a", expecting_a_number(of)), {"a": answer})

    [reason] = explanation.reasons
    assert (reason.code, reason.reason_class) == (code, reason_class)
    assert reason.next


def expecting_a_number(of):
    """Expect a number where the evidence is a list, so that the two cannot be compared."""
    return condition(of.condition_id, Comparator.LESS_THAN, 3, query=of.query, tags=of.policy_tags)


def test_evidence_that_only_the_judged_party_asserts_is_a_matter_of_trust():
    explanation = explained(scenario("a"), {"a": ASSERTED}, settings=EngineSettings())

    assert [(reason.code, reason.reason_class) for reason in explanation.reasons] == [
        (ReasonCode.LANE_REFUSED, ReasonClass.TRUST)
    ]


def test_only_what_may_pass_says_when_to_ask_again():
    explanation = explained(scenario("a", HTTP), {"a": failed("provider_error")})

    assert explanation.reasons[0].retry_after_ms == 5_000


def clocked(check, value, now):
    query = EvidenceQuery(provider_id="time", check_id=check, params={"timestamp": "2026-01-01T00:00:00Z"})
    anchor = EvidenceAnchor(anchor_type="trigger_time_unix_millis", anchor_value=str(now))
    return query, EvidenceResult(value=JsonEvidence(value=value), evidence_anchor=anchor)


NEW_YEAR_2026 = 1_767_225_600_000


def test_a_moment_that_has_not_come_is_a_wait_of_known_length():
    query, answer = clocked("after", value=False, now=NEW_YEAR_2026 - 1_000)

    explanation = explained(scenario("a", condition("a", query=query)), {"a": answer})

    [reason] = explanation.reasons
    assert (reason.code, reason.reason_class, reason.retry_after_ms) == (
        ReasonCode.NOT_YET,
        ReasonClass.TRANSIENT,
        1_001,
    )


@pytest.mark.parametrize(("check", "value", "requirement"), [("after", True, "not a"), ("before", False, "a")])
def test_a_window_that_has_closed_can_never_pass(check, value, requirement):
    query, answer = clocked(check, value=value, now=NEW_YEAR_2026 + 1)

    explanation = explained(scenario(requirement, condition("a", query=query)), {"a": answer})

    [reason] = explanation.reasons
    assert (reason.code, reason.reason_class, reason.message) == (
        ReasonCode.CANNOT_PASS,
        ReasonClass.STRUCTURAL,
        "can no longer pass: a cannot change any more",
    )


def test_a_quorum_with_exactly_as_many_left_as_are_missing_leaves_no_choice():
    explanation = explained(scenario("at_least(2, a, b)"), {"a": True, "b": False})

    assert explanation.sentence == "b is false, must be true"


def test_alternatives_are_a_choice_of_one():
    explanation = explained(scenario("a or b"), {"a": False, "b": False})

    [reason] = explanation.reasons
    assert (reason.code, reason.message, reason.any_of) == (ReasonCode.MORE_NEEDED, "one more of a, b", ("a", "b"))


def test_a_person_to_ask_speaks_for_a_quorum_that_also_has_other_ways():
    spec = scenario("a or b", condition("b", tags=("human",)))

    [reason] = explained(spec, {"a": False}).reasons

    assert reason.reason_class is ReasonClass.AWAITING_HUMAN


def test_a_condition_that_stands_elsewhere_too_is_told_by_itself():
    explanation = explained(scenario("(a or b) and not a"), {"a": True, "b": False})

    assert explanation.sentence == "a is true, must be anything but true; b is false, must be true"


def asked_of(name):
    query = EvidenceQuery(provider_id="http", check_id="status", params={"url": f"https://{name}.test"})
    return condition(name, query=query)


def test_a_choice_is_told_whole_with_every_way_and_the_shortest_wait():
    spec = scenario("at_least(2, a, b, web, done)", condition("b", tags=("human",)), asked_of("web"))

    explanation = explained(spec, {"a": False, "web": failed("provider_error"), "done": True})

    assert explanation.reasons == (
        Reason(
            code=ReasonCode.MORE_NEEDED,
            reason_class=ReasonClass.AWAITING_HUMAN,
            gate_id="gate",
            any_of=("a", "b", "web"),
            message="one more of a, b, web",
            next=("a.json (json.path) must be true", "ask for b", "evaluate again"),
            retry_after_ms=5_000,
        ),
    )


WAYS = {
    ReasonClass.AWAITING_HUMAN: EvidenceResult(),
    ReasonClass.TRANSIENT: failed("http_timeout"),
    ReasonClass.EVIDENCE_MISSING: failed("file_not_found"),
    ReasonClass.EVIDENCE_FALSE: False,
    ReasonClass.TRUST: failed("anchor_invalid"),
    ReasonClass.STRUCTURAL: failed("params_invalid"),
}


@pytest.mark.parametrize(("quicker", "slower"), list(itertools.pairwise(WAYS)))
def test_of_a_choice_the_quickest_to_be_had_speaks(quicker, slower):
    human = ("human",) if quicker is ReasonClass.AWAITING_HUMAN else ()
    spec = scenario("slow or quick", condition("quick", tags=human))

    [reason] = explained(spec, {"slow": WAYS[slower], "quick": WAYS[quicker]}).reasons

    assert (reason.any_of, reason.reason_class) == (("slow", "quick"), quicker)


@pytest.mark.parametrize(
    ("missing", "words"),
    list(enumerate(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "10", "11"), start=1)),
)
def test_small_numbers_are_spelled(missing, words):
    names = ", ".join(f"c{number}" for number in range(missing + 1))

    assert explained(scenario(f"at_least({missing}, {names})"), {}).sentence == f"{words} more of {names}"


def test_a_closed_window_is_no_longer_part_of_a_choice():
    query, answer = clocked("before", value=False, now=NEW_YEAR_2026 + 1)
    spec = scenario("at_least(1, a, b, c)", condition("a", query=query))

    assert explained(spec, {"a": answer}).sentence == "one more of b, c"


def test_a_quorum_over_more_than_conditions_is_told_one_by_one():
    assert explained(scenario("a or (b and c)"), {}).sentence == "a has no evidence yet, must be true"


def test_a_requirement_that_nothing_makes_true_is_the_scenarios_fault():
    [reason] = explained(scenario("a and not a"), {}).reasons

    assert reason == Reason(
        code=ReasonCode.CANNOT_PASS,
        reason_class=ReasonClass.STRUCTURAL,
        gate_id="gate",
        message="can never pass: no evidence makes this requirement true",
        next=("start a new run of a scenario that can pass",),
    )


def test_all_windows_that_have_closed_are_named():
    query, answer = clocked("before", value=False, now=NEW_YEAR_2026 + 1)
    spec = scenario("a and b and c", condition("a", query=query), condition("b", query=query))

    explanation = explained(spec, {"a": answer, "b": answer})

    assert explanation.sentence == "can no longer pass: a, b cannot change any more"


def test_gates_that_the_scenario_does_not_have_are_left_out():
    decision = evaluate(scenario("a"), {}, settings=SETTINGS)
    other = attrs.evolve(scenario("a"), stages=())

    assert explain(other, decision.gates, DisclosureLevel.EVIDENCE) == ()
