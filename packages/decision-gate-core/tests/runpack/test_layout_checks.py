"""The lists of a manifest against the layout: nothing missing, extra, twice or in another order (deviation S9)."""

import json

import pytest

from decision_gate.core.json import canonical
from decision_gate.core.runpack import verify

FIRST = "artifacts/scenario_spec.json"


def dropped(entries):
    return entries[1:]


def added(entries):
    return [*entries, {**entries[0], "path": "artifacts/more.json"}]


def repeated(entries):
    return [*entries, entries[0]]


def turned(entries):
    return [entries[1], entries[0], *entries[2:]]


LISTS = {"file hash": ("integrity", "file_hashes"), "artifact record": ("artifacts",)}


def with_list(pack, what, change):
    """Change one list of the manifest, and seal it again."""
    manifest = json.loads(pack.manifest)
    *path, last = LISTS[what]
    holder = manifest
    for key in path:
        holder = holder[key]
    holder[last] = change(holder[last])
    pack.manifest = canonical(manifest)
    return pack.reseal()


@pytest.mark.parametrize("what", LISTS)
@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (dropped, "{} missing for artifacts/scenario_spec.json"),
        (added, "unexpected {} for artifacts/more.json"),
        (repeated, "{} repeated for artifacts/scenario_spec.json"),
        (turned, "order of {} entries is not that of the layout"),
    ],
)
def test_a_list_that_is_not_the_layout_is_told(worked, what, change, problem):
    pack = with_list(worked, what, change)

    errors = verify(pack.manifest, pack.artifacts).errors
    assert problem.format(what) in errors
    assert [error for error in errors if error.startswith("order of")] == [problem.format(what)] * (change is turned)


@pytest.mark.parametrize(
    ("field", "value"),
    [("artifact_id", "x"), ("kind", "custom"), ("content_type", "text/plain"), ("required", False)],
)
def test_a_record_of_an_artifact_says_what_the_layout_says(worked, field, value):
    pack = with_list(worked, "artifact record", lambda entries: [{**entries[0], field: value}, *entries[1:]])

    assert f"artifact record of {FIRST} has a wrong {field}" in verify(pack.manifest, pack.artifacts).errors


def test_both_lists_name_the_same_hashes(worked):
    other = {"algorithm": "sha256", "value": "0" * 64}
    manifest = json.loads(worked.manifest)
    manifest["artifacts"][0]["hash"] = other

    errors = verify(canonical(manifest), worked.artifacts).errors

    assert f"artifact record of {FIRST} has another hash than its file hash" in errors


@pytest.mark.parametrize("what", LISTS)
def test_a_report_that_one_list_names_is_asked_of_the_other(worked, what):
    pack = with_list(
        worked, what, lambda entries: [e for e in entries if e["path"] != "artifacts/verifier_report.json"]
    )

    assert f"{what} missing for artifacts/verifier_report.json" in verify(pack.manifest, pack.artifacts).errors


def test_evidence_over_a_mebibyte_is_told_with_its_condition(worked):
    name = "artifacts/gate_evals.json"
    records = worked.content(name)
    evidence = next(each for each in records[0]["evidence"] if each["result"]["value"])
    evidence["result"]["value"] = {"kind": "json", "value": "x" * (1 << 20)}
    worked.artifacts.files[name] = canonical(records)
    worked.reseal()

    told = f"condition {evidence['condition_id']}: evidence payload exceeds size limit (1048577 > 1048576)"
    assert any(error.endswith(f" {told}") for error in verify(worked.manifest, worked.artifacts).errors)
