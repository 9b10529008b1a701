"""``deep_equals`` and ``deep_not_equals``: equality that knows containers only (contract §5.1)."""

from decision_gate.core.comparators.evidence import Evidence, Judge, never_known
from decision_gate.core.comparators.sameness import prepare_sameness
from decision_gate.core.json import JsonValue
from decision_gate.core.logic.tristate import TriState


def prepare_deep_equality(expected: JsonValue, *, same: TriState, different: TriState) -> Judge:
    """Prepare "evidence equals expected" for two arrays or two objects; any other pair is UNKNOWN.

    Raises:
        CanonicalJsonError: The expectation is not JSON; the judge raises it for evidence.
    """
    if not isinstance(expected, list | dict):
        return never_known
    is_same = prepare_sameness(expected)
    container = type(expected)

    def judge(evidence: Evidence) -> TriState:
        if isinstance(evidence, list | dict) and type(evidence) is container:
            return same if is_same(evidence) else different
        return TriState.UNKNOWN

    return judge
