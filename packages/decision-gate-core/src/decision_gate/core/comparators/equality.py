"""``equals`` and ``not_equals``: JSON of another type is just not equal (contract §5.1, §5.4)."""

from decision_gate.core.comparators.evidence import Evidence, Judge
from decision_gate.core.comparators.octets import octets
from decision_gate.core.comparators.sameness import prepare_sameness
from decision_gate.core.json import ABSENT, JsonValue, decimal_order
from decision_gate.core.logic.tristate import TriState


def prepare_equality(expected: JsonValue, *, same: TriState, different: TriState) -> Judge:
    """Prepare "evidence equals expected", answered by ``same`` or ``different``.

    Numbers are equal as decimals, bytes to the array of their values, containers in canonical bytes.

    Raises:
        CanonicalJsonError: The expectation is not JSON; the judge raises it for evidence.
    """
    match expected:
        case bool() | str():
            return _scalar(expected, same, different)
        case int() | float():
            return _number(decimal_order(expected), same, different)
        case list():
            return _array(expected, same, different)
        case dict():
            return _object(expected, same, different)
        case None:
            return _scalar(None, same, different)


def _scalar(expected: bool | str | None, same: TriState, different: TriState) -> Judge:  # noqa: FBT001 - a value
    wanted = type(expected)

    def judge(evidence: Evidence) -> TriState:
        if type(evidence) is wanted:
            return same if evidence == expected else different
        return _mismatch(evidence, different)

    return judge


def _number(expected: float, same: TriState, different: TriState) -> Judge:
    def judge(evidence: Evidence) -> TriState:
        if type(evidence) is int:
            return same if evidence == expected else different
        if isinstance(evidence, float):
            return same if decimal_order(evidence) == expected else different
        return _mismatch(evidence, different)

    return judge


def _array(expected: list[JsonValue], same: TriState, different: TriState) -> Judge:
    is_same = prepare_sameness(expected)
    expected_octets = octets(expected)

    def judge(evidence: Evidence) -> TriState:
        if isinstance(evidence, list):
            return same if is_same(evidence) else different
        if isinstance(evidence, bytes) and expected_octets is not None:
            return same if evidence == expected_octets else different
        return _mismatch(evidence, different)

    return judge


def _object(expected: dict[str, JsonValue], same: TriState, different: TriState) -> Judge:
    is_same = prepare_sameness(expected)

    def judge(evidence: Evidence) -> TriState:
        if isinstance(evidence, dict):
            return same if is_same(evidence) else different
        return _mismatch(evidence, different)

    return judge


def _mismatch(evidence: Evidence, different: TriState) -> TriState:
    """Judge evidence of another type: nothing and raw bytes are not even different."""
    return TriState.UNKNOWN if evidence is ABSENT or isinstance(evidence, bytes) else different
