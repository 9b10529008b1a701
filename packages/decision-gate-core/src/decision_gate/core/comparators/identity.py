"""A hashable stand-in for a JSON value, equal exactly where canonical bytes are (deviation S10)."""

from collections.abc import Hashable

from decision_gate.core.comparators.evidence import Evidence
from decision_gate.core.json import canonical, decimal_order


def identity(value: Evidence) -> Hashable:
    """Return a key for a value, for look-ups among values.

    Strings, null and integers stand for themselves, floats for the number that their canonical text names.
    Booleans, which Python takes for 0 and 1, and containers stand as canonical bytes, which equal nothing
    else.

    Raises:
        CanonicalJsonError: The value is not JSON.
    """
    kind = type(value)
    if kind is str or kind is int or value is None:
        return value  # type: ignore[return-value]  # mypy does not narrow by kind
    if isinstance(value, float):
        return decimal_order(value)
    return canonical(value)
