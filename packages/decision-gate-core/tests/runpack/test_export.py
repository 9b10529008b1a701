"""Exports are streamed, cut at one head, and the worked example comes out byte for byte (contract §8.1, §15.3)."""

import hashlib

import attrs
import pytest

from decision_gate.core.codec import decode
from decision_gate.core.json import parse
from decision_gate.core.limits import MAX_JSON_DEPTH
from decision_gate.core.memory import MemoryArtifacts, MemoryRunStore, MemoryScenarioStore
from decision_gate.core.model import (
    AnchorRequirement,
    EvidenceAnchorPolicy,
    JsonPayload,
    ProviderAnchorPolicy,
    RunpackSecurityContext,
    RunStatus,
    VerificationReport,
    VerificationStatus,
)
from decision_gate.core.ports import Log, LogCounts, RunHead, RunKey, ScenarioKey, StoreCorruptError
from decision_gate.core.runpack import ExportRequest, SpecHashMismatchError, export, replay
from decision_gate.core.testing.world import KEY, World, condition, gate, scenario, stage
from decision_gate.core.timestamps import UnixMillis


class Rows:
    """A run store that only reads."""

    def __init__(self, rows):
        self.rows = rows

    def read(self, _key, log, *, after=0, upto=None):
        return iter(self.rows.get(log, [])[after:upto])


def request_for(spec, **counts):
    head = RunHead(
        key=RunKey(42, 7, "run-2025-10"),
        scenario_id="harbor-release",
        owner=None,
        spec_hash=hashlib.sha256(spec).hexdigest(),
        current_stage_id="intake",
        stage_entered_at=UnixMillis(0),
        status=RunStatus.ACTIVE,
        version=1,
        state_version=1,
        counts=LogCounts(**counts),
        digest="0" * 64,
    )
    return ExportRequest(
        spec=spec,
        head=head,
        generated_at=UnixMillis(1760000009000),
        security=RunpackSecurityContext(dev_permissive=False, namespace_authority="dg_registry"),
    )


def rows_of(pack):
    from decision_gate.core.json import canonical  # noqa: PLC0415 - lazy

    return {
        log: [canonical(record) for record in parse(pack.artifacts.files[f"artifacts/{log.value}.json"])]
        for log in Log
        if f"artifacts/{log.value}.json" in pack.artifacts.files
    }


def test_the_worked_example_is_exported_byte_for_byte(worked):
    rows = rows_of(worked)
    request = request_for(
        worked.artifacts.files["artifacts/scenario_spec.json"], **{log.value: len(each) for log, each in rows.items()}
    )
    out = MemoryArtifacts()

    exported = export(request, Rows(rows), out, verify_with=out)

    assert out.files == worked.artifacts.files
    assert out.manifest == exported.manifest_bytes == worked.manifest
    assert exported.root_hash == "433d57085099aa9215f0bd9e0353010e8e1db6553361181f89d543bc7ed2684e"
    assert exported.report == decode(VerificationReport, {"status": "pass", "checked_files": 7, "errors": []})
    assert not exported.exceeds_reference


def test_records_after_the_cut_are_not_exported():
    rows = {Log.TRIGGERS: [b'{"n":1}', b'{"n":2}', b'{"n":3}']}
    out = MemoryArtifacts()

    export(request_for(b"{}", triggers=2), Rows(rows), out)

    assert out.files["artifacts/triggers.json"] == b'[{"n":1},{"n":2}]'
    assert out.files["artifacts/packets.json"] == b"[]"


def test_a_log_shorter_than_its_head_says_is_refused():
    with pytest.raises(StoreCorruptError, match=r"^log triggers of run run-2025-10 holds 1 of 2 records$"):
        export(request_for(b"{}", triggers=2), Rows({Log.TRIGGERS: [b"{}"]}), MemoryArtifacts())


