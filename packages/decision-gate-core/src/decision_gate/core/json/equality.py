"""When two free-form values are the same (contract §1.3)."""

from decision_gate.core.json.value import JsonValue


def structural_equal(one: JsonValue, other: JsonValue) -> bool:
    """Tell whether two values are equal in kind and content.

    ``1`` is not ``1.0`` and ``True`` is not ``1``; ``0.0`` is ``-0.0``. Order counts in arrays, not in
    objects. Strings are equal by code points, without normalisation.
    """
    if isinstance(one, dict):
        return (
            isinstance(other, dict)
            and len(one) == len(other)
            and all(key in other and structural_equal(member, other[key]) for key, member in one.items())
        )
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(structural_equal, one, other))
    return type(one) is type(other) and one == other
