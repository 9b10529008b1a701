"""Bytes as specs spell them: an array of integers 0 … 255 (contract §5.4)."""

from decision_gate.core.comparators.identity import identity
from decision_gate.core.json import JsonValue

_MAX_OCTET = 255


def octets(expected: list[JsonValue]) -> bytes | None:
    """Return the bytes that an array spells, or None when an element is no byte.

    Numbers are read canonically: ``1.0`` is a byte as ``1`` is (deviation S10); ``true`` is none.
    """
    values = [value for value in map(identity, expected) if isinstance(value, int) and 0 <= value <= _MAX_OCTET]
    return bytes(values) if len(values) == len(expected) else None
