"""Derive one recorded step again from its evidence, through the rooms of the engine, and name where it differs.

The settings of the engine that made a pack are not in the pack, but for the anchor policy. Without them the lane that
the host demanded is taken from the record: asserted evidence that was refused beyond what the scenario demands is
taken to have been refused by the host.
"""

from collections.abc import Iterator, Sequence

import attrs

from decision_gate.core.codec import canonical_record
from decision_gate.core.engine import (
    EvidenceTooLargeError,
    GateResolutionError,
    PayloadTooLargeError,
    Route,
    ScenarioPlan,
    StagePlan,
    TimeKindMismatchError,
    TimeoutCalculationError,
    UnknownStageError,
    anchor_problem,
    content_hash,
    expired,
    judge_results,
    normalise,
    outcome_of,
    route,
    route_timeout,
)
from decision_gate.core.model import (
    AdvanceOutcome,
    DecisionOutcome,
    EvidenceResult,
    FailOutcome,
    GateEvalRecord,
    StageSpec,
    StartOutcome,
    TriggerKind,
    TrustLane,
)
from decision_gate.core.runpack.steps import RecordedStep
from decision_gate.core.timestamps import Timestamp

TRUST_LANE = "trust_lane"
"""Error code of evidence from a lane that a gate does not accept (contract §6.6 point 5)."""

_OUTSIDE_FAILURES = ("policy denied disclosure", "policy decision error: ", "dispatch error: ")
"""How the reason of a decision begins that only the outside world could cause (contract §6.7, §6.8)."""

_SIZE_FAILURE = "payload exceeds size limit ("
"""How the reason of a decision begins whose cause is the scenario itself."""


@attrs.frozen(kw_only=True)
class Difference:
    """One place where the record is not what the evidence gives; both values as they would be written."""

    place: str
    recorded: str
    derived: str


def differences(
    plan: ScenarioPlan, step: RecordedStep, stage_id: str, entered_at: Timestamp | None, *, knows_lanes: bool
) -> Iterator[Difference]:
    """Yield where *step* differs from what follows from its evidence, the run being in *stage_id*.

    Args:
        plan: The scenario under the engine's settings.
        step: What was recorded.
        stage_id: Where the run stood.
        entered_at: When it came there, none when that is not in the pack: the first stage of a run that started
            without issuing packets. Whether a tick found it over is then taken from the record.
        knows_lanes: Whether the settings in *plan* are those of the engine that made the pack.
    """
    decision = step.decision.record
    if decision.stage_id != stage_id:
        yield Difference(place="stage", recorded=decision.stage_id, derived=stage_id)
        return
    if isinstance(decision.outcome, FailOutcome) and step.is_start:
        if not _can_fail(plan.spec.stages[0], decision.outcome.reason):
            yield from _outcome_difference(decision.outcome, StartOutcome(stage_id=stage_id))
        return
    if isinstance(decision.outcome, StartOutcome):
        first = plan.spec.stages[0].stage_id
        yield from _outcome_difference(decision.outcome, StartOutcome(stage_id=first))
        return
    try:
        stage = plan.stage(stage_id)
        if _is_over(stage, step, entered_at):
            if step.gate_evals:
                yield Difference(place="timeout", recorded="gates were evaluated", derived="the stage was over")
                return
            where = route_timeout(plan.spec, stage.spec)
        else:
            found = list(_gate_differences(stage, step, knows_lanes=knows_lanes))
            if found:
                yield from found
                return
            where = route(plan.spec, stage.spec, [entry.record.evaluation for entry in step.gate_evals])
    except (GateResolutionError, UnknownStageError, TimeKindMismatchError, TimeoutCalculationError) as error:
        yield Difference(place="decision", recorded=_text(decision.outcome), derived=str(error))
        return
    yield from _route_differences(plan, stage_id, where, decision.outcome)


def _is_over(stage: StagePlan, step: RecordedStep, entered_at: Timestamp | None) -> bool:
    event = step.trigger.record.event
    if entered_at is not None:
        return expired(stage.spec, entered_at, event.kind, event.time)
    if event.kind is not TriggerKind.TICK or stage.spec.timeout is None:
        return False
    outcome = step.decision.record.outcome
    is_told = isinstance(outcome, AdvanceOutcome) and outcome.timeout
    return (
        is_told
        or (isinstance(outcome, FailOutcome) and not step.gate_evals)
        or bool(stage.gates and not step.gate_evals)
    )


