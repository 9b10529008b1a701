"""Which comparator may be asked of which class of values (contract §6.2)."""

import enum
from collections.abc import Iterable, Mapping
from typing import Final

from decision_gate.core.comparators import Comparator


class Allowance(enum.IntEnum):
    """Whether a comparator applies; the smaller one wins where classes are merged."""

    FORBIDDEN = 0
    OPT_IN = 1
    ALLOWED = 2


class Family(enum.Enum):
    """Comparators that every class allows or forbids together."""

    EQUALITY = "equality"
    ORDERING = "ordering"
    LEXICAL = "lexical"
    CONTAINS = "contains"
    MEMBERSHIP = "membership"
    DEEP = "deep"
    EXISTENCE = "existence"


FAMILY_OF: Final[Mapping[Comparator, Family]] = {
    Comparator.EQUALS: Family.EQUALITY,
    Comparator.NOT_EQUALS: Family.EQUALITY,
    Comparator.GREATER_THAN: Family.ORDERING,
    Comparator.GREATER_THAN_OR_EQUAL: Family.ORDERING,
    Comparator.LESS_THAN: Family.ORDERING,
    Comparator.LESS_THAN_OR_EQUAL: Family.ORDERING,
    Comparator.LEX_GREATER_THAN: Family.LEXICAL,
    Comparator.LEX_GREATER_THAN_OR_EQUAL: Family.LEXICAL,
    Comparator.LEX_LESS_THAN: Family.LEXICAL,
    Comparator.LEX_LESS_THAN_OR_EQUAL: Family.LEXICAL,
    Comparator.CONTAINS: Family.CONTAINS,
    Comparator.IN_SET: Family.MEMBERSHIP,
    Comparator.DEEP_EQUALS: Family.DEEP,
    Comparator.DEEP_NOT_EQUALS: Family.DEEP,
    Comparator.EXISTS: Family.EXISTENCE,
    Comparator.NOT_EXISTS: Family.EXISTENCE,
}


class ValueClass(enum.Enum):
    """What a schema says its values are, as far as comparators care."""

    DYNAMIC = "dynamic"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"
    STRING = "string"
    ENUM = "enum"
    ARRAY_SCALAR = "array_scalar"
    ARRAY_COMPLEX = "array_complex"
    OBJECT = "object"
    NULL = "null"
    DATE = "date"
    DATE_TIME = "date_time"
    UUID = "uuid"


_A: Final = Allowance.ALLOWED
_O: Final = Allowance.OPT_IN
_F: Final = Allowance.FORBIDDEN

MATRIX: Final[Mapping[ValueClass, tuple[Allowance, ...]]] = {
    # columns: equality, ordering, lexical, contains, membership, deep, existence
    ValueClass.DYNAMIC: (_A, _A, _A, _A, _A, _A, _A),
    ValueClass.BOOLEAN: (_A, _F, _F, _F, _A, _F, _A),
    ValueClass.INTEGER: (_A, _A, _F, _F, _A, _F, _A),
    ValueClass.NUMBER: (_A, _A, _F, _F, _A, _F, _A),
    ValueClass.STRING: (_A, _F, _O, _A, _A, _F, _A),
    ValueClass.ENUM: (_A, _F, _F, _F, _A, _F, _A),
    ValueClass.ARRAY_SCALAR: (_F, _F, _F, _A, _F, _O, _A),
    ValueClass.ARRAY_COMPLEX: (_F, _F, _F, _F, _F, _O, _A),
    ValueClass.OBJECT: (_F, _F, _F, _F, _F, _O, _A),
    ValueClass.NULL: (_A, _F, _F, _F, _F, _F, _A),
    ValueClass.DATE: (_A, _A, _F, _F, _A, _F, _A),
    ValueClass.DATE_TIME: (_A, _A, _F, _F, _A, _F, _A),
    ValueClass.UUID: (_A, _F, _F, _F, _A, _F, _A),
}
_COLUMN: Final = {family: column for column, family in enumerate(Family)}


def allowance(classes: Iterable[ValueClass], comparator: Comparator) -> Allowance:
    """Return the strictest word of several classes about one comparator; *classes* is not empty."""
    column = _COLUMN[FAMILY_OF[comparator]]
    return min(MATRIX[value_class][column] for value_class in classes)
