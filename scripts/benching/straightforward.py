"""A verifier of run packs as one would write it down: whole files, the standard parser, a list of each log.

It makes the checks that ``decision_gate.core.runpack.verify`` makes, with the same record types and scenario plans, and
differs in how: ``json.loads`` reads a file, every record is decoded, ``rfc8785`` writes all of them again to compare
with what was read, and every hash is computed from the record that it belongs to. Where ours says what is wrong and
goes on, this one stops; what it does not look at is what no pack of the benchmark has: reports, tombstones, anchors.
"""

import hashlib
import json
from collections.abc import Callable
from typing import Any, Protocol

import attrs

from decision_gate.core.codec import decode, encode
from decision_gate.core.engine import EngineSettings, ScenarioPlan, StagePlan, envelopes
from decision_gate.core.model import (
    AdvanceOutcome,
    BytesEvidence,
    CompleteOutcome,
    DecisionRecord,
    EvaluationResult,
    ExternalPayload,
    FailOutcome,
    GateEvalRecord,
    HoldOutcome,
    JsonPayload,
    NextRequest,
    PacketPayload,
    PacketRecord,
    RunpackManifest,
    RunStatus,
    ScenarioSpec,
    StartOutcome,
    StatusRequest,
    SubmissionRecord,
    SubmitRequest,
    SubmitResult,
    ToolCallRecord,
    TriggerEvent,
    TriggerKind,
    TriggerRecord,
)
from decision_gate.core.runpack import LOGS, REQUIRED, SPEC

Canonical = Callable[[Any], bytes]


class Folder(Protocol):
    """Where a pack lies."""

    def paths(self) -> frozenset[str]:
        """Return the paths of all files but the manifest."""

    def read(self, path: str) -> bytes:
        """Return the content of one file."""


class RefusedError(Exception):
    """The pack is not what it says."""


def straightforward(manifest: bytes, folder: Folder, canonical: Canonical) -> None:
    """Verify a pack; *canonical* writes JSON as RFC 8785 says.

    Raises:
        RefusedError: Something is wrong with it.
    """
    _Verifier(manifest, folder, canonical).verify()


def _demand(holds: object, what: str) -> None:
    if not holds:
        raise RefusedError(what)


@attrs.frozen
class _Step:
    """A trigger, what came of it, and what a call that made it was answered."""

    trigger: TriggerRecord
    decision: DecisionRecord
    gate_evals: list[GateEvalRecord]
    packets: list[PacketRecord]
    status: RunStatus


