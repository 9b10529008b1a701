"""Requirements compiled once and evaluated often, in Kleene logic.

A plan numbers the distinct conditions of its tree. One subject is two integers with one bit per condition:
where the condition is true, and where it is possible, that is true or unknown. Many subjects are two such
planes per condition, with one bit per subject. Both agree with ``evaluate`` in every case; the trace needs no
plan, it is the statuses of ``trace_ids``.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import takewhile
from typing import Any, Final

import attrs

from decision_gate.core.limits import MAX_REQUIREMENT_DEPTH
from decision_gate.core.logic.batch_source import batch_source
from decision_gate.core.logic.evaluate import evaluate
from decision_gate.core.logic.plan_source import SourceTooLongError, single_source
from decision_gate.core.logic.planes import Planes, at_least
from decision_gate.core.logic.requirement import (
    Condition,
    Requirement,
    condition_ids,
    is_too_deep,
    walk,
)
from decision_gate.core.logic.tristate import TriState

# Members of an enum are slow to look up on its class, and ``masks`` runs for every gate of every step.
_TRUE: Final = TriState.TRUE
_FALSE: Final = TriState.FALSE
_WORDS: Final = {
    "TRUE": _TRUE,
    "FALSE": _FALSE,
    "UNKNOWN": TriState.UNKNOWN,
    "at_least": at_least,
    "sum": sum,
    "__builtins__": {},
}


def compile_plan(requirement: Requirement) -> "Plan":
    """Make a plan; cheap, because code is generated only when first needed. The caller keeps plans."""
    visited = takewhile(lambda place: place[0] <= MAX_REQUIREMENT_DEPTH, walk(requirement))
    return Plan(
        requirement=requirement,
        condition_ids=condition_ids(requirement),
        trace_ids=tuple(node.condition_id for _, node in visited if isinstance(node, Condition)),
    )


@attrs.frozen(kw_only=True, eq=False, slots=False)
class Plan:
    """A requirement made ready for evaluation; safe to share between threads."""

    requirement: Requirement
    condition_ids: tuple[str, ...]
    """The distinct conditions in the order of first appearance; the index is the bit."""
    trace_ids: tuple[str, ...]
    """The condition of every leaf that an evaluation visits, in tree order with repeats (contract §4.3)."""

    @cached_property
    def evaluate(self) -> Callable[[int, int], TriState]:
        """The function from (true mask, possible mask) to the status; a true bit is also a possible bit."""
        if is_too_deep(self.requirement):
            return _unknown
        try:
            function: Callable[[int, int], TriState] = _compiled(single_source(self.requirement, self._bits))
        except SourceTooLongError:
            return self._walk
        return function

    def masks(self, statuses: Mapping[str, TriState]) -> tuple[int, int]:
        """Return the true and the possible mask of statuses; a condition without one is UNKNOWN."""
        true_mask = possible_mask = 0
        bit = 1
        for condition_id in self.condition_ids:
            status = statuses.get(condition_id)
            if status is not _FALSE:
                possible_mask |= bit
                if status is _TRUE:
                    true_mask |= bit
            bit <<= 1
        return true_mask, possible_mask

    def evaluate_batch(self, planes: Sequence[Planes], count: int) -> Planes:
        """Evaluate many subjects at once: bit *i* of every plane belongs to subject *i*.

        Args:
            planes: One pair per condition, in the order of ``condition_ids``; bits from ``count`` on are
                ignored.
            count: How many subjects there are.
        """
        full = (1 << count) - 1
        true, possible = self._batch([plane.true for plane in planes], [plane.possible for plane in planes], full)
        return Planes(true=true, possible=possible)

    @cached_property
    def _batch(self) -> Callable[[list[int], list[int], int], tuple[int, int]]:
        if is_too_deep(self.requirement):
            return _all_unknown
        function: Callable[[list[int], list[int], int], tuple[int, int]] = _compiled(
            batch_source(self.requirement, self._bits)
        )
        return function

    @property
    def _bits(self) -> dict[str, int]:
        return {condition_id: bit for bit, condition_id in enumerate(self.condition_ids)}

    def _walk(self, true_mask: int, possible_mask: int) -> TriState:
        statuses = {
            condition_id: TriState.TRUE
            if true_mask >> bit & 1
            else TriState.UNKNOWN
            if possible_mask >> bit & 1
            else TriState.FALSE
            for bit, condition_id in enumerate(self.condition_ids)
        }
        return evaluate(self.requirement, statuses).status


def _unknown(_true_mask: int, _possible_mask: int) -> TriState:
    return TriState.UNKNOWN


def _all_unknown(_true: list[int], _possible: list[int], full: int) -> tuple[int, int]:
    return 0, full


def _compiled(source: str) -> Any:  # noqa: ANN401 - the shape of the function is known to the writer of its source
    names = dict(_WORDS)
    exec(compile(source, "<requirement plan>", "exec"), names)  # noqa: S102 - integers and fixed words only
    return names["plan"]
