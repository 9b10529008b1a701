"""The errors of contract §8.2, word for word and in order, then those of deviations S6 and S9."""

import json

import pytest

from decision_gate.core.json import canonical
from decision_gate.core.model import RunStatus
from decision_gate.core.ports import ArtifactError, ArtifactTooLargeError
from decision_gate.core.runpack import InvalidManifestError, inspect, verify
from decision_gate.core.runpack.problems import MAX_PROBLEMS


def errors(pack):
    return list(verify(pack.manifest, pack.artifacts).errors)


def with_manifest(pack, **changes):
    pack.manifest = canonical({**json.loads(pack.manifest), **changes})
    return pack


def with_records(pack, log, records):
    pack.artifacts.files[f"artifacts/{log}.json"] = canonical(records)
    return pack.reseal()


def test_a_finished_pack_passes_with_one_file_more_than_its_own_report_counted(worked):
    inspection = inspect(worked.manifest, worked.artifacts)

    assert inspection.report.status.value == "pass"
    assert inspection.report.checked_files == 8
    assert inspection.status is RunStatus.COMPLETED
    assert len(inspection.files) == 8


def test_another_version_ends_the_verification_at_once(worked):
    del worked.artifacts.files["artifacts/decisions.json"]

    report = verify(with_manifest(worked, manifest_version="v2").manifest, worked.artifacts)

    assert report.checked_files == 0
    assert report.errors == ("unsupported manifest version: v2",)


def test_what_is_no_manifest_is_refused_before_any_file_is_read():
    for stored in (b"", b"{}", b"[]", b'{"manifest_version":"v1","manifest_version":"v1"}'):
        with pytest.raises(InvalidManifestError, match=r"^invalid manifest$"):
            verify(stored, None)


def test_an_altered_file_is_named_and_counted(worked):
    worked.artifacts.files["artifacts/tool_calls.json"] += b"\n"

    report = verify(worked.manifest, worked.artifacts)

    assert report.checked_files == 8
    assert report.errors[0] == "hash mismatch for artifacts/tool_calls.json"


def test_a_missing_file_is_named_and_not_counted(worked):
    del worked.artifacts.files["artifacts/decisions.json"]

    report = verify(worked.manifest, worked.artifacts)

    assert report.checked_files == 7
    assert report.errors == (
        "artifact read failed for artifacts/decisions.json: artifact error: unable to read artifact",
        "decision log read failed: artifact error: unable to read artifact",
    )


def test_a_reader_with_a_limit_is_quoted(worked):
    class Limited:
        def paths(self):
            return worked.artifacts.paths()

        def chunks(self, path):
            if path == "artifacts/packets.json":
                raise ArtifactTooLargeError(path, 2605, 2000)
            yield from worked.artifacts.chunks(path)

    assert verify(worked.manifest, Limited()).errors == (
        "artifact read failed for artifacts/packets.json: artifact too large: artifacts/packets.json (2605 > 2000)",
    )


def test_another_root_hash_is_told(worked):
    manifest = json.loads(worked.manifest)
    manifest["integrity"]["root_hash"]["value"] = "0" * 64
    worked.manifest = canonical(manifest)

    assert errors(worked) == ["root hash mismatch"]


def test_a_repeated_decision_is_told_once(worked):
    decisions = worked.content("artifacts/decisions.json")
    decisions[2]["trigger_id"] = decisions[3]["trigger_id"] = "tick-1"

    assert errors(with_records(worked, "decisions", decisions))[0] == "duplicate decision for trigger tick-1"


def test_a_decision_log_that_cannot_be_decoded_is_told_with_its_place(worked):
    decisions = worked.content("artifacts/decisions.json")
    del decisions[1]["seq"]

    assert errors(with_records(worked, "decisions", decisions)) == ["invalid decision log: [1]: missing field `seq`"]


def test_an_empty_list_of_hashes_does_not_pass_though_its_root_fits(worked):
    manifest = json.loads(worked.manifest)
    manifest["integrity"]["file_hashes"] = []
    worked.manifest = canonical(manifest)

    found = errors(worked.reseal())

    assert "file hash missing for artifacts/decisions.json" in found


def test_anchors_are_checked_against_the_policy_of_the_manifest(worked):
    policy = {
        "providers": [
            {"provider_id": "clock", "requirement": {"anchor_type": "trigger_time_unix_millis", "required_fields": []}},
            {"provider_id": "board", "requirement": {"anchor_type": "x", "required_fields": []}},
        ]
    }

    found = errors(with_manifest(worked, anchor_policy=policy))

    assert found == [
        f"anchor invalid for condition {condition} (trigger {trigger}, stage intake): {why}"
        for trigger in ("tick-1", "next-1")
        for condition, why in (
            ("blocked", "missing evidence_anchor"),
            ("after_freeze", "anchor_value must be a JSON object"),
        )
    ]


def test_evidence_of_a_condition_that_the_scenario_lacks_is_told(worked):
    spec = worked.content("artifacts/scenario_spec.json")
    spec["conditions"] = [each for each in spec["conditions"] if each["condition_id"] != "after_freeze"]
    worked.artifacts.files["artifacts/scenario_spec.json"] = canonical(spec)
    policy = {"providers": [{"provider_id": "x", "requirement": {"anchor_type": "x", "required_fields": []}}]}

    found = errors(with_manifest(worked.reseal(), anchor_policy=policy))

    assert found[0] == "condition after_freeze missing from scenario spec (trigger tick-1, stage intake)"


