"""A compiled JSONPath: a flat list of operations for the machine, in the order they run.

Filter operators stand after both of their operands, as in reverse Polish notation.
"""

import enum

import attrs

from decision_gate.mcp.evidence.jsonpath.terms import Operator


class Step(enum.Enum):
    """Operations without an operand."""

    ROOT = "$"
    CURRENT = "@"
    CHILD = "."
    DESCEND = ".."
    OPEN = "["
    CLOSE = "]"
    EVERY = "*"


@attrs.frozen
class Name:
    """A member name, or a string inside a filter."""

    text: str


@attrs.frozen
class Names:
    """Several member names, in the order given."""

    texts: tuple[str, ...]


@attrs.frozen
class Number:
    """An index between brackets, or a number inside a filter."""

    value: float


@attrs.frozen
class Truth:
    """``true`` or ``false`` inside a filter."""

    value: bool


@attrs.frozen
class Indices:
    """Several indices, in the order given, repeats included."""

    values: tuple[int, ...]


@attrs.frozen
class Slice:
    """``[start:stop:step]``; ``step`` is at least 1."""

    start: int | None
    stop: int | None
    step: int


Operation = Step | Name | Names | Number | Truth | Indices | Slice | Operator


@attrs.frozen
class Program:
    """What a path compiles to; made by ``compile_path`` only."""

    operations: tuple[Operation, ...]
