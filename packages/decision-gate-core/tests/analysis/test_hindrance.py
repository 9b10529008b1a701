"""What is said about one condition: code, class, words, the next step and when to ask again."""

import attrs
import pytest

from decision_gate.core.analysis.hindrance import Hindrance, hindrance
from decision_gate.core.analysis.reasons import DisclosureLevel, ReasonClass, ReasonCode
from decision_gate.core.comparators import Comparator
from decision_gate.core.logic import TriState
from decision_gate.core.model import (
    BytesEvidence,
    ConditionSpec,
    EvidenceAnchor,
    EvidenceProviderError,
    EvidenceQuery,
    EvidenceRecord,
    EvidenceResult,
    JsonEvidence,
)


def condition(provider="json", params=None, tags=(), expected=3):
    return ConditionSpec(
        condition_id="c",
        query=EvidenceQuery(provider_id=provider, check_id="k", params=params),
        comparator=Comparator.EQUALS,
        expected=expected,
        policy_tags=tags,
    )


def recorded(status, **result):
    return EvidenceRecord(condition_id="c", status=status, result=EvidenceResult(**result))


def failed(code, message="m"):
    return recorded(TriState.UNKNOWN, error=EvidenceProviderError(code=code, message=message))


def told(of, record, level=DisclosureLevel.EVIDENCE):
    return hindrance(of, record, TriState.TRUE, level)


@pytest.mark.parametrize("code", ["file_not_found", "jsonpath_not_found", "file_open_failed", "file_read_failed"])
def test_what_is_not_there_yet_is_to_be_provided(code):
    assert told(condition(params={"file": "a.json"}), failed(code)) == Hindrance(
        code=ReasonCode.NO_EVIDENCE,
        reason_class=ReasonClass.EVIDENCE_MISSING,
        message=f"c has no evidence yet: a.json (json.k), {code.replace('_', ' ')}",
        next=("provide a.json (json.k)",),
    )


@pytest.mark.parametrize("of", [condition("approval"), condition(tags=("other", "human"))])
def test_what_a_person_decides_is_to_be_asked_for(of):
    source = f"{of.query.provider_id}.k"
    missing = Hindrance(
        code=ReasonCode.NO_EVIDENCE,
        reason_class=ReasonClass.AWAITING_HUMAN,
        message=f"c has no evidence yet: {source}, file not found",
        next=("ask for c",),
    )

    assert told(of, failed("file_not_found")) == missing
    assert told(of, None) == attrs.evolve(missing, message="c has no evidence yet, must be 3")
    assert told(of, None, DisclosureLevel.TRACE) == attrs.evolve(missing, message="c has no evidence yet")
    assert told(of, None, DisclosureLevel.SUMMARY) == attrs.evolve(missing, message="c: awaiting human", next=())
    assert told(of, recorded(TriState.FALSE, value=JsonEvidence(value=2))) == attrs.evolve(
        missing, code=ReasonCode.NOT_SATISFIED, message="c 2, must be 3 (+1)"
    )


@pytest.mark.parametrize(
    "code",
    [
        "params_missing",
        "params_invalid",
        "invalid_jsonpath",
        "path_missing",
        "path_invalid",
        "path_outside_root",
        "absolute_path_forbidden",
        "yaml_disabled",
        "report_kind",
    ],
)
def test_a_question_at_fault_is_to_be_corrected_whoever_was_asked(code):
    assert told(condition("http"), failed(code)) == Hindrance(
        code=ReasonCode.QUERY_INVALID,
        reason_class=ReasonClass.STRUCTURAL,
        message=f"c asks a question that cannot be answered ({code})",
        next=("correct the query of c in the scenario",),
    )


@pytest.mark.parametrize("provider", ["time", "env", "json", "report"])
def test_a_built_in_provider_fails_only_for_the_question(provider):
    assert told(condition(provider), failed("provider_error")) == Hindrance(
        code=ReasonCode.QUERY_INVALID,
        reason_class=ReasonClass.STRUCTURAL,
        message="c asks a question that cannot be answered (provider_error)",
        next=("correct the query of c in the scenario",),
    )


@pytest.mark.parametrize("code", ["provider_error", "http_timeout"])
def test_a_provider_that_could_not_answer_is_to_be_asked_again(code):
    assert told(condition("http"), failed(code)) == Hindrance(
        code=ReasonCode.PROVIDER_FAILED,
        reason_class=ReasonClass.TRANSIENT,
        message="c could not be asked: the provider http failed",
        next=("evaluate again",),
        retry_after_ms=5_000,
    )


