"""What a comparator is given, and what it becomes once its expectation is known."""

from collections.abc import Callable
from typing import Literal, TypeAlias

from decision_gate.core.json import Absent, JsonValue
from decision_gate.core.logic.tristate import TriState

Evidence: TypeAlias = JsonValue | bytes | Literal[Absent.ABSENT]
"""A JSON value (arrays are lists), raw bytes, or nothing."""

Expected: TypeAlias = JsonValue | Literal[Absent.ABSENT]
"""A JSON value or nothing; null is nothing, too (contract §5, step 3)."""

Judge: TypeAlias = Callable[[Evidence], TriState]
"""A comparator whose expectation is prepared: pure, safe to keep for ever and to call from many threads."""


def never_known(evidence: Evidence) -> TriState:  # noqa: ARG001 - a judge takes evidence, used or not
    """Judge every evidence UNKNOWN."""
    return TriState.UNKNOWN
