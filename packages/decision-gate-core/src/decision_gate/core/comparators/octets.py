"""Bytes as specs spell them: an array of integers 0 … 255 (contract §5.4)."""

from decision_gate.core.json import JsonValue, canonical_kinds

_MAX_OCTET = 255


def octets(expected: list[JsonValue]) -> bytes | None:
    """Return the bytes that an array spells, or None when an element is no byte.

    Numbers are read canonically: ``1.0`` is a byte as ``1`` is (deviation S10); ``true`` is none.
    """
    values: list[int] = []
    for item in map(canonical_kinds, expected):
        if not isinstance(item, int) or isinstance(item, bool) or not 0 <= item <= _MAX_OCTET:
            return None
        values.append(item)
    return bytes(values)