def test_a_provider_that_is_not_registered_is_to_be_configured():
    error = failed("provider_error", "evidence provider error: provider not registered: http")

    assert told(condition("http"), error) == Hindrance(
        code=ReasonCode.PROVIDER_MISSING,
        reason_class=ReasonClass.STRUCTURAL,
        message="c asks a provider that there is not: http",
        next=("configure the provider http, or correct its name in the scenario",),
    )


def test_an_error_of_another_code_is_never_a_missing_provider():
    error = failed("other", "evidence provider error: provider not registered: http")

    assert told(condition("http"), error).code is ReasonCode.EVIDENCE_UNREADABLE


def test_asserted_evidence_where_it_does_not_count_is_to_be_fetched():
    assert told(condition("http", {"url": "https://x.test"}), failed("trust_lane")) == Hindrance(
        code=ReasonCode.LANE_REFUSED,
        reason_class=ReasonClass.TRUST,
        message="c has evidence that only the judged party asserts",
        next=("let a provider fetch https://x.test (http.k), or accept asserted evidence for c",),
    )


@pytest.mark.parametrize("code", ["anchor_invalid", "signature_invalid"])
def test_evidence_without_proof_of_its_origin_is_to_be_anchored_and_signed(code):
    assert told(condition("http"), failed(code)) == Hindrance(
        code=ReasonCode.ANCHOR_REFUSED,
        reason_class=ReasonClass.TRUST,
        message=f"c has evidence that does not prove where it comes from ({code})",
        next=("let the provider http anchor and sign its evidence as the policy asks",),
    )


def test_evidence_that_cannot_be_read_is_to_be_corrected():
    assert told(condition(params={"key": "HOME"}), failed("invalid_json")) == Hindrance(
        code=ReasonCode.EVIDENCE_UNREADABLE,
        reason_class=ReasonClass.EVIDENCE_MISSING,
        message="c has evidence that cannot be read (invalid_json)",
        next=("correct HOME (json.k)",),
    )


@pytest.mark.parametrize("params", [None, [], "file", {"other": "x"}, {"file": 1}])
def test_without_a_place_in_the_question_the_check_is_named(params):
    assert told(condition(params=params), None).next == ("provide json.k",)


@pytest.mark.parametrize(
    ("level", "message", "steps"),
    [
        (DisclosureLevel.SUMMARY, "c: evidence missing", ()),
        (DisclosureLevel.TRACE, "c has no evidence yet", ("provide json.k",)),
        (DisclosureLevel.EVIDENCE, "c has no evidence yet, must be 3", ("provide json.k",)),
    ],
)
def test_without_evidence_each_level_tells_what_it_may(level, message, steps):
    expected = Hindrance(
        code=ReasonCode.NO_EVIDENCE, reason_class=ReasonClass.EVIDENCE_MISSING, message=message, next=steps
    )

    assert told(condition(), recorded(TriState.UNKNOWN), level) == expected
    assert told(condition(), None, level) == expected


@pytest.mark.parametrize(
    ("level", "message"),
    [
        (DisclosureLevel.TRACE, "c cannot be compared with what is expected"),
        (DisclosureLevel.EVIDENCE, "c is 2 bytes, must be 3, but the two cannot be compared"),
    ],
)
@pytest.mark.parametrize("tags", [(), ("human",)])
def test_what_cannot_be_compared_is_nobodys_work_but_the_authors(level, message, tags):
    record = recorded(TriState.UNKNOWN, value=BytesEvidence(value=b"xy"))

    assert told(condition(tags=tags), record, level) == Hindrance(
        code=ReasonCode.NOT_COMPARABLE,
        reason_class=ReasonClass.STRUCTURAL,
        message=message,
        next=("make json.k and the expectation of c of the same kind",),
    )


def test_a_moment_still_to_come_is_waited_for():
    query = EvidenceQuery(provider_id="time", check_id="after", params={"timestamp": 1_000})
    anchor = EvidenceAnchor(anchor_type="trigger_time_unix_millis", anchor_value="400")
    of = attrs.evolve(condition(expected=True), query=query)
    record = recorded(TriState.FALSE, value=JsonEvidence(value=False), evidence_anchor=anchor)

    assert told(of, record) == Hindrance(
        code=ReasonCode.NOT_YET,
        reason_class=ReasonClass.TRANSIENT,
        message="c holds only after 1000",
        next=("wait, then evaluate again",),
        retry_after_ms=601,
    )
    assert hindrance(of, record, TriState.FALSE, DisclosureLevel.TRACE) == Hindrance(
        code=ReasonCode.NOT_SATISFIED,
        reason_class=ReasonClass.EVIDENCE_FALSE,
        message="c must change",
        next=("time.after must change",),
    )
