"""The four ``lex_*`` comparators: strings by their UTF-8 bytes, anything else Unknown (contract §5.1)."""

from collections.abc import Callable

from decision_gate.core.comparators.evidence import Evidence, Judge, never_known
from decision_gate.core.json import JsonValue
from decision_gate.core.logic.tristate import TriState


def prepare_lexical(relation: Callable[[str, str], bool], expected: JsonValue) -> Judge:
    """Prepare ``evidence ⟨relation⟩ expected`` on strings.

    Python orders strings by code points, which is the order of their UTF-8 bytes.
    """
    if not isinstance(expected, str):
        return never_known

    def judge(evidence: Evidence) -> TriState:
        if isinstance(evidence, str):
            return TriState.TRUE if relation(evidence, expected) else TriState.FALSE
        return TriState.UNKNOWN

    return judge
