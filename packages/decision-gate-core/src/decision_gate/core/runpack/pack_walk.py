"""Read all files of a run pack once, side by side, and collect what is wrong (contract §8.2, deviation S9)."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from decision_gate.core.engine import EngineSettings, ScenarioPlan
from decision_gate.core.model import (
    DecisionRecord,
    GateEvalRecord,
    RunpackManifest,
    RunStatus,
    ScenarioSpec,
    SubmissionRecord,
    VerificationReport,
    VerificationStatus,
)
from decision_gate.core.ports import ArtifactReader
from decision_gate.core.runpack import log_checks
from decision_gate.core.runpack.anchor_checks import AnchorCheck
from decision_gate.core.runpack.evaluations import EvaluationReader
from decision_gate.core.runpack.layout import (
    DECISIONS,
    GATE_EVALS,
    LOGS,
    PACKETS,
    REPORT,
    REQUIRED,
    SPEC,
    SUBMISSIONS,
    TOOL_CALLS,
    TRIGGERS,
    LogArtifact,
)
from decision_gate.core.runpack.layout_checks import expected_artifacts
from decision_gate.core.runpack.pack_file import Entry, PackFile, Shortcut
from decision_gate.core.runpack.problems import Problems
from decision_gate.core.runpack.step_checks import RunWalk
from decision_gate.core.runpack.steps import RecordedStep, StepMismatchError, recorded_steps
from decision_gate.core.runpack.transcript import step_calls, submission_calls, transcript_problems
from decision_gate.core.runpack.usual_records import usual_call, usual_hold, usual_trigger

MAX_EVIDENCE_HASHES: Final = 1_000
"""How many distinct evidence hashes are remembered."""

_STEP_LOGS = (TRIGGERS, GATE_EVALS, DECISIONS, PACKETS)
_ITS_REPORT = VerificationReport(status=VerificationStatus.PASS, checked_files=len(REQUIRED), errors=())


class PackWalk:
    """One reading of a pack: ``read`` it first; the other methods tell what it met."""

    def __init__(self, manifest: RunpackManifest, reader: ArtifactReader) -> None:
        self._manifest = manifest
        self._reader = reader
        self._files = {artifact.path: PackFile(reader, artifact.path) for artifact in expected_artifacts(manifest)}
        self._anchor_check: AnchorCheck | None = None
        self._run: RunWalk | None = None
        self._duplicate: str | None = None
        self._anchors: list[str] = []
        self._evidence: dict[str, None] = {}
        self._of_scenario = Problems()
        self._of_records = Problems()
        self._of_steps = Problems()
        self._of_transcript = Problems()
        self._of_report: list[str] = []

    @property
    def status(self) -> RunStatus | None:
        """Where the run stands after its last decision, none when its steps could not all be read."""
        return self._run.status if self._run is not None and self._are_whole(*_STEP_LOGS) else None

    @property
    def evidence(self) -> tuple[str, ...]:
        """The distinct hashes of recorded evidence in order of appearance, at most ``MAX_EVIDENCE_HASHES``."""
        return tuple(self._evidence)

    def file(self, path: str) -> PackFile:
        """Return one file, read to its end; one that the layout does not know is read now."""
        if path not in self._files:
            self._files[path] = PackFile(self._reader, path)
            self._files[path].finish()
        return self._files[path]

    def digests(self) -> dict[str, str]:
        """Return the digest of every file that could be read."""
        return {path: file.sha256 for path, file in self._files.items() if file.sha256 is not None}

    def read(self) -> None:
        """Read every file of the layout once and run all checks."""
        self._read_spec()
        decided: set[str] = set()
        submitted: set[str] = set()
        manifest = self._manifest
        triggers = self._entries(TRIGGERS, lambda entry: log_checks.trigger_problems(entry, manifest), usual_trigger)
        evaluations = EvaluationReader()
        gate_evals = self._entries(
            GATE_EVALS, lambda entry: self._gate_eval_problems(entry, evaluations), evaluations.read
        )
        decisions = self._entries(DECISIONS, lambda entry: self._decision_problems(entry, decided), usual_hold)
        packets = self._entries(PACKETS, lambda entry: log_checks.packet_problems(entry, manifest))
        submissions = self._entries(SUBMISSIONS, lambda entry: self._submission_problems(entry, submitted))
        calls = self._entries(TOOL_CALLS, log_checks.tool_call_problems, usual_call)
        steps = self._checked_steps(recorded_steps(triggers, gate_evals, decisions, packets))
        self._of_transcript.extend(
            transcript_problems(calls, step_calls(steps), submission_calls(submissions, manifest), manifest)
        )
        for unread in (steps, triggers, gate_evals, decisions, packets, submissions):
            deque(unread, maxlen=0)
        self._read_report()
        for file in self._files.values():
            file.finish()

    def contract_problems(self) -> Iterator[str]:
        """Yield what contract §8.2 points 5 and 6 find."""
        decisions = self._files[DECISIONS.path]
        if decisions.read_problem is not None:
            yield f"decision log read failed: {decisions.read_problem}"
        elif decisions.format_problem is not None:
            yield f"invalid decision log: {decisions.format_problem}"
        elif self._duplicate is not None:
            yield f"duplicate decision for trigger {self._duplicate}"
        if not self._has_anchor_policy:
            return
        for artifact, name in ((SPEC, "scenario spec"), (GATE_EVALS, "gate eval log")):
            file = self._files[artifact.path]
            if file.read_problem is not None:
                yield f"{name} read failed: {file.read_problem}"
                return
            if file.format_problem is not None:
                yield f"invalid {name}: {file.format_problem}"
                return
        yield from self._anchors

    def further_problems(self) -> Problems:
        """Return what the other checks find; follow-up problems of unreadable logs are left out."""
        found = Problems()
        found.absorb(self._of_scenario)
        for log in LOGS:
            found.extend(self._log_problems(log))
        found.absorb(self._of_records)
        if self._are_whole(*_STEP_LOGS):
            found.absorb(self._of_steps)
            if self._are_whole(SUBMISSIONS, TOOL_CALLS):
                found.absorb(self._of_transcript)
        found.extend(self._of_report)
        return found

    @property
    def _has_anchor_policy(self) -> bool:
        return self._manifest.anchor_policy is not None and bool(self._manifest.anchor_policy.providers)

    def _are_whole(self, *logs: LogArtifact) -> bool:
        return all(self._files[log.path].is_whole for log in logs)

    def _read_spec(self) -> None:
        file = self._files[SPEC.path]
        spec = file.whole(ScenarioSpec)
        file.finish()
        found = self._of_scenario
        if file.format_problem is not None and not self._has_anchor_policy:
            found.add(f"invalid scenario spec: {file.format_problem}")
        if file.erased is not None:
            found.add(f"{SPEC.path} was erased")
        if file.not_canonical is not None:
            found.add(f"{SPEC.path} is not canonical")
        if file.sha256 is not None and file.sha256 != self._manifest.spec_hash.value:
            found.add("spec hash mismatch")
        if spec is None:
            return
        for field in ("scenario_id", "namespace_id"):
            if getattr(spec, field) != getattr(self._manifest, field):
                found.add(
                    f"{field} of the scenario spec is {getattr(spec, field)}, "
                    f"the manifest says {getattr(self._manifest, field)}"
                )
        if not spec.stages:
            found.add("invalid scenario spec: scenario spec must define at least one stage")
            return
        plan = ScenarioPlan(spec=spec, spec_hash=self._manifest.spec_hash.value, settings=EngineSettings())
        self._run = RunWalk(plan, self._manifest.run_id)
        if self._manifest.anchor_policy is not None and self._manifest.anchor_policy.providers:
            self._anchor_check = AnchorCheck(self._manifest.anchor_policy, spec)

    def _read_report(self) -> None:
        """The report inside a pack is that of its seven other artifacts, which must have passed."""
        file = self._files.get(REPORT.path)
        if file is None:
            return
        report = file.whole(VerificationReport)
        if file.format_problem is not None:
            self._of_report.append(f"invalid verifier report: {file.format_problem}")
        if file.not_canonical is not None:
            self._of_report.append(f"{REPORT.path} is not canonical")
        if report is not None and report != _ITS_REPORT:
            self._of_report.append("verifier report does not say that the pack passed")

    def _entries(
        self,
        log: LogArtifact,
        problems: Callable[[Entry[Any]], Iterable[str]],
        read: Shortcut[Any] | None = None,
    ) -> Iterator[Entry[Any]]:
        """Yield the records of a log, each checked by itself."""
        for entry in self._files[log.path].entries(log.record, read):
            for problem in problems(entry):
                self._of_records.add(f"{log.path} record {entry.position}: {problem}")
            yield entry

    def _checked_steps(self, steps: Iterator[RecordedStep]) -> Iterator[RecordedStep]:
        try:
            for step in steps:
                if self._run is not None:
                    self._of_steps.extend(self._run.problems(step))
                yield step
        except StepMismatchError as error:
            self._of_steps.add(str(error))

    def _decision_problems(self, entry: Entry[DecisionRecord], decided: set[str]) -> Iterator[str]:
        trigger_id = entry.record.trigger_id
        if trigger_id in decided and self._duplicate is None:
            self._duplicate = trigger_id
        decided.add(trigger_id)
        yield from log_checks.decision_problems(entry)

    def _gate_eval_problems(self, entry: Entry[GateEvalRecord], evaluations: EvaluationReader) -> Iterator[str]:
        if self._anchor_check is not None:
            self._anchors += self._anchor_check.problems(entry.record)
        for evidence in entry.record.evidence:
            if evidence.result.evidence_hash is not None and len(self._evidence) < MAX_EVIDENCE_HASHES:
                self._evidence[evidence.result.evidence_hash.value] = None
        if not evaluations.is_sound(entry.record):
            yield from filter(None, map(log_checks.evidence_problem, entry.record.evidence))

    def _submission_problems(self, entry: Entry[SubmissionRecord], submitted: set[str]) -> Iterator[str]:
        submission_id = entry.record.submission_id
        if submission_id in submitted:
            yield f"duplicate submission {submission_id}"
        submitted.add(submission_id)
        yield from log_checks.submission_problems(entry, self._manifest)

    def _log_problems(self, log: LogArtifact) -> Iterator[str]:
        file = self._files[log.path]
        is_told = log is DECISIONS or (log is GATE_EVALS and self._has_anchor_policy)
        if file.format_problem is not None and not is_told:
            yield f"invalid {log.name}: {file.format_problem}"
        if file.erased is not None:
            yield f"{log.path} record {file.erased} was erased"
        if file.not_canonical is not None:
            yield f"{log.path} record {file.not_canonical} is not canonical"
