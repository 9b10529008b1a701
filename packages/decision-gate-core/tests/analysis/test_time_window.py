"""What the passing of time does to conditions on the clock, and for how long one has to wait for it."""

import pytest

from decision_gate.core.analysis.time_window import Turning, is_settled, moment, turning
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

TRUE, FALSE, UNKNOWN = TriState.TRUE, TriState.FALSE, TriState.UNKNOWN
AT = {"timestamp": 1_000}


def asking(check="after", params=AT, provider="time", comparator=Comparator.EQUALS, expected=True):  # noqa: FBT002 - a wire value
    return ConditionSpec(
        condition_id="c",
        query=EvidenceQuery(provider_id=provider, check_id=check, params=params),
        comparator=comparator,
        expected=expected,
        policy_tags=(),
    )


def answered(value, status, now="400", anchor_type="trigger_time_unix_millis", error=None):
    return EvidenceRecord(
        condition_id="c",
        status=status,
        result=EvidenceResult(
            value=value,
            error=error,
            evidence_anchor=None if now is None else EvidenceAnchor(anchor_type=anchor_type, anchor_value=now),
        ),
    )


YES, NO = JsonEvidence(value=True), JsonEvidence(value=False)
EARLY, LATE = answered(NO, FALSE), answered(YES, TRUE)
ERROR = EvidenceProviderError(code="e", message="m")


@pytest.mark.parametrize(
    ("of", "record", "settled", "turns"),
    [
        (asking(), EARLY, False, Turning(status=TRUE, wait_ms=601)),
        (asking(), LATE, True, None),
        (asking("before"), LATE, False, Turning(status=FALSE, wait_ms=601)),
        (asking("before"), EARLY, True, None),
        # Waiting turns the value; what that makes of the condition is up to its comparator.
        (asking(expected=False), answered(NO, TRUE), False, Turning(status=FALSE, wait_ms=601)),
        (asking(comparator=Comparator.EXISTS, expected=None), answered(NO, TRUE), False, None),
        # Other providers, other checks and answers without a value say nothing about time.
        (asking(provider="times"), EARLY, False, None),
        (asking("at"), EARLY, False, None),
        (asking(), answered(NO, UNKNOWN, error=ERROR), False, None),
        (asking(), answered(YES, UNKNOWN, error=ERROR), False, None),
        (asking(), answered(None, UNKNOWN), False, None),
        (asking(), answered(JsonEvidence(value=1), FALSE), False, None),
        (asking(), answered(BytesEvidence(value=b""), UNKNOWN), False, None),
    ],
)
def test_time_makes_a_status_final_or_turns_it(of, record, settled, turns):
    assert (is_settled(of, record), turning(of, record)) == (settled, turns)


@pytest.mark.parametrize(
    ("params", "now", "wait_ms"),
    [
        (AT, "1000", 1),
        (AT, "1001", 0),
        (AT, "5000", 0),
        (AT, "-1", 1_002),
        ({"timestamp": "1970-01-01T00:00:01Z"}, "400", 601),
        ({"timestamp": "1970-01-01T00:00:01.0009Z"}, "400", 601),
        ({"timestamp": "2026-01-01"}, "400", None),
        ({"timestamp": "soon"}, "400", None),
        ({"timestamp": None}, "400", None),
        ({}, "400", None),
        (None, "400", None),
        ([1_000], "400", None),
        (AT, None, None),
        (AT, "", None),
        (AT, "4e2", None),
        (AT, "400 ", None),
        (AT, "1" * 20, None),
    ],
)
def test_the_wait_ends_one_millisecond_after_the_moment_where_both_are_known(params, now, wait_ms):
    assert turning(asking(params=params), answered(NO, FALSE, now)) == Turning(status=TRUE, wait_ms=wait_ms)


def test_an_anchor_of_another_kind_tells_no_time():
    record = answered(NO, FALSE, anchor_type="trigger_time_logical")

    assert turning(asking(), record) == Turning(status=TRUE, wait_ms=None)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"timestamp": "2026-01-01"}, "2026-01-01"),
        (AT, "1000"),
        ({}, "its moment"),
        (None, "its moment"),
        (["timestamp"], "its moment"),
    ],
)
def test_a_moment_is_told_as_the_scenario_spells_it(params, words):
    assert moment(asking(params=params)) == words
