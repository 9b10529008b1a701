"""What is still needed, in words and as data: the cheapest way to make each gate pass, as far as a reader may know it.

``nearest_pass`` says which conditions must change; this module says why each does not hold, whose turn it is and what
to do. Of several conditions that a quorum leaves open it says "one more of bob, carol" instead of choosing for people.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import attrs

from decision_gate.core.analysis.hindrance import Hindrance, hindrance
from decision_gate.core.analysis.nearest_pass import Change, nearest_pass
from decision_gate.core.analysis.reasons import DisclosureLevel, GateExplanation, Reason, ReasonClass, ReasonCode
from decision_gate.core.analysis.time_window import is_settled
from decision_gate.core.logic import And, Condition, Or, RequireGroup, Requirement, TriState, condition_ids
from decision_gate.core.logic.requirement import walk
from decision_gate.core.model import ConditionSpec, GateEvalRecord, GateSpec, ScenarioSpec

_KNOWN: Final = frozenset((TriState.TRUE, TriState.FALSE))
_NUMERALS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def explain(
    spec: ScenarioSpec,
    evaluations: Sequence[GateEvalRecord],
    level: DisclosureLevel,
    *,
    raw_allowed: Callable[[str], bool] = lambda _condition_id: True,
) -> tuple[GateExplanation, ...]:
    """Explain the evaluated gates, in their order.

    Args:
        spec: The scenario they belong to; evaluations of gates that it does not have are left out.
        evaluations: What one trigger recorded.
        level: What the reader may know.
        raw_allowed: Tells whether the raw evidence of a condition may be shown at the level ``evidence``; where not,
            only the direction is.
    """
    gates = {gate.gate_id: gate for stage in spec.stages for gate in stage.gates}
    conditions = {condition.condition_id: condition for condition in spec.conditions}

    def level_for(condition_id: str) -> DisclosureLevel:
        is_hidden = level is DisclosureLevel.EVIDENCE and not raw_allowed(condition_id)
        return DisclosureLevel.TRACE if is_hidden else level

    return tuple(
        _Gate(gates[record.evaluation.gate_id], record, conditions, level_for).explained()
        for record in evaluations
        if record.evaluation.gate_id in gates
    )


@attrs.frozen
class _Choice:
    """A quorum of plain conditions: any ``missing`` more of ``open_ids`` will do."""

    missing: int
    open_ids: tuple[str, ...]


class _Gate:
    def __init__(
        self,
        gate: GateSpec,
        record: GateEvalRecord,
        conditions: Mapping[str, ConditionSpec],
        level_for: Callable[[str], DisclosureLevel],
    ) -> None:
        self._gate = gate
        self._status = record.evaluation.status
        self._conditions = conditions
        self._evidence = {entry.condition_id: entry for entry in record.evidence}
        self._statuses = {entry.condition_id: entry.status for entry in record.evidence}
        self._level_for = level_for

    def explained(self) -> GateExplanation:
        if self._status is TriState.TRUE:
            return GateExplanation(gate_id=self._gate.gate_id, status=self._status, reasons=())
        settled = {
            condition_id: _KNOWN
            for condition_id, record in self._evidence.items()
            if condition_id in self._conditions and is_settled(self._conditions[condition_id], record)
        }
        found = nearest_pass(self._gate.requirement, self._statuses, settled)
        reasons = tuple(self._reasons(found.changes, settled))
        if found.cost is None:
            reasons = (self._cannot_pass(settled, is_proven=found.proven_minimal),)
        return GateExplanation(
            gate_id=self._gate.gate_id,
            status=self._status,
            reasons=reasons,
            proven_minimal=found.proven_minimal,
        )

    def _reasons(self, changes: Sequence[Change], settled: Mapping[str, object]) -> Iterator[Reason]:
        choices = self._choices(settled)
        told: set[int] = set()
        for change in changes:
            choice = choices.get(change.condition_id) if change.needed is TriState.TRUE else None
            if choice is None:
                yield self._about(change)
            elif id(choice) not in told:
                told.add(id(choice))
                yield self._about_choice(choice)

    def _about(self, change: Change) -> Reason:
        found = self._hindrance(change.condition_id, change.needed)
        return Reason(
            code=found.code,
            reason_class=found.reason_class,
            gate_id=self._gate.gate_id,
            condition_id=change.condition_id,
            message=found.message,
            next=found.next,
            retry_after_ms=found.retry_after_ms,
        )

    def _about_choice(self, choice: _Choice) -> Reason:
        found = [self._hindrance(condition_id, TriState.TRUE) for condition_id in choice.open_ids]
        classes = {each.reason_class for each in found}
        # The quickest to be had speaks for all: a person to ask, something to wait for, then work.
        order = (
            ReasonClass.AWAITING_HUMAN,
            ReasonClass.TRANSIENT,
            ReasonClass.EVIDENCE_MISSING,
            ReasonClass.EVIDENCE_FALSE,
            ReasonClass.TRUST,
            ReasonClass.STRUCTURAL,
        )
        waits = [each.retry_after_ms for each in found if each.retry_after_ms is not None]
        return Reason(
            code=ReasonCode.MORE_NEEDED,
            reason_class=next(each for each in order if each in classes),
            gate_id=self._gate.gate_id,
            any_of=choice.open_ids,
            message=f"{_numeral(choice.missing)} more of {', '.join(choice.open_ids)}",
            next=tuple(dict.fromkeys(step for each in found for step in each.next)),
            retry_after_ms=min(waits, default=None),
        )

    def _hindrance(self, condition_id: str, needed: TriState) -> Hindrance:
        return hindrance(
            self._conditions[condition_id], self._evidence.get(condition_id), needed, self._level_for(condition_id)
        )

    def _choices(self, settled: Mapping[str, object]) -> dict[str, _Choice]:
        """Find the quorums that leave people a choice, by condition."""
        uses = Counter(node.condition_id for _, node in walk(self._gate.requirement) if isinstance(node, Condition))
        choices: dict[str, _Choice] = {}
        for node in _required(self._gate.requirement):
            needed = 1 if isinstance(node, Or) else node.min
            ids = [member.condition_id for member in node.requirements if isinstance(member, Condition)]
            if len(ids) < len(node.requirements) or any(uses[condition_id] > 1 for condition_id in ids):
                continue
            missing = needed - sum(self._statuses.get(each) is TriState.TRUE for each in ids)
            open_ids = tuple(
                each for each in ids if self._statuses.get(each) is not TriState.TRUE and each not in settled
            )
            if 0 < missing < len(open_ids):
                choices.update(dict.fromkeys(open_ids, _Choice(missing, open_ids)))
        return choices

    def _cannot_pass(self, settled: Mapping[str, object], *, is_proven: bool) -> Reason:
        ids = condition_ids(self._gate.requirement)
        closed = ", ".join(condition_id for condition_id in ids if condition_id in settled)
        if not is_proven:
            message = "no way to pass was found; the requirement is too involved to say that there is none"
        elif closed:
            message = f"can no longer pass: {closed} cannot change any more"
        else:
            message = "can never pass: no evidence makes this requirement true"
        return Reason(
            code=ReasonCode.CANNOT_PASS,
            reason_class=ReasonClass.STRUCTURAL,
            gate_id=self._gate.gate_id,
            message=message,
            next=("start a new run of a scenario that can pass",),
        )


def _required(requirement: Requirement) -> Iterator[Or | RequireGroup]:
    """Yield the alternatives and quorums that are wanted as a whole: not below a negation or another choice."""
    match requirement:
        case Or() | RequireGroup():
            yield requirement
        case And(requirements=members):
            for member in members:
                yield from _required(member)
        case _:
            pass


def _numeral(count: int) -> str:
    return _NUMERALS[count] if count < len(_NUMERALS) else str(count)