def test_a_scenario_that_the_run_was_not_started_with_is_refused_before_anything_is_written():
    out = MemoryArtifacts()
    request = attrs.evolve(request_for(b"{}"), spec=b'{"a":1}')

    with pytest.raises(SpecHashMismatchError, match="hashing error: run state spec hash mismatch"):
        export(request, Rows({}), out)

    assert out.files == {}


def test_files_are_written_in_the_order_of_the_layout_and_the_manifest_last():
    told = []

    class Sink(MemoryArtifacts):
        def write(self, path, chunks, *, content_type):
            super().write(path, chunks, content_type=content_type)
            told.append((path, content_type))

        def finalize(self, manifest):
            super().finalize(manifest)
            told.append(("manifest", None))

    out = Sink()
    export(request_for(b"{}"), Rows({}), out, verify_with=out)

    names = ("scenario_spec", "triggers", "gate_evals", "decisions", "packets", "submissions", "tool_calls")
    assert told == [
        *((f"artifacts/{name}.json", "application/json") for name in names),
        ("manifest", None),
        ("artifacts/verifier_report.json", "application/json"),
        ("manifest", None),
    ]


def test_an_anchor_policy_that_names_no_provider_is_left_out_of_the_manifest():
    policy = EvidenceAnchorPolicy(
        providers=(
            ProviderAnchorPolicy(
                provider_id="ci", requirement=AnchorRequirement(anchor_type="run", required_fields=("id",))
            ),
        )
    )
    request = request_for(b"{}")

    silent = export(request, Rows({}), MemoryArtifacts())
    telling = export(attrs.evolve(request, anchor_policy=policy), Rows({}), MemoryArtifacts())

    assert (silent.manifest.anchor_policy, telling.manifest.anchor_policy) == (None, policy)
    assert (silent.report, silent.manifest.security) == (None, request.security)


def test_a_failing_report_does_not_abort_the_export():
    out = MemoryArtifacts()

    exported = export(request_for(b"{}", triggers=1), Rows({Log.TRIGGERS: [b"{}"]}), out, verify_with=out)

    assert exported.report.status.value == "fail"
    assert len(exported.manifest.artifacts) == 8


def test_a_long_log_leaves_in_chunks_of_bounded_size():
    sizes = []

    class Sink(MemoryArtifacts):
        def write(self, path, chunks, *, content_type):  # noqa: ARG002 - of the port
            sizes.extend(len(chunk) for chunk in chunks)

    row = b'{"n":"%b"}' % (b"x" * 1000)
    exported = export(request_for(b"{}", triggers=20_000), Rows({Log.TRIGGERS: [row] * 20_000}), Sink())

    assert max(sizes) < 300_000
    assert exported.largest_artifact_bytes == sum(sizes) - len(b"{}") - 5 * len(b"[]")
    assert exported.exceeds_reference


def test_values_as_deep_as_any_way_in_lets_through_are_read_again_exported_verified_and_replayed():
    deep = parse(b"[" * MAX_JSON_DEPTH + b"]" * MAX_JSON_DEPTH)
    runs, scenarios = MemoryRunStore(), MemoryScenarioStore()
    spec = scenario([stage("open", [gate("a", "a")])], [condition("a")])
    world = World.of(spec, runs=runs, scenarios=scenarios)
    world.start(issue=True)
    world.facts.answers["a"] = deep
    for trigger_id in ("t-1", "t-2"):
        world.next(trigger_id)
    world.submit("s-1", JsonPayload(value=deep))
    artifacts = MemoryArtifacts()
    definition = scenarios.get(ScenarioKey(KEY.tenant_id, KEY.namespace_id, "scenario"))
    request = ExportRequest(spec=definition.body, head=runs.head(KEY), generated_at=UnixMillis(1))

    exported = export(request, runs, artifacts, verify_with=artifacts)

    assert exported.report == VerificationReport(status=VerificationStatus.PASS, checked_files=7, errors=())
    assert replay(exported.manifest_bytes, artifacts).is_faithful
    assert [each.evidence[0].result.value.value for each in world.state().gate_evals] == [deep, deep]
    assert world.submit("s-1", JsonPayload(value=deep)) == world.state().submissions[0]