def _gate_differences(stage: StagePlan, step: RecordedStep, *, knows_lanes: bool) -> Iterator[Difference]:
    records = [entry.record for entry in step.gate_evals]
    evaluated = [record.evaluation.gate_id for record in records]
    gates = [gate.spec.gate_id for gate in stage.gates]
    if evaluated != gates:
        yield Difference(place="gates", recorded=", ".join(evaluated), derived=", ".join(gates))
        return
    results: dict[str, EvidenceResult] = {}
    for record in records:
        for evidence in record.evidence:
            as_answered = _without_lane_error(evidence.result)
            earlier = results.setdefault(evidence.condition_id, as_answered)
            if earlier != as_answered:
                yield Difference(
                    place=f"gate {record.evaluation.gate_id}, condition {evidence.condition_id}, evidence",
                    recorded=_text(as_answered),
                    derived=_text(earlier),
                )
    yield from _evidence_differences(stage, results)
    missing = [each.spec.condition_id for each in stage.conditions if each.spec.condition_id not in results]
    if missing:
        yield Difference(place="evidence", recorded="none", derived=f"of condition {missing[0]}")
        return
    judged = judge_results(
        stage if knows_lanes else _with_recorded_lanes(stage, records),
        [results[each.spec.condition_id] for each in stage.conditions],
        step.trigger.record.event.trigger_id,
    )
    for recorded, derived in zip(records, judged, strict=True):
        yield from _record_differences(recorded, derived)


def _evidence_differences(stage: StagePlan, results: dict[str, EvidenceResult]) -> Iterator[Difference]:
    """Evidence must look as the engine leaves it: hashed, cleared of a value beside an error, anchored."""
    for condition in stage.conditions:
        result = results.get(condition.spec.condition_id)
        if result is None:
            continue
        place = f"condition {condition.spec.condition_id}, evidence"
        try:
            normal = normalise(result, None)
        except EvidenceTooLargeError as error:
            yield Difference(place=place, recorded="accepted", derived=str(error))
            continue
        if normal != result:
            yield Difference(place=place, recorded=_text(result), derived=_text(normal))
        elif result.error is None and condition.anchor is not None:
            problem = anchor_problem(result.evidence_anchor, condition.anchor)
            if problem is not None:
                yield Difference(place=place, recorded="accepted", derived=f"anchor_invalid: {problem}")


def _record_differences(recorded: GateEvalRecord, derived: GateEvalRecord) -> Iterator[Difference]:
    gate = f"gate {recorded.evaluation.gate_id}"
    for found, expected in zip(recorded.evidence, derived.evidence, strict=False):
        place = f"{gate}, condition {expected.condition_id}"
        if found.status is not expected.status:
            yield Difference(place=f"{place}, status", recorded=found.status.value, derived=expected.status.value)
        elif found != expected:
            yield Difference(place=f"{place}, evidence", recorded=_text(found.result), derived=_text(expected.result))
    if recorded.evaluation.status is not derived.evaluation.status:
        yield Difference(
            place=f"{gate}, status",
            recorded=recorded.evaluation.status.value,
            derived=derived.evaluation.status.value,
        )
    if recorded != derived:
        yield Difference(place=gate, recorded=_text(recorded), derived=_text(derived))


def _route_differences(
    plan: ScenarioPlan, stage_id: str, where: Route, recorded: DecisionOutcome
) -> Iterator[Difference]:
    derived = outcome_of(stage_id, where)
    if (
        isinstance(recorded, FailOutcome)
        and isinstance(derived, AdvanceOutcome)
        and any(_can_fail(stage, recorded.reason) for stage in plan.spec.stages if stage.stage_id == derived.to_stage)
    ):
        return
    yield from _outcome_difference(recorded, derived)


def _can_fail(stage: StageSpec, reason: str) -> bool:
    """Tell if entering *stage* can fail for *reason*: only packets are denied or lost, only large ones too large."""
    if not reason.startswith(_SIZE_FAILURE):
        return bool(stage.entry_packets) and reason.startswith(_OUTSIDE_FAILURES)
    try:
        for packet in stage.entry_packets:
            content_hash(packet.payload)
    except PayloadTooLargeError:
        return True
    return False


def _outcome_difference(recorded: DecisionOutcome, derived: DecisionOutcome) -> Iterator[Difference]:
    if recorded != derived:
        yield Difference(place="outcome", recorded=_text(recorded), derived=_text(derived))


def _without_lane_error(result: EvidenceResult) -> EvidenceResult:
    """Return the evidence as it was before a gate refused its lane; a value beside this error was kept."""
    if result.error is None or result.error.code != TRUST_LANE or result.lane is not TrustLane.ASSERTED:
        return result
    return attrs.evolve(result, error=None)


def _with_recorded_lanes(stage: StagePlan, records: Sequence[GateEvalRecord]) -> StagePlan:
    """Return *stage* demanding verified evidence where the record says that it was demanded."""
    gates = []
    for gate, record in zip(stage.gates, records, strict=True):
        refused = {
            evidence.condition_id
            for evidence in record.evidence
            if evidence.result.error is not None and evidence.result.error.code == TRUST_LANE
        }
        gates.append(attrs.evolve(gate, needs_verified=gate.needs_verified | refused))
    return attrs.evolve(stage, gates=tuple(gates))


def _text(record: EvidenceResult | GateEvalRecord | DecisionOutcome) -> str:
    return canonical_record(record).decode()
