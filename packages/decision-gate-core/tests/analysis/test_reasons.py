"""Reasons and explanations as programs and people read them."""

import pytest

from decision_gate.core.analysis import DisclosureLevel, GateExplanation, Reason, ReasonClass, ReasonCode
from decision_gate.core.logic import TriState

QUORUM = Reason(
    code=ReasonCode.MORE_NEEDED,
    reason_class=ReasonClass.AWAITING_HUMAN,
    gate_id="g",
    any_of=("bob", "carol"),
    message="one more of bob, carol",
    next=("ask for bob", "ask for carol"),
    retry_after_ms=7,
)
ALONE = Reason(
    code=ReasonCode.NO_EVIDENCE,
    reason_class=ReasonClass.EVIDENCE_MISSING,
    gate_id="g",
    condition_id="a",
    message="a has no evidence yet",
)


def test_names_on_the_wire_never_change():
    """Programs branch on them."""
    assert [each.value for each in (*DisclosureLevel, *ReasonClass, *ReasonCode)] == [
        *("summary", "trace", "evidence"),
        *("structural", "evidence_missing", "evidence_false", "awaiting_human", "transient", "trust"),
        *("not_satisfied", "more_needed", "no_evidence", "evidence_unreadable", "not_comparable", "query_invalid"),
        *("provider_missing", "provider_failed", "lane_refused", "anchor_refused", "not_yet", "cannot_pass"),
    ]


def test_a_reason_on_the_wire_names_a_choice_only_where_there_is_one():
    assert QUORUM.wire() == {
        "code": "more_needed",
        "class": "awaiting_human",
        "gate_id": "g",
        "condition_id": None,
        "any_of": ["bob", "carol"],
        "message": "one more of bob, carol",
        "next": ["ask for bob", "ask for carol"],
        "retry_after_ms": 7,
    }
    assert ALONE.wire() == {
        "code": "no_evidence",
        "class": "evidence_missing",
        "gate_id": "g",
        "condition_id": "a",
        "message": "a has no evidence yet",
        "next": [],
        "retry_after_ms": None,
    }


@pytest.mark.parametrize(
    ("proven_minimal", "sentence"),
    [
        (True, "one more of bob, carol; a has no evidence yet"),
        (False, "one more of bob, carol; a has no evidence yet (at most this much; there may be less)"),
    ],
)
def test_an_explanation_says_whether_there_may_be_less_to_do(proven_minimal, sentence):
    explanation = GateExplanation(
        gate_id="g", status=TriState.UNKNOWN, reasons=(QUORUM, ALONE), proven_minimal=proven_minimal
    )

    assert explanation.sentence == sentence
    assert explanation.wire() == {
        "gate_id": "g",
        "status": "Unknown",
        "proven_minimal": proven_minimal,
        "reasons": [QUORUM.wire(), ALONE.wire()],
    }
