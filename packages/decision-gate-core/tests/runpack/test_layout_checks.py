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


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (dropped, f"file hash missing for {FIRST}"),
        (added, "unexpected file hash for artifacts/more.json"),
        (repeated, f"file hash repeated for {FIRST}"),
        (turned, "order of file hash entries is not that of the layout"),
    ],
)
def test_a_list_of_hashes_that_is_not_the_layout_is_told(worked, change, problem):
    manifest = json.loads(worked.manifest)
    manifest["integrity"]["file_hashes"] = change(manifest["integrity"]["file_hashes"])
    worked.manifest = canonical(manifest)
    worked.reseal()

    assert problem in verify(worked.manifest, worked.artifacts).errors


def test_evidence_over_a_mebibyte_is_told_with_its_condition(worked):
    name = "artifacts/gate_evals.json"
    records = worked.content(name)
    evidence = next(each for each in records[0]["evidence"] if each["result"]["value"])
    evidence["result"]["value"] = {"kind": "json", "value": "x" * (1 << 20)}
    worked.artifacts.files[name] = canonical(records)
    worked.reseal()

    told = f"condition {evidence['condition_id']}: evidence payload exceeds size limit (1048577 > 1048576)"
    assert any(error.endswith(f" {told}") for error in verify(worked.manifest, worked.artifacts).errors)
