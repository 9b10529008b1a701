"""Everything that is said about a file that is not what it should be, and no more (contract §8.2, deviation S9)."""

import json

import pytest

from decision_gate.core.json import canonical
from decision_gate.core.runpack import verify

SPEC, REPORT = "artifacts/scenario_spec.json", "artifacts/verifier_report.json"
ANCHORS = {"providers": [{"provider_id": "x", "requirement": {"anchor_type": "x", "required_fields": []}}]}
NAMES = {
    "triggers": "trigger log",
    "gate_evals": "gate eval log",
    "decisions": "decision log",
    "packets": "packet log",
    "submissions": "submission log",
    "tool_calls": "tool transcript",
}
TOMBSTONE = {"erased": {"reason": "retention"}}


def errors(pack, path, content, **manifest):
    """Return what is wrong once *path* holds *content* and the hashes fit."""
    pack.artifacts.files[path] = content
    pack.reseal()
    pack.manifest = canonical({**json.loads(pack.manifest), **manifest})
    return list(verify(pack.manifest, pack.artifacts).errors)


@pytest.mark.parametrize("manifest", [{}, {"anchor_policy": ANCHORS}], ids=["without anchors", "with anchors"])
@pytest.mark.parametrize("log", NAMES)
def test_a_log_that_cannot_be_read_is_told_once_by_its_name(worked, log, manifest):
    found = errors(worked, f"artifacts/{log}.json", b"x", **manifest)

    assert found == [f"invalid {NAMES[log]}: expected `[` at byte 0"]


@pytest.mark.parametrize("log", NAMES)
def test_of_erased_records_the_first_is_told(worked, log):
    records = [TOMBSTONE] * 2 + worked.content(f"artifacts/{log}.json")[2:]

    assert errors(worked, f"artifacts/{log}.json", canonical(records)) == [f"artifacts/{log}.json record 1 was erased"]


@pytest.mark.parametrize("log", [log for log in NAMES if log != "submissions"])
def test_of_records_that_are_written_otherwise_the_first_is_told(worked, log):
    first, *others = worked.content(f"artifacts/{log}.json")
    texts = [canonical(first), *(json.dumps(each, separators=(", ", ":")).encode() for each in others)]

    found = errors(worked, f"artifacts/{log}.json", b"[" + b",".join(texts) + b"]")

    # The hashes in it are those of the bytes that are there, so the transcript may not fit either.
    assert [each for each in found if "tool call" not in each] == [f"artifacts/{log}.json record 2 is not canonical"]


def test_a_log_that_is_not_there_is_told_twice_where_anchors_are_to_be_checked(worked):
    del worked.artifacts.files["artifacts/gate_evals.json"]
    why = "artifact error: unable to read artifact"

    unread = verify(worked.manifest, worked.artifacts).errors
    anchored = errors(worked, SPEC, worked.artifacts.files[SPEC], anchor_policy=ANCHORS)

    assert unread == (f"artifact read failed for artifacts/gate_evals.json: {why}",)
    assert anchored == [*unread, f"gate eval log read failed: {why}"]


@pytest.mark.parametrize("manifest", [{}, {"anchor_policy": ANCHORS}], ids=["without anchors", "with anchors"])
def test_a_scenario_that_cannot_be_read_is_told_once(worked, manifest):
    found = errors(worked, SPEC, b"x", **manifest)

    assert found == ["invalid scenario spec: expected value at line 1 column 1"]


def test_a_scenario_that_is_erased_or_written_otherwise_or_without_stages_is_told(worked):
    spec = worked.content(SPEC)

    assert errors(worked.copy(), SPEC, canonical(TOMBSTONE)) == [f"{SPEC} was erased"]
    assert errors(worked.copy(), SPEC, json.dumps(spec).encode()) == [f"{SPEC} is not canonical"]
    assert errors(worked.copy(), SPEC, canonical(spec | {"stages": []})) == [
        "invalid scenario spec: scenario spec must define at least one stage"
    ]


def test_the_scenario_of_another_run_is_told_with_both_names(worked):
    found = errors(worked, SPEC, canonical(worked.content(SPEC) | {"scenario_id": "other", "namespace_id": 9}))

    assert found[:2] == [
        "scenario_id of the scenario spec is other, the manifest says harbor-release",
        "namespace_id of the scenario spec is 9, the manifest says 7",
    ]


def test_a_report_that_cannot_be_read_or_is_written_otherwise_is_told(worked):
    said = b'{"status":"pass","checked_files":7,"errors":[]}'

    assert errors(worked.copy(), REPORT, b"x") == ["invalid verifier report: expected value at line 1 column 1"]
    assert errors(worked.copy(), REPORT, said) == [f"{REPORT} is not canonical"]


def test_a_submission_that_is_there_twice_is_told_with_its_place(worked):
    twice = worked.content("artifacts/submissions.json") * 2

    assert errors(worked, "artifacts/submissions.json", canonical(twice)) == [
        "artifacts/submissions.json record 2: duplicate submission sub-1",
        "no tool call asked for submission sub-1",
    ]