def test_an_unreadable_scenario_is_told_by_the_anchor_check_in_its_words(worked):
    del worked.artifacts.files["artifacts/scenario_spec.json"]
    policy = {"providers": [{"provider_id": "x", "requirement": {"anchor_type": "x", "required_fields": []}}]}

    found = errors(with_manifest(worked, anchor_policy=policy))

    assert found == [
        "artifact read failed for artifacts/scenario_spec.json: artifact error: unable to read artifact",
        "scenario spec read failed: artifact error: unable to read artifact",
    ]


def test_a_file_that_the_manifest_does_not_list_is_told(worked):
    worked.artifacts.files["artifacts/extra.json"] = b"{}"

    assert errors(worked) == ["unexpected file artifacts/extra.json"]


def test_a_manifest_written_otherwise_is_told(worked):
    worked.manifest = json.dumps(json.loads(worked.manifest), indent=1).encode()

    assert errors(worked) == ["manifest is not canonical"]


def test_another_run_in_the_manifest_is_told_for_every_record(worked):
    found = errors(with_manifest(worked, run_id="run-x"))

    assert "artifacts/triggers.json record 1: run_id is run-2025-10, expected run-x" in found
    assert "artifacts/packets.json record 3: run_id is run-2025-10, expected run-x" in found
    assert "artifacts/submissions.json record 1: run_id is run-2025-10, expected run-x" in found


def test_a_record_written_otherwise_is_told(worked):
    path = "artifacts/submissions.json"
    worked.artifacts.files[path] = worked.artifacts.files[path].replace(b'"size":1}', b'"size":1.0}')

    assert errors(worked.reseal())[0] == "artifacts/submissions.json record 1 is not canonical"


def test_an_unknown_key_in_a_record_is_told(worked):
    submissions = worked.content("artifacts/submissions.json")
    submissions[0]["note"] = "x"

    assert "artifacts/submissions.json record 1 is not canonical" in errors(
        with_records(worked, "submissions", submissions)
    )


def test_an_erased_record_is_told_as_such_and_nothing_is_said_about_what_it_held(worked):
    submissions = worked.content("artifacts/submissions.json")
    submissions[0] = {"erased": {"reason": "retention"}}

    assert errors(with_records(worked, "submissions", submissions)) == [
        "artifacts/submissions.json record 1 was erased"
    ]


def test_another_evidence_value_is_told_though_all_hashes_of_files_fit(worked):
    gate_evals = worked.content("artifacts/gate_evals.json")
    gate_evals[0]["evidence"][2]["result"]["value"]["value"] = 5

    assert errors(with_records(worked, "gate_evals", gate_evals)) == [
        "artifacts/gate_evals.json record 1: evidence hash mismatch for condition tests_ok"
    ]


def test_another_spec_hash_than_that_of_the_scenario_is_told(worked):
    other = {"algorithm": "sha256", "value": "0" * 64}

    assert errors(with_manifest(worked, spec_hash=other)) == ["spec hash mismatch"]


def test_a_step_without_its_gate_evaluations_is_told(worked):
    gate_evals = [each for each in worked.content("artifacts/gate_evals.json") if each["trigger_id"] != "next-1"]

    assert errors(with_records(worked, "gate_evals", gate_evals)) == [
        "decision 3 was made without evaluating the gates of stage intake"
    ]


def test_a_trigger_without_decision_is_told(worked):
    decisions = worked.content("artifacts/decisions.json")[:-1]

    assert "trigger evt-1 has no decision" in errors(with_records(worked, "decisions", decisions))


def test_a_call_whose_answer_was_never_recorded_is_told(worked):
    calls = worked.content("artifacts/tool_calls.json")
    calls[4]["response_hash"]["value"] = "0" * 64

    assert errors(with_records(worked, "tool_calls", calls)) == ["tool call 5 answers what was never recorded"]


def test_a_pack_without_any_transcript_passes_and_one_with_a_part_of_it_does_not(worked):
    """Contract §8.2 looks at none; deviation S9 checks the hashes that are there."""
    calls = worked.content("artifacts/tool_calls.json")

    assert errors(with_records(worked.copy(), "tool_calls", [])) == []
    assert errors(with_records(worked.copy(), "tool_calls", calls[:1])) == [
        "no tool call asked for trigger evt-1",
        "no tool call asked for submission sub-1",
    ]


def test_a_report_that_says_otherwise_is_told(worked):
    worked.artifacts.files["artifacts/verifier_report.json"] = canonical(
        {"status": "fail", "checked_files": 7, "errors": ["root hash mismatch"]}
    )

    assert errors(worked.reseal()) == ["verifier report does not say that the pack passed"]


def test_many_problems_are_counted_and_the_first_are_named(worked):
    trigger = worked.content("artifacts/triggers.json")[3]

    found = errors(with_records(worked, "triggers", [trigger] * 300))

    assert len(found) == MAX_PROBLEMS + 1
    assert found[-1] == "204 more problems"


def test_a_pack_that_cannot_be_listed_raises(worked):
    class Unlisted:
        def paths(self):
            raise ArtifactError("unable to resolve runpack root")

        def chunks(self, path):
            yield from worked.artifacts.chunks(path)

    with pytest.raises(ArtifactError):
        verify(worked.manifest, Unlisted())
