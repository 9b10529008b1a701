"""What must hold between the records of one step, and between a step and the scenario (deviation S9).

This is the shape of a run: which stage a step was decided in, which gates and conditions it had to look at,
which packets it issued. Whether the comparators and gates were right is for ``replay``.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from decision_gate.core.engine import (
    Packet,
    PayloadTooLargeError,
    ScenarioPlan,
    StagePlan,
    TimeKindMismatchError,
    TimeoutCalculationError,
    envelopes,
    expired,
)
from decision_gate.core.engine.errors import GateResolutionError, UnknownStageError
from decision_gate.core.model import (
    AdvanceOutcome,
    CompleteOutcome,
    DecisionOutcome,
    DecisionRecord,
    FailOutcome,
    GateEvalRecord,
    HoldOutcome,
    RunStatus,
    StageSpec,
    StartOutcome,
    TriggerKind,
)
from decision_gate.core.runpack.steps import RecordedStep, is_initial

if TYPE_CHECKING:
    from decision_gate.core.timestamps import Timestamp


class RunWalk:
    """Follows a run from step to step; ``status`` is where it stands after the last one."""

    def __init__(self, plan: ScenarioPlan, run_id: str) -> None:
        self._plan = plan
        self._run_id = run_id
        self._stage_id = plan.spec.stages[0].stage_id
        self._entered_at: Timestamp | None = None
        self.status = RunStatus.ACTIVE

    def problems(self, step: RecordedStep) -> Iterator[str]:
        """Yield what is wrong with *step*, then move on as its decision says."""
        decision = step.decision.record
        place = f"decision {step.decision.position}"
        event = step.trigger.record.event
        if self.status is not RunStatus.ACTIVE:
            yield f"{place} follows the end of the run"
        if decision.stage_id != self._stage_id:
            yield f"{place} is of stage {decision.stage_id}, expected {self._stage_id}"
        if decision.decided_at != event.time:
            yield f"{place} has another time than its trigger"
        if decision.correlation_id != event.correlation_id:
            yield f"{place} has another correlation_id than its trigger"
        for problem in self._outcome_problems(decision):
            yield f"{place} {problem}"
        if isinstance(decision.outcome, StartOutcome) and not is_initial(event):
            yield f"{place} starts the run by another trigger than the engine's own"
        try:
            stage = self._plan.stage(decision.stage_id)
            is_over = self._is_over(step, stage.spec)
        except (UnknownStageError, GateResolutionError, TimeKindMismatchError, TimeoutCalculationError) as error:
            yield f"{place}: {error}"
        else:
            yield from _gate_problems(step, stage, is_over=is_over)
        yield from self._packet_problems(step)
        self._move(decision)

    def _is_over(self, step: RecordedStep, stage: StageSpec) -> bool | None:
        """Tell whether a tick found the stage over; None when the pack does not say when the run came there.

        That is the first stage of a run that started without issuing packets (contract §6.2, §8.1).
        """
        event = step.trigger.record.event
        if self._entered_at is not None:
            return expired(stage, self._entered_at, event.kind, event.time)
        may_be_over = event.kind is TriggerKind.TICK and stage.timeout is not None
        return None if may_be_over and _may_be_a_timeout(step.decision.record.outcome) else False

    @staticmethod
    def _outcome_problems(decision: DecisionRecord) -> Iterator[str]:
        if isinstance(decision.outcome, StartOutcome) and decision.seq != 1:
            yield "starts the run again"
        named = _stage_named(decision.outcome)
        if named is not None and named != decision.stage_id:
            yield f"names stage {named} in its outcome, expected {decision.stage_id}"

    def _packet_problems(self, step: RecordedStep) -> Iterator[str]:
        """Compare the packets with what the scenario issues when the stage is entered (contract §6.7)."""
        decision = step.decision.record
        entered = _entered(decision)
        try:
            expected = () if entered is None else self._issued(entered, decision)
        except (PayloadTooLargeError, UnknownStageError, GateResolutionError) as error:
            yield f"decision {step.decision.position}: {error}"
            return
        found = [entry.record for entry in step.packets]
        if [(packet.envelope, packet.payload) for packet in expected] != [
            (packet.envelope, packet.payload) for packet in found
        ]:
            yield f"decision {step.decision.position} did not issue the packets of stage {entered}"

    def _issued(self, stage_id: str, decision: DecisionRecord) -> Sequence[Packet]:
        return envelopes(
            self._plan.spec,
            self._plan.stage(stage_id).spec,
            run_id=self._run_id,
            issued_at=decision.decided_at,
            correlation_id=decision.correlation_id,
        )

    def _move(self, decision: DecisionRecord) -> None:
        match decision.outcome:
            case AdvanceOutcome(to_stage=target):
                self._stage_id = target
                self._entered_at = decision.decided_at
            case CompleteOutcome():
                self.status = RunStatus.COMPLETED
            case FailOutcome():
                self.status = RunStatus.FAILED
            case StartOutcome():
                self._entered_at = decision.decided_at
            case HoldOutcome():
                pass


def status_after(decision: DecisionRecord) -> RunStatus:
    """Return the status of a run after *decision*."""
    match decision.outcome:
        case CompleteOutcome():
            return RunStatus.COMPLETED
        case FailOutcome():
            return RunStatus.FAILED
        case StartOutcome() | HoldOutcome() | AdvanceOutcome():
            return RunStatus.ACTIVE


def _stage_named(outcome: DecisionOutcome) -> str | None:
    match outcome:
        case StartOutcome(stage_id=stage_id) | CompleteOutcome(stage_id=stage_id):
            return stage_id
        case AdvanceOutcome(from_stage=stage_id):
            return stage_id
        case HoldOutcome() | FailOutcome():
            return None


def _may_be_a_timeout(outcome: DecisionOutcome) -> bool:
    """Tell whether a stage that is over can have this outcome: it never holds, and says that it advanced by time."""
    match outcome:
        case AdvanceOutcome(timeout=timeout):
            return timeout
        case HoldOutcome() | StartOutcome():
            return False
        case CompleteOutcome() | FailOutcome():
            return True


def _entered(decision: DecisionRecord) -> str | None:
    match decision.outcome:
        case StartOutcome(stage_id=stage_id) | AdvanceOutcome(to_stage=stage_id):
            return stage_id
        case _:
            return None


def _gate_problems(step: RecordedStep, stage: StagePlan, *, is_over: bool | None) -> Iterator[str]:
    """Every gate of the stage was evaluated once, in order, on the conditions of its tree; or the deadline spared it.

    A start looks at no evidence either (contract §6.2, §6.5).
    """
    place = f"decision {step.decision.position}"
    decision = step.decision.record
    found = [entry.record for entry in step.gate_evals]
    if not found and stage.gates:
        if not step.is_start and is_over is False:
            yield f"{place} was made without evaluating the gates of stage {decision.stage_id}"
        return
    if found and is_over:
        yield f"{place} evaluated the gates of stage {decision.stage_id}, which was over"
        return
    if [each.evaluation.gate_id for each in found] != [gate.spec.gate_id for gate in stage.gates]:
        yield f"{place} did not evaluate the gates of stage {decision.stage_id}"
        return
    for entry, gate in zip(step.gate_evals, stage.gates, strict=True):
        record = entry.record
        where = f"gate evaluation {entry.position}"
        if record.stage_id != decision.stage_id:
            yield f"{where} is of stage {record.stage_id}, expected {decision.stage_id}"
        if tuple([each.condition_id for each in record.evidence]) != gate.evidence_ids:
            yield f"{where} has not the evidence of gate {gate.spec.gate_id}"
        elif tuple([each.condition_id for each in record.evaluation.trace]) != gate.requirement.trace_ids:
            yield f"{where} has not the trace of gate {gate.spec.gate_id}"
        elif not _trace_agrees(record):
            yield f"{where} traces another status than its evidence has"


def _trace_agrees(record: GateEvalRecord) -> bool:
    statuses = {each.condition_id: each.status for each in record.evidence}
    return all(statuses[each.condition_id] is each.status for each in record.evaluation.trace)
