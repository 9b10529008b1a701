"""A scenario made ready for judging: per stage the questions in order, per gate what decides it (contract §6.6)."""

import hashlib
from collections.abc import Callable, Sequence
from functools import cached_property

import attrs

from decision_gate.core.comparators import ABSENT, Evidence, prepare
from decision_gate.core.engine.errors import GateResolutionError, UnknownStageError
from decision_gate.core.engine.settings import EngineSettings
from decision_gate.core.logic import LogicMode, Plan, TriState, compile_plan, condition_ids, evaluate
from decision_gate.core.model import (
    AnchorRequirement,
    ConditionSpec,
    EvidenceQuery,
    GateSpec,
    GateTraceEntry,
    ScenarioSpec,
    StageSpec,
    TrustLane,
    stricter,
)

# Locals of the module: reading a member of an enumeration costs a look-up in its class.
_TRUE, _FALSE = TriState.TRUE, TriState.FALSE


@attrs.frozen(kw_only=True)
class ConditionPlan:
    """One condition with its comparison prepared."""

    spec: ConditionSpec
    compare: Callable[[Evidence], TriState]
    anchor: AnchorRequirement | None
    lane: TrustLane


@attrs.frozen(kw_only=True)
class GatePlan:
    """One gate: its evidence in record order, its trace, and the lane each condition needs here."""

    spec: GateSpec
    requirement: Plan
    mode: LogicMode
    evidence_ids: tuple[str, ...]
    needs_verified: frozenset[str]
    _leaves: tuple[tuple[str, GateTraceEntry, GateTraceEntry, GateTraceEntry], ...]

    def status(self, statuses: dict[str, TriState]) -> TriState:
        """Return the status of the gate on known statuses."""
        if self.mode is LogicMode.KLEENE:
            return self.requirement.evaluate(*self.requirement.masks(statuses))
        return evaluate(self.spec.requirement, statuses, self.mode).status

    def trace(self, statuses: dict[str, TriState]) -> tuple[GateTraceEntry, ...]:
        """Return the status of every leaf, in tree order with repeats (contract §4.3)."""
        entries = []
        for condition_id, true, false, unknown in self._leaves:
            status = statuses[condition_id]
            entries.append(true if status is _TRUE else false if status is _FALSE else unknown)
        return tuple(entries)


@attrs.frozen(kw_only=True)
class StagePlan:
    """One stage: every condition once, in the order it is asked."""

    spec: StageSpec
    condition_ids: tuple[str, ...]
    conditions: tuple[ConditionPlan, ...]
    queries: tuple[EvidenceQuery, ...]
    gates: tuple[GatePlan, ...]


@attrs.frozen(kw_only=True, eq=False, slots=False)
class ScenarioPlan:
    """A scenario, its hash, and its stages, each planned at first use."""

    spec: ScenarioSpec
    spec_hash: str
    settings: EngineSettings
    _planned: dict[str, StagePlan] = attrs.field(factory=dict, init=False)

    def stage(self, stage_id: str) -> StagePlan:
        """Return the plan of one stage.

        Raises:
            UnknownStageError: The scenario has no such stage.
        """
        planned = self._planned.get(stage_id)
        if planned is None:
            spec = self._stages.get(stage_id)
            if spec is None:
                raise UnknownStageError(stage_id)
            planned = self._planned.setdefault(stage_id, plan_stage(spec, self._conditions, self.settings))
        return planned

    @cached_property
    def queries(self) -> tuple[EvidenceQuery, ...]:
        """The questions of all conditions, in the order of the scenario."""
        return tuple(condition.query for condition in self.spec.conditions)

    @cached_property
    def _stages(self) -> dict[str, StageSpec]:
        return {stage.stage_id: stage for stage in self.spec.stages}

    @cached_property
    def _conditions(self) -> dict[str, ConditionSpec]:
        return {condition.condition_id: condition for condition in self.spec.conditions}


def plan_stage(stage: StageSpec, conditions: dict[str, ConditionSpec], settings: EngineSettings) -> StagePlan:
    """Plan one stage: unique condition ids over its gates, in first-appearance order or seeded.

    Raises:
        GateResolutionError: A gate names a condition that is not defined.
    """
    order: dict[str, None] = {}
    for gate in stage.gates:
        order.update(dict.fromkeys(condition_ids(gate.requirement)))
    for condition_id in order:
        if condition_id not in conditions:
            raise GateResolutionError(condition_id)
    planned = {condition_id: _condition(conditions[condition_id], settings) for condition_id in order}
    asked = _shuffled(list(order), settings.shuffle_seed)
    return StagePlan(
        spec=stage,
        condition_ids=tuple(asked),
        conditions=tuple(planned[condition_id] for condition_id in asked),
        queries=tuple(planned[condition_id].spec.query for condition_id in asked),
        gates=tuple(_gate(gate, planned, settings) for gate in stage.gates),
    )


def _condition(spec: ConditionSpec, settings: EngineSettings) -> ConditionPlan:
    lane = settings.lane_for_provider(spec.query.provider_id)
    return ConditionPlan(
        spec=spec,
        compare=prepare(spec.comparator, ABSENT if spec.expected is None else spec.expected),
        anchor=settings.anchor_policy.requirement_for(spec.query.provider_id),
        lane=lane if spec.trust is None else stricter(lane, spec.trust.min_lane),
    )


def _gate(spec: GateSpec, planned: dict[str, ConditionPlan], settings: EngineSettings) -> GatePlan:
    lane = settings.lane_for_gate(None if spec.trust is None else spec.trust.min_lane)
    ids = condition_ids(spec.requirement)
    plan = compile_plan(spec.requirement)
    return GatePlan(
        spec=spec,
        requirement=plan,
        mode=settings.logic_mode,
        evidence_ids=tuple(sorted(ids)),
        needs_verified=frozenset(
            condition_id for condition_id in ids if stricter(lane, planned[condition_id].lane) is TrustLane.VERIFIED
        ),
        leaves=tuple((condition_id, *_entries(condition_id)) for condition_id in plan.trace_ids),
    )


def _entries(condition_id: str) -> tuple[GateTraceEntry, GateTraceEntry, GateTraceEntry]:
    """Return the three entries that a leaf can have, made once: a trace then only chooses."""
    return (
        GateTraceEntry(condition_id=condition_id, status=_TRUE),
        GateTraceEntry(condition_id=condition_id, status=_FALSE),
        GateTraceEntry(condition_id=condition_id, status=TriState.UNKNOWN),
    )


def _shuffled(ids: Sequence[str], seed: int | None) -> Sequence[str]:
    """Order *ids* by the hash of seed and id (contract §6.6 point 2)."""
    if seed is None:
        return ids
    return sorted(ids, key=lambda name: (hashlib.sha256(f"{seed}:{name}".encode()).hexdigest(), name))
