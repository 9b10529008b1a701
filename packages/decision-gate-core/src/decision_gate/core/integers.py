"""Integer types of the wire: their ranges and the names the wire's errors give them (contract §1.2, §2.1).

A field annotated with one of these is a plain ``int`` for the type checker; the codec reads the range.
"""

from typing import Annotated

import attrs


@attrs.frozen
class IntRange:
    """Inclusive range of an integer on the wire and the name that errors use for it."""

    expected: str
    smallest: int
    largest: int


U64 = Annotated[int, IntRange("u64", 0, 2**64 - 1)]
I64 = Annotated[int, IntRange("i64", -(2**63), 2**63 - 1)]
NonzeroU64 = Annotated[int, IntRange("a nonzero u64", 1, 2**64 - 1)]