class _Verifier:
    def __init__(self, manifest: bytes, folder: Folder, canonical: Canonical) -> None:
        self._stored = manifest
        self._folder = folder
        self._canonical = canonical
        self._manifest: RunpackManifest = decode(RunpackManifest, json.loads(manifest))

    def verify(self) -> None:
        self._check_manifest()
        content = {path: self._folder.read(path) for path in self._folder.paths()}
        for entry in self._manifest.integrity.file_hashes:
            _demand(_sha256(content[entry.path]) == entry.hash.value, f"hash of {entry.path}")
        spec: ScenarioSpec = decode(ScenarioSpec, json.loads(content[SPEC.path]))
        _demand(self._written(spec) == content[SPEC.path], "canonical scenario")
        _demand(_sha256(content[SPEC.path]) == self._manifest.spec_hash.value, "scenario of the run")
        _demand(spec.scenario_id == self._manifest.scenario_id, "scenario_id")
        _demand(spec.namespace_id == self._manifest.namespace_id, "namespace_id")
        records: list[list[Any]] = []
        for log in LOGS:
            of_log = [decode(log.record, value) for value in json.loads(content[log.path])]
            _demand(
                self._canonical([encode(record) for record in of_log]) == content[log.path], f"canonical {log.name}"
            )
            records.append(of_log)
        triggers, gate_evals, decisions, packets, submissions, calls = records
        self._check_triggers(triggers)
        self._check_gate_evals(gate_evals)
        self._check_decisions(decisions)
        self._check_packets(packets)
        self._check_submissions(submissions)
        plan = ScenarioPlan(spec=spec, spec_hash=self._manifest.spec_hash.value, settings=EngineSettings())
        self._check_calls(calls, self._steps(triggers, gate_evals, decisions, packets, plan), submissions)

    def _written(self, record: object) -> bytes:
        return self._canonical(encode(record))

    def _hash(self, record: object) -> str:
        return _sha256(self._written(record))

    def _check_manifest(self) -> None:
        manifest = self._manifest
        hashes = manifest.integrity.file_hashes
        paths = [artifact.path for artifact in REQUIRED]
        _demand(manifest.manifest_version == "v1", "version")
        _demand(self._written(manifest) == self._stored, "canonical manifest")
        _demand([entry.path for entry in hashes] == paths, "paths of the file hashes")
        _demand([each.path for each in manifest.artifacts] == paths, "paths of the artifacts")
        _demand([each.artifact_id for each in manifest.artifacts] == paths, "names of the artifacts")
        _demand([each.kind for each in manifest.artifacts] == [each.kind for each in REQUIRED], "kinds of artifacts")
        _demand([each.hash for each in manifest.artifacts] == [each.hash for each in hashes], "hashes of artifacts")
        _demand(self._hash(hashes) == manifest.integrity.root_hash.value, "root hash")
        _demand(self._folder.paths() == set(paths), "files")

    def _check_triggers(self, triggers: list[TriggerRecord]) -> None:
        manifest = self._manifest
        for position, record in enumerate(triggers, 1):
            _demand(record.seq == position, "seq of a trigger")
            _demand(record.event.run_id == manifest.run_id, "run of a trigger")
            _demand(record.event.tenant_id == manifest.tenant_id, "tenant of a trigger")
            _demand(record.event.namespace_id == manifest.namespace_id, "namespace of a trigger")

    def _check_gate_evals(self, gate_evals: list[GateEvalRecord]) -> None:
        for record in gate_evals:
            for evidence in record.evidence:
                value, digest = evidence.result.value, evidence.result.evidence_hash
                if value is None:
                    continue
                content = value.value if isinstance(value, BytesEvidence) else self._canonical(value.value)
                _demand(digest is not None and digest.value == _sha256(content), "hash of evidence")

    def _check_decisions(self, decisions: list[DecisionRecord]) -> None:
        _demand(len({record.trigger_id for record in decisions}) == len(decisions), "one decision a trigger")
        for position, record in enumerate(decisions, 1):
            _demand(record.seq == position, "seq of a decision")
            _demand(record.decision_id == f"decision-{position}", "name of a decision")

    def _check_packets(self, packets: list[PacketRecord]) -> None:
        for record in packets:
            _demand(record.envelope.run_id == self._manifest.run_id, "run of a packet")
            _demand(record.envelope.scenario_id == self._manifest.scenario_id, "scenario of a packet")
            _demand(record.envelope.content_hash.value == self._content_hash(record.payload), "hash of a packet")

    def _check_submissions(self, submissions: list[SubmissionRecord]) -> None:
        _demand(len({record.submission_id for record in submissions}) == len(submissions), "submissions are different")
        for record in submissions:
            _demand(record.run_id == self._manifest.run_id, "run of a submission")
            _demand(record.content_hash.value == self._content_hash(record.payload), "hash of a submission")

    def _content_hash(self, payload: PacketPayload) -> str:
        if isinstance(payload, ExternalPayload):
            return payload.content_ref.content_hash.value
        return _sha256(self._canonical(payload.value) if isinstance(payload, JsonPayload) else payload.bytes)

    def _steps(
        self,
        triggers: list[TriggerRecord],
        gate_evals: list[GateEvalRecord],
        decisions: list[DecisionRecord],
        packets: list[PacketRecord],
        plan: ScenarioPlan,
    ) -> list[_Step]:
        """Put the steps together and follow the run through them."""
        _demand([each.event.trigger_id for each in triggers] == [each.trigger_id for each in decisions], "pairs")
        steps = []
        stage_id, status = plan.spec.stages[0].stage_id, RunStatus.ACTIVE
        evaluated = issued = 0
        for trigger, decision in zip(triggers, decisions, strict=True):
            first = evaluated
            while evaluated < len(gate_evals) and gate_evals[evaluated].trigger_id == decision.trigger_id:
                evaluated += 1
            first_packet = issued
            while issued < len(packets) and packets[issued].decision_id == decision.decision_id:
                issued += 1
            _demand(status is RunStatus.ACTIVE, "no step after the end")
            _demand(decision.stage_id == stage_id, "stage of a decision")
            _demand(decision.decided_at == trigger.event.time, "time of a decision")
            _demand(decision.correlation_id == trigger.event.correlation_id, "correlation of a decision")
            entered = None
            match decision.outcome:
                case StartOutcome(stage_id=named):
                    _demand(decision.seq == 1 and named == stage_id and _is_initial(trigger), "start")
                    entered = named
                case AdvanceOutcome(from_stage=named, to_stage=entered):
                    _demand(named == stage_id, "stage that is left")
                case CompleteOutcome(stage_id=named):
                    _demand(named == stage_id, "stage that completes")
                    status = RunStatus.COMPLETED
                case FailOutcome():
                    status = RunStatus.FAILED
                case HoldOutcome():
                    pass
            step = _Step(trigger, decision, gate_evals[first:evaluated], packets[first_packet:issued], status)
            _check_gates(step, plan.stage(stage_id))
            self._check_issued(step, entered, plan)
            stage_id = entered or stage_id
            steps.append(step)
        _demand(evaluated == len(gate_evals), "every gate evaluation has a step")
        _demand(issued == len(packets), "every packet has a step")
        return steps

    def _check_issued(self, step: _Step, entered: str | None, plan: ScenarioPlan) -> None:
        expected = entered and envelopes(
            plan.spec,
            plan.stage(entered).spec,
            run_id=self._manifest.run_id,
            issued_at=step.decision.decided_at,
            correlation_id=step.decision.correlation_id,
        )
        _demand(
            [(each.envelope, each.payload) for each in step.packets]
            == [(each.envelope, each.payload) for each in expected or ()],
            "packets of a decision",
        )

    def _check_calls(
        self, calls: list[ToolCallRecord], steps: list[_Step], submissions: list[SubmissionRecord]
    ) -> None:
        """Compute what every call must have asked and been told, and compare; a repeated call repeats an answer."""
        expected: dict[tuple[str, str], tuple[str, object, str | None]] = {}
        unmet: set[str] = set()
        for step in steps:
            answer = self._hash(
                EvaluationResult(decision=step.decision, packets=tuple(step.packets), status=step.status)
            )
            event = step.trigger.event
            told = (answer, event.time, event.correlation_id)
            if isinstance(step.decision.outcome, StartOutcome):
                expected["start", ""] = told
                continue
            expected["scenario.trigger", self._hash(event)] = told
            if event.kind is TriggerKind.AGENT_REQUEST_NEXT and event.payload is None:
                expected["scenario.next", self._hash(_next_request(event))] = told
            if not isinstance(step.decision.outcome, FailOutcome) and not any(each.receipts for each in step.packets):
                unmet.add(answer)
        for record in submissions:
            answer = self._hash(SubmitResult(record=record))
            asked = self._hash(_submit_request(record, self._manifest))
            expected["scenario.submit", asked] = (answer, record.submitted_at, record.correlation_id)
            unmet.add(answer)
        answers = {answer for answer, _, _ in expected.values()}
        for position, call in enumerate(calls, 1):
            _demand(call.call_id == f"call-{position}", "name of a call")
            answer = call.response_hash.value
            if call.error is not None:
                _demand(answer == self._hash(call.error), "error of a call")
            elif call.method == "scenario.status":
                _demand(call.request_hash.value == self._hash(_status_request(call, self._manifest)), "status call")
            elif (told := expected.get((call.method, call.request_hash.value))) is not None:
                _demand(told == (answer, call.called_at, call.correlation_id), "answer of a call")
                unmet.discard(answer)
            else:
                _demand(call.method.startswith("scenario.") and answer in answers, "answer of a repeated call")
        _demand(not unmet, "every step was asked for")


