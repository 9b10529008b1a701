"""Replay a run pack: derive every comparison, gate and route again from the recorded evidence.

Hashes show that nobody edited the record; a replay shows that the engine followed the policy. It looks at nothing but
the pack, reads it once and in constant memory, and stops at the first step that does not follow from its evidence.
"""

from collections.abc import Iterable

import attrs

from decision_gate.core.engine import EngineSettings, ScenarioPlan
from decision_gate.core.errors import CallerError
from decision_gate.core.model import (
    AdvanceOutcome,
    DecisionRecord,
    EvidenceAnchorPolicy,
    GateEvalRecord,
    PacketRecord,
    RunpackManifest,
    ScenarioSpec,
    StartOutcome,
    TriggerRecord,
    TrustLane,
)
from decision_gate.core.ports import ArtifactReader
from decision_gate.core.runpack.layout import DECISIONS, GATE_EVALS, PACKETS, SPEC, TRIGGERS
from decision_gate.core.runpack.manifest import read_manifest
from decision_gate.core.runpack.pack_file import PackFile
from decision_gate.core.runpack.rederive import Difference, differences
from decision_gate.core.runpack.steps import RecordedStep, StepMismatchError, recorded_steps
from decision_gate.core.timestamps import Timestamp


@attrs.frozen(kw_only=True)
class Divergence:
    """The first place where the record is not what the evidence gives."""

    decision_id: str
    trigger_id: str
    stage_id: str
    place: str
    recorded: str
    derived: str

    def __str__(self) -> str:
        """Say it in one line."""
        where = f"{self.decision_id} (trigger {self.trigger_id}, stage {self.stage_id})"
        return f"{where}: {self.place}: recorded {self.recorded}, derived {self.derived}"


@attrs.frozen(kw_only=True)
class ReplayReport:
    """How many steps follow from their evidence, and the first that does not, if any.

    ``knows_lanes`` says whether the lanes were judged by the settings of the engine, given by the caller, or taken from
    the record where the scenario leaves them open.
    """

    steps: int
    knows_lanes: bool
    divergence: Divergence | None = None

    @property
    def is_faithful(self) -> bool:
        """Whether every step follows from its evidence."""
        return self.divergence is None


class UnreplayableError(CallerError):
    """The pack cannot be read as a run, so there is nothing to replay; ``verify`` says more."""

    code = "unreplayable"


def replay(manifest: bytes, reader: ArtifactReader, *, settings: EngineSettings | None = None) -> ReplayReport:
    """Derive every step of a pack again.

    *settings* are those of the engine that made the pack, if they are known; its anchor policy is taken from the
    manifest in any case. Verify the pack first: a replay takes the files as they are.

    Raises:
        InvalidManifestError: *manifest* is not a manifest.
        UnreplayableError: The scenario or the logs cannot be read, or do not belong together.
    """
    record = read_manifest(manifest)
    triggers, gate_evals, decisions, packets = files = [
        PackFile(reader, log.path) for log in (TRIGGERS, GATE_EVALS, DECISIONS, PACKETS)
    ]
    steps = recorded_steps(
        triggers.entries(TriggerRecord),
        gate_evals.entries(GateEvalRecord),
        decisions.entries(DecisionRecord),
        packets.entries(PacketRecord),
    )
    plan = _plan(record, reader, settings)
    run = _Replay(plan=plan, knows_lanes=settings is not None, stage_id=plan.spec.stages[0].stage_id)
    try:
        for step in steps:
            divergence = run.step(step)
            if divergence is not None:
                # A log that broke off explains what is missing after it.
                _demand_whole(files)
                return ReplayReport(steps=run.steps, knows_lanes=run.knows_lanes, divergence=divergence)
    except StepMismatchError as error:
        _demand_whole(files)
        raise UnreplayableError(str(error)) from error
    _demand_whole(files)
    return ReplayReport(steps=run.steps, knows_lanes=run.knows_lanes)


@attrs.define(kw_only=True)
class _Replay:
    """Follows a run from step to step."""

    plan: ScenarioPlan
    knows_lanes: bool
    stage_id: str
    entered_at: Timestamp | None = None
    steps: int = 0

    def step(self, step: RecordedStep) -> Divergence | None:
        """Derive one step; move on as it says, or return where it differs."""
        found = differences(self.plan, step, self.stage_id, self.entered_at, knows_lanes=self.knows_lanes)
        first = next(found, None)
        if first is not None:
            return _divergence(step.decision.record, first)
        self.steps += 1
        decision = step.decision.record
        match decision.outcome:
            case AdvanceOutcome(to_stage=target):
                self.stage_id = target
                self.entered_at = decision.decided_at
            case StartOutcome():
                self.entered_at = decision.decided_at
            case _:
                pass
        return None


def _divergence(decision: DecisionRecord, difference: Difference) -> Divergence:
    return Divergence(
        decision_id=decision.decision_id,
        trigger_id=decision.trigger_id,
        stage_id=decision.stage_id,
        place=difference.place,
        recorded=difference.recorded,
        derived=difference.derived,
    )


def _plan(manifest: RunpackManifest, reader: ArtifactReader, settings: EngineSettings | None) -> ScenarioPlan:
    file = PackFile(reader, SPEC.path)
    spec = file.whole(ScenarioSpec)
    file.finish()
    _demand_whole([file])
    if spec is None or not spec.stages:
        raise UnreplayableError("the scenario has no stages")
    # The weakest lane leaves what the scenario itself demands.
    base = settings if settings is not None else EngineSettings(min_lane=TrustLane.ASSERTED)
    policy = manifest.anchor_policy if manifest.anchor_policy is not None else EvidenceAnchorPolicy()
    return ScenarioPlan(
        spec=spec, spec_hash=manifest.spec_hash.value, settings=attrs.evolve(base, anchor_policy=policy)
    )


def _demand_whole(files: Iterable[PackFile]) -> None:
    for file in files:
        if not file.is_whole:
            reason = file.read_problem or file.format_problem or f"record {file.erased} was erased"
            raise UnreplayableError(f"{file.path}: {reason}")
