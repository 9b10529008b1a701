"""Evaluates a requirement and records its trace: what the faster ways are held to (contract §4.3)."""

from collections.abc import Mapping, Sequence

import attrs

from decision_gate.core.limits import MAX_REQUIREMENT_DEPTH
from decision_gate.core.logic.mode import LogicMode
from decision_gate.core.logic.requirement import And, Condition, Not, Or, RequireGroup, Requirement
from decision_gate.core.logic.tristate import TriState, all_of, any_of


@attrs.frozen(kw_only=True)
class TraceEntry:
    """The status that one leaf had when it was visited."""

    condition_id: str
    status: TriState


@attrs.frozen(kw_only=True)
class Evaluation:
    """The status of a requirement and of its leaves, in tree order and with repeats."""

    status: TriState
    trace: tuple[TraceEntry, ...]


class _TooDeepError(Exception):
    """Leaves the whole evaluation; never seen outside this module."""


def evaluate(
    requirement: Requirement, statuses: Mapping[str, TriState], mode: LogicMode = LogicMode.KLEENE
) -> Evaluation:
    """Evaluate the tree on known statuses; a condition without one is UNKNOWN.

    Every leaf is visited, whatever the leaves before it decided. A node deeper than 32 (root 0) ends the
    evaluation: the result is UNKNOWN, even under an Or that would be true, and the trace holds the leaves
    visited until then.
    """
    trace: list[TraceEntry] = []
    try:
        status = _visit(requirement, 0, statuses, mode, trace)
    except _TooDeepError:
        status = TriState.UNKNOWN
    return Evaluation(status=status, trace=tuple(trace))


def is_trivially_satisfied(requirement: Requirement) -> bool:
    """Tell whether the requirement is true whatever its conditions say (contract §4.4).

    The test is structural: ``a or not a`` counts as undecided, because an unknown ``a`` leaves it unknown.
    """
    return evaluate(requirement, {}).status is TriState.TRUE


def is_trivially_unsatisfiable(requirement: Requirement) -> bool:
    """Tell whether the requirement is false whatever its conditions say; structural too (contract §4.4)."""
    return evaluate(requirement, {}).status is TriState.FALSE


def group_status(minimum: int, members: Sequence[TriState]) -> TriState:
    """Judge a quorum by counting members that are true and that might be; the same in both modes."""
    satisfied = members.count(TriState.TRUE)
    if satisfied >= minimum:
        return TriState.TRUE
    if satisfied + members.count(TriState.UNKNOWN) < minimum:
        return TriState.FALSE
    return TriState.UNKNOWN


def _visit(
    node: Requirement, depth: int, statuses: Mapping[str, TriState], mode: LogicMode, trace: list[TraceEntry]
) -> TriState:
    if depth > MAX_REQUIREMENT_DEPTH:
        raise _TooDeepError
    match node:
        case Condition(condition_id=condition_id):
            status = statuses.get(condition_id, TriState.UNKNOWN)
            trace.append(TraceEntry(condition_id=condition_id, status=status))
            return status
        case Not(requirement=inner):
            return _visit(inner, depth + 1, statuses, mode, trace).negated()
        case And(requirements=members) | Or(requirements=members) | RequireGroup(requirements=members):
            seen = [_visit(member, depth + 1, statuses, mode, trace) for member in members]
            if isinstance(node, RequireGroup):
                return group_status(node.min, seen)
            if mode is LogicMode.BOCHVAR and TriState.UNKNOWN in seen:
                return TriState.UNKNOWN
            return all_of(seen) if isinstance(node, And) else any_of(seen)
