"""Number types of the wire: their ranges and the names the wire's errors give them (contract §1.2, §2.1).

A field annotated with one of these is a plain ``int`` for the type checker; the codec reads the range from the annotation.
"""

from typing import Annotated

import attrs

from decision_gate.core.json import JsonValue


@attrs.frozen
class IntRange:
    """Inclusive range of an integer on the wire and the name that errors use for it."""

    expected: str
    smallest: int
    largest: int


@attrs.frozen
class FreeForm:
    """Mark a field that holds any JSON value as it is."""


U8 = Annotated[int, IntRange("u8", 0, 2**8 - 1)]
U64 = Annotated[int, IntRange("u64", 0, 2**64 - 1)]
I64 = Annotated[int, IntRange("i64", -(2**63), 2**63 - 1)]
TenantId = Annotated[int, IntRange("a nonzero u64", 1, 2**64 - 1)]
NamespaceId = Annotated[int, IntRange("a nonzero u64", 1, 2**64 - 1)]
Json = Annotated[JsonValue, FreeForm()]

OMIT_WHEN_NONE = {"omit": True}
"""Field metadata: a none is left out of the wire form instead of written as null (contract §3, rule of thumb)."""
