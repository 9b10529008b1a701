"""Where a stage leads (contract §6.5, §6.8, deviation S3)."""

from collections.abc import Mapping, Sequence
from typing import assert_never

import attrs

from decision_gate.core.engine.errors import GateResolutionError
from decision_gate.core.logic import TriState
from decision_gate.core.model import (
    BranchAdvance,
    BranchRule,
    FixedAdvance,
    GateEvaluation,
    GateOutcome,
    LinearAdvance,
    ScenarioSpec,
    StageSpec,
    TerminalAdvance,
    TimeoutPolicy,
)

_OUTCOMES = {
    TriState.TRUE: GateOutcome.TRUE,
    TriState.FALSE: GateOutcome.FALSE,
    TriState.UNKNOWN: GateOutcome.UNKNOWN,
}


@attrs.frozen(kw_only=True)
class Hold:
    """Stay; ``unmet_gates`` in the order of the scenario."""

    unmet_gates: tuple[str, ...]


@attrs.frozen(kw_only=True)
class Advance:
    """Go to a stage; ``timeout`` says that a deadline did it."""

    to_stage: str
    timeout: bool


@attrs.frozen(kw_only=True)
class Complete:
    """The run is complete."""


@attrs.frozen(kw_only=True)
class Fail:
    """The run failed."""

    reason: str


Route = Hold | Advance | Complete | Fail


def route(spec: ScenarioSpec, stage: StageSpec, gates: Sequence[GateEvaluation]) -> Route:
    """Return where *stage* leads with its *gates* evaluated; without gates they are all true.

    Raises:
        GateResolutionError: All gates are true, no branch matches and there is no default.
    """
    outcomes = {gate.gate_id: gate.status for gate in gates}
    unmet = tuple(gate.gate_id for gate in gates if gate.status is not TriState.TRUE)
    if not unmet:
        return _onward(next_stage(spec, stage, outcomes), timeout=False)
    if isinstance(stage.advance_to, BranchAdvance) and stage.advance_to.route_unmet:
        for rule in stage.advance_to.branches:
            if rule.outcome is not GateOutcome.TRUE and _matches(rule, outcomes):
                return Advance(to_stage=rule.next_stage_id, timeout=False)
    return Hold(unmet_gates=unmet)


def route_timeout(spec: ScenarioSpec, stage: StageSpec) -> Route:
    """Return where *stage* leads after its deadline.

    Raises:
        GateResolutionError: No branch matches and there is no default.
    """
    if stage.on_timeout is TimeoutPolicy.FAIL:
        return Fail(reason="timeout")
    outcome = TriState.TRUE if stage.on_timeout is TimeoutPolicy.ADVANCE_WITH_FLAG else TriState.UNKNOWN
    outcomes = {gate.gate_id: outcome for gate in stage.gates}
    return _onward(next_stage(spec, stage, outcomes), timeout=True)


def next_stage(spec: ScenarioSpec, stage: StageSpec, outcomes: Mapping[str, TriState]) -> str | None:
    """Return the stage after *stage*, none when the run is then complete; a gate of another stage counts as unknown.

    Raises:
        GateResolutionError: No branch matches and there is no default.
    """
    match stage.advance_to:
        case LinearAdvance():
            stages = [each.stage_id for each in spec.stages]
            following = stages.index(stage.stage_id) + 1
            return stages[following] if following < len(stages) else None
        case FixedAdvance(stage_id=target):
            return target
        case BranchAdvance(branches=branches, default=default):
            for rule in branches:
                if _matches(rule, outcomes):
                    return rule.next_stage_id
            if default is None:
                raise GateResolutionError("no branch matched")
            return default
        case TerminalAdvance():
            return None
        case _ as never:
            assert_never(never)


def _matches(rule: BranchRule, outcomes: Mapping[str, TriState]) -> bool:
    return _OUTCOMES[outcomes.get(rule.gate_id, TriState.UNKNOWN)] is rule.outcome


def _onward(target: str | None, *, timeout: bool) -> Route:
    return Complete() if target is None else Advance(to_stage=target, timeout=timeout)
