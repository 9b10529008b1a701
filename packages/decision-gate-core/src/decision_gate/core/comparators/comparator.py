"""The sixteen comparators, by the names that specs use (contract §3.2)."""

import enum


class Comparator(enum.Enum):
    """How evidence is held against an expectation; ordering reads "evidence ⟨comparator⟩ expected"."""

    EQUALS = "equals"
    NOT_EQUALS = "not_equals"
    GREATER_THAN = "greater_than"
    GREATER_THAN_OR_EQUAL = "greater_than_or_equal"
    LESS_THAN = "less_than"
    LESS_THAN_OR_EQUAL = "less_than_or_equal"
    LEX_GREATER_THAN = "lex_greater_than"
    LEX_GREATER_THAN_OR_EQUAL = "lex_greater_than_or_equal"
    LEX_LESS_THAN = "lex_less_than"
    LEX_LESS_THAN_OR_EQUAL = "lex_less_than_or_equal"
    CONTAINS = "contains"
    IN_SET = "in_set"
    DEEP_EQUALS = "deep_equals"
    DEEP_NOT_EQUALS = "deep_not_equals"
    EXISTS = "exists"
    NOT_EXISTS = "not_exists"
