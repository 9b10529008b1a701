"""JSON as Decision Gate reads, writes, hashes and compares it (contract §1)."""

from decision_gate.core.json.absent import ABSENT, Absent
from decision_gate.core.json.canonical import canonical, canonical_finite, canonical_kinds, canonical_scalar
from decision_gate.core.json.equality import structural_equal
from decision_gate.core.json.errors import (
    CanonicalJsonError,
    CanonicalSizeError,
    JsonEncodeError,
    JsonParseError,
)
from decision_gate.core.json.numbers import canonical_number, decimal_order
from decision_gate.core.json.parse import parse, read_canonical
from decision_gate.core.json.plain import plain, plain_finite
from decision_gate.core.json.sized import canonical_within
from decision_gate.core.json.value import JsonValue

__all__ = [
    "ABSENT",
    "Absent",
    "CanonicalJsonError",
    "CanonicalSizeError",
    "JsonEncodeError",
    "JsonParseError",
    "JsonValue",
    "canonical",
    "canonical_finite",
    "canonical_kinds",
    "canonical_number",
    "canonical_scalar",
    "canonical_within",
    "decimal_order",
    "parse",
    "plain",
    "plain_finite",
    "read_canonical",
    "structural_equal",
]