def _check_gates(step: _Step, stage: StagePlan) -> None:
    """Every gate of the stage was evaluated on the conditions of its tree, unless a start or a deadline spared it."""
    if not step.gate_evals and stage.gates:
        is_deadline = step.trigger.event.kind is TriggerKind.TICK and stage.spec.timeout is not None
        _demand(isinstance(step.decision.outcome, StartOutcome) or is_deadline, "evaluated gates")
        return
    evaluated = [each.evaluation.gate_id for each in step.gate_evals]
    _demand(evaluated == [gate.spec.gate_id for gate in stage.gates], "gates")
    for record, gate in zip(step.gate_evals, stage.gates, strict=True):
        statuses = {each.condition_id: each.status for each in record.evidence}
        _demand(record.stage_id == step.decision.stage_id, "stage of a gate evaluation")
        _demand(tuple(statuses) == gate.evidence_ids, "evidence of a gate")
        _demand(tuple(each.condition_id for each in record.evaluation.trace) == gate.requirement.trace_ids, "trace")
        _demand(all(statuses[each.condition_id] is each.status for each in record.evaluation.trace), "traced statuses")


def _is_initial(trigger: TriggerRecord) -> bool:
    event = trigger.event
    made = (event.trigger_id, event.kind, event.source_id, event.payload, event.correlation_id)
    return made == ("init", TriggerKind.EXTERNAL_EVENT, "system", None, None)


def _next_request(event: TriggerEvent) -> NextRequest:
    return NextRequest(
        run_id=event.run_id,
        tenant_id=event.tenant_id,
        namespace_id=event.namespace_id,
        trigger_id=event.trigger_id,
        agent_id=event.source_id,
        time=event.time,
        correlation_id=event.correlation_id,
    )


def _submit_request(record: SubmissionRecord, manifest: RunpackManifest) -> SubmitRequest:
    return SubmitRequest(
        run_id=record.run_id,
        tenant_id=manifest.tenant_id,
        namespace_id=manifest.namespace_id,
        submission_id=record.submission_id,
        payload=record.payload,
        content_type=record.content_type,
        submitted_at=record.submitted_at,
        correlation_id=record.correlation_id,
    )


def _status_request(call: ToolCallRecord, manifest: RunpackManifest) -> StatusRequest:
    return StatusRequest(
        run_id=manifest.run_id,
        tenant_id=manifest.tenant_id,
        namespace_id=manifest.namespace_id,
        requested_at=call.called_at,
        correlation_id=call.correlation_id,
    )


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
