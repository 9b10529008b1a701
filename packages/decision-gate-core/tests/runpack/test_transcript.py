"""Each call of the transcript against the record that it made (contract §6.9, deviation S9)."""

import pytest

from decision_gate.core.codec import decode, hash_record
from decision_gate.core.json import canonical
from decision_gate.core.model import ToolCallError
from decision_gate.core.runpack import verify

OTHER_HASH = {"algorithm": "sha256", "value": "0" * 64}
OTHER_TIME = {"kind": "unix_millis", "value": 5}
ERROR = {"code": "c", "message": "m", "details": None}
LOG = "artifacts/tool_calls.json"


def errors(pack, number, **changes):
    """Return what is wrong once call *number* is changed."""
    calls = pack.content(LOG)
    calls[number - 1] |= changes
    pack.artifacts.files[LOG] = canonical(calls)
    pack.reseal()
    return list(verify(pack.manifest, pack.artifacts).errors)


@pytest.mark.parametrize(
    ("number", "record"),
    [(1, "trigger tick-1"), (2, "submission sub-1"), (4, "trigger next-1"), (6, "trigger evt-1")],
)
def test_a_call_that_does_not_fit_its_record_is_told_in_what(worked, number, record):
    assert errors(worked.copy(), number, response_hash=OTHER_HASH) == [
        f"tool call {number} has another response hash than {record}"
    ]
    assert errors(worked.copy(), number, called_at=OTHER_TIME) == [
        f"tool call {number} has another called_at than {record}"
    ]
    assert errors(worked.copy(), number, correlation_id="x") == [
        f"tool call {number} has another correlation_id than {record}"
    ]


@pytest.mark.parametrize(("number", "record"), [(2, "submission sub-1"), (6, "trigger evt-1")])
def test_a_record_that_no_call_asked_for_is_told(worked, number, record):
    unmet = f"no tool call asked for {record}"

    assert errors(worked.copy(), number, request_hash=OTHER_HASH) == [unmet]
    assert errors(worked.copy(), number, method="m") == [f"tool call {number} has the unknown method m", unmet]


def test_calls_after_one_that_is_missing_answer_what_was_never_recorded(worked):
    assert errors(worked, 1, request_hash=OTHER_HASH) == [
        *(f"tool call {number} answers what was never recorded" for number in (4, 5, 6)),
        "no tool call asked for trigger tick-1",
    ]


def test_a_step_whose_packets_were_delivered_may_have_been_finished_by_another_caller(worked):
    """After a crash between announcing a dispatch and recording it nobody's call has the step (ADR 1)."""
    assert errors(worked, 4, request_hash=OTHER_HASH) == []


def test_a_call_that_repeats_another_is_held_to_an_answer_that_was_given(worked):
    assert errors(worked.copy(), 5, request_hash=OTHER_HASH, called_at=OTHER_TIME, correlation_id="x") == []
    assert errors(worked.copy(), 5, response_hash=OTHER_HASH) == ["tool call 5 answers what was never recorded"]


def test_a_call_that_was_refused_made_no_record(worked):
    answer = {"algorithm": "sha256", "value": hash_record(decode(ToolCallError, ERROR)).value}

    assert errors(worked.copy(), 3, request_hash=OTHER_HASH, called_at=OTHER_TIME) == []
    assert errors(worked.copy(), 3, response_hash=OTHER_HASH) == [f"{LOG} record 3: response hash mismatch"]
    assert errors(worked.copy(), 2, error=ERROR, response_hash=answer) == ["no tool call asked for submission sub-1"]
    assert errors(worked.copy(), 6, error=ERROR, response_hash=answer) == ["no tool call asked for trigger evt-1"]


def test_a_poll_spells_its_own_request_and_never_fails(worked):
    answer = {"algorithm": "sha256", "value": hash_record(decode(ToolCallError, ERROR)).value}
    told = ["tool call 7 has another request hash than its status request"]

    for changes in ({"request_hash": OTHER_HASH}, {"called_at": OTHER_TIME}, {"correlation_id": "x"}):
        assert errors(worked.copy(), 7, **changes) == told
    assert errors(worked.copy(), 7, response_hash=OTHER_HASH) == []
    assert errors(worked.copy(), 7, error=ERROR, response_hash=answer) == [
        "tool call 7 failed, which a status call is never recorded to do"
    ]
