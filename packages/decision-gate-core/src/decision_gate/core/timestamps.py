"""Timestamps as callers give them; the engine never reads a clock (contract §2.2)."""

from typing import ClassVar, Literal, TypeAlias

import attrs

from decision_gate.core.integers import I64, U64

I64_MIN = -(2**63)
I64_MAX = 2**63 - 1
U64_MAX = 2**64 - 1


@attrs.frozen
class UnixMillis:
    """Milliseconds since 1970-01-01T00:00:00Z; may be negative; −2^63 … 2^63−1."""

    kind: ClassVar[Literal["unix_millis"]] = "unix_millis"
    value: I64 = attrs.field()

    @value.validator
    def _fits(self, _field: object, value: int) -> None:
        # One call; the validators of attrs take four, for each of a step's timestamps.
        if not I64_MIN <= value <= I64_MAX:
            raise ValueError(f"unix_millis must be in {I64_MIN} … {I64_MAX}")


@attrs.frozen
class Logical:
    """A count that only means an order; 0 … 2^64−1."""

    kind: ClassVar[Literal["logical"]] = "logical"
    value: U64 = attrs.field()

    @value.validator
    def _fits(self, _field: object, value: int) -> None:
        if not 0 <= value <= U64_MAX:
            raise ValueError(f"logical must be in 0 … {U64_MAX}")


Timestamp: TypeAlias = UnixMillis | Logical


def timestamp(kind: str, value: int) -> Timestamp:
    """Return the timestamp that the wire writes as *kind* and *value*.

    Raises:
        ValueError: *kind* is unknown or *value* out of its range.
    """
    match kind:
        case "unix_millis":
            return UnixMillis(value)
        case "logical":
            return Logical(value)
        case _:
            raise ValueError(f"unknown timestamp kind {kind}")
