"""The three truth values and their strong Kleene operations (contract §2.3, §4.3).

The values are the spelling of evaluation records and traces; the lower-case one of branch rules is another
type.
"""

import enum
from collections.abc import Iterable


class TriState(enum.Enum):
    """What is known about a statement: it holds, it does not hold, or nobody can tell yet."""

    TRUE = "True"
    FALSE = "False"
    UNKNOWN = "Unknown"

    def negated(self) -> "TriState":
        """Swap TRUE and FALSE; UNKNOWN stays UNKNOWN, in every logic mode."""
        if self is TriState.TRUE:
            return TriState.FALSE
        if self is TriState.FALSE:
            return TriState.TRUE
        return TriState.UNKNOWN


def all_of(values: Iterable[TriState]) -> TriState:
    """Conjoin in Kleene logic: one FALSE decides, else one UNKNOWN blurs; the empty conjunction is TRUE."""
    result = TriState.TRUE
    for value in values:
        if value is TriState.FALSE:
            return TriState.FALSE
        if value is TriState.UNKNOWN:
            result = TriState.UNKNOWN
    return result


def any_of(values: Iterable[TriState]) -> TriState:
    """Disjoin in Kleene logic: one TRUE decides, else one UNKNOWN blurs; the empty disjunction is FALSE."""
    result = TriState.FALSE
    for value in values:
        if value is TriState.TRUE:
            return TriState.TRUE
        if value is TriState.UNKNOWN:
            result = TriState.UNKNOWN
    return result
