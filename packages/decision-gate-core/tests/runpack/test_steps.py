"""Logs are joined into steps, and what belongs to none is named (deviation S9)."""

import attrs
import pytest

from decision_gate.core.codec import decode
from decision_gate.core.model import (
    DecisionRecord,
    FailOutcome,
    GateEvalRecord,
    HoldOutcome,
    JsonPayload,
    PacketRecord,
    SafeSummary,
    StartOutcome,
    TriggerKind,
    TriggerRecord,
)
from decision_gate.core.runpack.pack_file import Entry
from decision_gate.core.runpack.steps import StepMismatchError, is_initial, recorded_steps

KINDS = {"triggers": TriggerRecord, "gate_evals": GateEvalRecord, "decisions": DecisionRecord, "packets": PacketRecord}


@pytest.fixture
def logs(worked):
    """The four logs of the worked example, as they are read."""
    return {
        log: [
            Entry(position, decode(kind, record), b"")
            for position, record in enumerate(worked.content(f"artifacts/{log}.json"), start=1)
        ]
        for log, kind in KINDS.items()
    }


def steps(logs):
    return list(recorded_steps(*(iter(logs[log]) for log in KINDS)))


def refusal(logs):
    with pytest.raises(StepMismatchError) as refused:
        steps(logs)
    assert refused.value.code == "step_mismatch"
    return str(refused.value)


def test_a_step_has_its_trigger_its_decision_and_what_was_evaluated_and_issued(logs):
    found = [
        (
            step.trigger.position,
            step.decision.position,
            [each.position for each in step.gate_evals],
            [each.position for each in step.packets],
        )
        for step in steps(logs)
    ]

    assert found == [(1, 1, [], [1]), (2, 2, [1, 2], []), (3, 3, [3, 4], [2, 3]), (4, 4, [], [])]


@pytest.mark.parametrize(
    ("log", "left_out", "told"),
    [
        ("triggers", 3, "decision 4 answers trigger evt-1, which is not in the trigger log"),
        ("triggers", 1, "decision 2 answers trigger tick-1, but trigger 3 is next-1"),
        ("decisions", 3, "trigger evt-1 has no decision"),
        ("decisions", 0, "decision 2 answers trigger tick-1, but trigger 1 is init"),
    ],
)
def test_a_trigger_or_a_decision_without_its_counterpart_is_named(logs, log, left_out, told):
    del logs[log][left_out]

    assert refusal(logs) == told


def test_what_belongs_to_no_step_is_named(logs):
    strange = attrs.evolve(logs["gate_evals"][0].record, trigger_id="x")

    assert refusal({**logs, "gate_evals": [*logs["gate_evals"], Entry(5, strange, b"")]}) == (
        "gate evaluation 5 names trigger x, which has no step there"
    )
    unknown = attrs.evolve(logs["packets"][0].record, decision_id="decision-9")
    assert refusal({**logs, "packets": [*logs["packets"], Entry(4, unknown, b"")]}) == (
        "packet 4 names decision-9, which has no step there"
    )


def test_only_the_engines_own_event_begins_a_run(logs):
    initial = logs["triggers"][0].record.event

    assert is_initial(initial)
    for changes in (
        {"trigger_id": "t"},
        {"kind": TriggerKind.TICK},
        {"source_id": "s"},
        {"payload": JsonPayload(value=None)},
        {"correlation_id": "c"},
    ):
        assert not is_initial(attrs.evolve(initial, **changes)), changes


def test_a_start_is_what_says_so_or_a_first_step_that_failed(logs):
    first, second = steps(logs)[:2]
    hold = HoldOutcome(summary=SafeSummary(status="hold", unmet_gates=(), retry_hint="await_evidence", policy_tags=()))

    def with_outcome(step, outcome):
        record = attrs.evolve(step.decision.record, outcome=outcome)
        return attrs.evolve(step, decision=attrs.evolve(step.decision, record=record))

    failed = FailOutcome(reason="r")
    assert [
        first.is_start,
        with_outcome(second, StartOutcome(stage_id="s")).is_start,
        with_outcome(first, failed).is_start,
    ] == [True] * 3
    assert [
        with_outcome(first, hold).is_start,
        with_outcome(second, failed).is_start,
        attrs.evolve(with_outcome(first, failed), trigger=second.trigger).is_start,
    ] == [False] * 3
