"""Where a recorded step differs from what its evidence gives: the place and both values (deviation S9)."""

import copy

import pytest

from decision_gate.core.json import canonical, parse
from decision_gate.core.runpack import replay

START_AT_INTAKE = {"kind": "start", "stage_id": "intake"}
ADVANCE = {"kind": "advance", "from_stage": "intake", "to_stage": "ship", "timeout": False}


def first(pack, log, change):
    """Return the first difference once *change* was made to the records of a log."""
    records = pack.content(f"artifacts/{log}.json")
    change(records)
    pack.artifacts.files[f"artifacts/{log}.json"] = canonical(records)
    pack.reseal()
    found = replay(pack.manifest, pack.artifacts).divergence
    return None if found is None else (found.decision_id, found.place, found.recorded, found.derived)


def put(*path_and_value):
    """Return the change that puts the last of the arguments where the others lead."""
    *path, key, value = path_and_value

    def change(records):
        place = records
        for step in path:
            place = place[step]
        place[key] = value

    return change


def spelled(value):
    return canonical(value).decode()


def test_a_decision_in_another_stage_than_the_run_stood_in(worked):
    assert first(worked, "decisions", put(1, "stage_id", "ship")) == ("decision-2", "stage", "ship", "intake")


def test_a_start_in_another_stage_than_the_first(worked):
    other = {"kind": "start", "stage_id": "ship"}

    assert first(worked, "decisions", put(0, "outcome", other)) == (
        "decision-1",
        "outcome",
        spelled(other),
        spelled(START_AT_INTAKE),
    )


@pytest.mark.parametrize(
    "reason",
    [
        "policy denied disclosure",
        "policy decision error: x",
        "dispatch error: x",
    ],
)
def test_what_only_the_world_outside_could_cause_is_believed_and_nothing_else_is(worked, reason):
    failed, excused = {"kind": "fail", "reason": reason}, {"kind": "fail", "reason": f"a {reason}"}

    assert first(worked.copy(), "decisions", put(0, "outcome", failed)) is None
    assert first(worked.copy(), "decisions", put(0, "outcome", excused)) == (
        "decision-1",
        "outcome",
        spelled(excused),
        spelled(START_AT_INTAKE),
    )
    # The run did not advance, so it is the next decision that has no place.
    assert first(worked.copy(), "decisions", put(2, "outcome", failed)) == ("decision-4", "stage", "ship", "intake")
    assert first(worked.copy(), "decisions", put(2, "outcome", excused)) == (
        "decision-3",
        "outcome",
        spelled(excused),
        spelled(ADVANCE),
    )


def test_a_hold_is_not_excused_by_what_the_world_may_do(worked):
    failed = {"kind": "fail", "reason": "dispatch error: x"}

    assert first(worked, "decisions", put(1, "outcome", failed))[:3] == ("decision-2", "outcome", spelled(failed))


def test_gates_of_another_name_or_order(worked):
    assert first(worked.copy(), "gate_evals", put(0, "evaluation", "gate_id", "x")) == (
        "decision-2",
        "gates",
        "x, g-window",
        "g-quality, g-window",
    )


def test_a_gate_that_lacks_the_evidence_of_a_condition(worked):
    assert first(worked, "gate_evals", lambda records: records[0]["evidence"].pop()) == (
        "decision-2",
        "evidence",
        "none",
        "of condition tests_ok",
    )


def test_evidence_in_another_order_is_told_of_the_first_condition(worked):
    before = worked.content("artifacts/gate_evals.json")[0]["evidence"]

    found = first(worked, "gate_evals", lambda records: records[0]["evidence"].reverse())

    assert found == (
        "decision-2",
        "gate g-quality, condition blocked, evidence",
        spelled(before[-1]["result"]),
        spelled(before[0]["result"]),
    )


def test_two_gates_that_were_shown_different_evidence_of_one_condition(worked):
    before = worked.content("artifacts/gate_evals.json")
    shown = copy.deepcopy(before[0]["evidence"][2])
    shown["result"]["content_type"] = "text/plain"

    found = first(worked, "gate_evals", lambda records: records[1]["evidence"].append(shown))

    assert found == (
        "decision-2",
        "gate g-window, condition tests_ok, evidence",
        spelled(shown["result"]),
        spelled(before[0]["evidence"][2]["result"]),
    )


def test_a_record_that_differs_elsewhere_is_told_whole(worked):
    before = worked.content("artifacts/gate_evals.json")[0]

    decision_id, place, recorded, derived = first(
        worked, "gate_evals", lambda records: records[0]["evaluation"]["trace"].pop()
    )

    assert (decision_id, place, parse(derived)) == ("decision-2", "gate g-quality", before)
    assert len(parse(recorded)["evaluation"]["trace"]) == 2


ERROR = {"code": "c", "message": "m", "details": None}


def test_evidence_that_the_engine_would_not_have_left_so(worked):
    place = "condition tests_ok, evidence"
    result = worked.content("artifacts/gate_evals.json")[0]["evidence"][2]["result"]
    beside, unhashed = result | {"error": ERROR}, result | {"evidence_hash": None}
    cleared = beside | {"value": None, "evidence_hash": None, "content_type": None}

    assert first(worked.copy(), "gate_evals", put(0, "evidence", 2, "result", beside)) == (
        "decision-2",
        place,
        spelled(beside),
        spelled(cleared),
    )
    assert first(worked.copy(), "gate_evals", put(0, "evidence", 2, "result", unhashed)) == (
        "decision-2",
        place,
        spelled(unhashed),
        spelled(result),
    )
    too_large = {"kind": "json", "value": "x" * (1 << 20)}
    assert first(worked.copy(), "gate_evals", put(0, "evidence", 2, "result", "value", too_large)) == (
        "decision-2",
        place,
        "accepted",
        "evidence payload exceeds size limit (1048577 > 1048576)",
    )


def test_an_anchor_that_the_policy_of_the_pack_does_not_accept(worked):
    """The policy of the worked example names no provider; here it names one whose anchors are of another type."""
    policy = {"providers": [{"provider_id": "ci", "requirement": {"anchor_type": "x", "required_fields": []}}]}
    worked.manifest = canonical({**parse(worked.manifest), "anchor_policy": policy})

    found = replay(worked.manifest, worked.artifacts).divergence

    assert (found.decision_id, found.place, found.recorded, found.derived) == (
        "decision-2",
        "condition tests_ok, evidence",
        "accepted",
        "anchor_invalid: anchor_type mismatch: expected x got ci_run",
    )
