"""Every record of a log against its place, its owner and its hashes (contract §8.2, deviation S9)."""

import pytest

from decision_gate.core.json import canonical
from decision_gate.core.runpack import verify

HASH = {"algorithm": "sha256", "value": "0" * 64}


def put(record, path, value):
    for key in path[:-1]:
        record = record[key]
    record[path[-1]] = value


@pytest.mark.parametrize(
    ("log", "path", "value", "problem"),
    [
        ("triggers", ("seq",), 7, "seq is 7, expected 1"),
        ("triggers", ("event", "run_id"), "x", "run_id is x, expected run-2025-10"),
        ("triggers", ("event", "tenant_id"), 9, "tenant_id is 9, expected 42"),
        ("triggers", ("event", "namespace_id"), 9, "namespace_id is 9, expected 7"),
        ("decisions", ("seq",), 7, "seq is 7, expected 1"),
        ("decisions", ("decision_id",), "x", "decision_id is x, expected decision-1"),
        ("packets", ("envelope", "run_id"), "x", "run_id is x, expected run-2025-10"),
        ("packets", ("envelope", "scenario_id"), "x", "scenario_id is x, expected harbor-release"),
        ("packets", ("envelope", "content_hash"), HASH, "content hash mismatch"),
        ("submissions", ("run_id",), "x", "run_id is x, expected run-2025-10"),
        ("submissions", ("content_hash",), HASH, "content hash mismatch"),
        ("tool_calls", ("call_id",), "x", "call_id is x, expected call-1"),
    ],
)
def test_a_record_that_is_not_what_it_says_is_named(worked, log, path, value, problem):
    name = f"artifacts/{log}.json"
    records = worked.content(name)
    put(records[0], path, value)
    worked.artifacts.files[name] = canonical(records)
    worked.reseal()

    found = verify(worked.manifest, worked.artifacts).errors

    assert any(error.endswith(f" {problem}") for error in found), found


def test_a_recorded_refusal_must_have_answered_with_its_error(worked):
    name = "artifacts/tool_calls.json"
    records = worked.content(name)
    refused = next(record for record in records if record["error"])
    refused["error"]["message"] += "."
    worked.artifacts.files[name] = canonical(records)
    worked.reseal()

    assert any(error.endswith(" response hash mismatch") for error in verify(worked.manifest, worked.artifacts).errors)
