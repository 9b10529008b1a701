"""Every decision against its trigger, its scenario and the one before it (contract §8.2, deviation S9)."""

import pytest

from decision_gate.core.json import canonical
from decision_gate.core.runpack import verify

AT = {"kind": "unix_millis", "value": 5}


def put(record, path, value):
    for key in path[:-1]:
        record = record[key]
    record[path[-1]] = value


@pytest.mark.parametrize(
    ("log", "number", "path", "value", "problem"),
    [
        ("decisions", 1, ("decided_at",), AT, "decision 2 has another time than its trigger"),
        ("decisions", 1, ("correlation_id",), "x", "decision 2 has another correlation_id than its trigger"),
        ("decisions", 1, ("stage_id",), "ship", "decision 2 is of stage ship, expected intake"),
        ("decisions", 1, ("outcome",), {"kind": "fail", "reason": "r"}, "decision 3 follows the end of the run"),
        ("decisions", 3, ("outcome", "stage_id"), "x", "decision 4 names stage x in its outcome, expected ship"),
        ("decisions", 2, ("outcome", "from_stage"), "x", "decision 3 names stage x in its outcome, expected intake"),
        ("decisions", 1, ("outcome",), {"kind": "start", "stage_id": "intake"}, "decision 2 starts the run again"),
        (
            "triggers",
            0,
            ("event", "source_id"),
            "x",
            "decision 1 starts the run by another trigger than the engine's own",
        ),
        ("decisions", 3, ("stage_id",), "nowhere", "decision 4: unknown stage identifier: nowhere"),
        (
            "packets",
            0,
            ("envelope", "packet_id"),
            "x",
            "decision 1 did not issue the packets of stage intake",
        ),
        ("gate_evals", 0, ("stage_id",), "ship", "gate evaluation 1 is of stage ship, expected intake"),
        (
            "gate_evals",
            0,
            ("evaluation", "gate_id"),
            "x",
            "decision 2 did not evaluate the gates of stage intake",
        ),
        (
            "gate_evals",
            0,
            ("evaluation", "trace", 0, "status"),
            "Unknown",
            "gate evaluation 1 traces another status than its evidence has",
        ),
        (
            "gate_evals",
            0,
            ("evaluation", "trace"),
            [],
            "gate evaluation 1 has not the trace of gate g-quality",
        ),
        ("gate_evals", 0, ("evidence",), [], "gate evaluation 1 has not the evidence of gate g-quality"),
    ],
)
def test_a_step_that_does_not_follow_is_named(worked, log, number, path, value, problem):
    name = f"artifacts/{log}.json"
    records = worked.content(name)
    put(records[number], path, value)
    worked.artifacts.files[name] = canonical(records)
    worked.reseal()

    assert problem in verify(worked.manifest, worked.artifacts).errors
