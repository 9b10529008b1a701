"""Every cell of the allowance matrix, as strict validation shows it (contract §6.2, §6.4)."""

import itertools

import pytest

from decision_gate.core.codec import decode
from decision_gate.core.comparators import Comparator
from decision_gate.core.model import ConditionSpec
from decision_gate.mcp.validation import StrictRule, StrictValidationError

COLUMNS = {
    "equality": ("equals", "not_equals"),
    "ordering": ("greater_than", "greater_than_or_equal", "less_than", "less_than_or_equal"),
    "lexical": ("lex_greater_than", "lex_greater_than_or_equal", "lex_less_than", "lex_less_than_or_equal"),
    "contains": ("contains",),
    "membership": ("in_set",),
    "deep": ("deep_equals", "deep_not_equals"),
    "existence": ("exists", "not_exists"),
}

# class, a schema of it, a value of it, then a letter for each column: (A)llowed, (O)pt-in, (F)orbidden
ROWS = [
    ("dynamic", {"x-decision-gate": {"dynamic_type": True}}, 1, "AAAAAAA"),
    ("boolean", {"type": "boolean"}, True, "AFFFAFA"),
    ("integer", {"type": "integer"}, 1, "AAFFAFA"),
    ("number", {"type": "number"}, 1.5, "AAFFAFA"),
    ("string", {"type": "string"}, "a", "AFOAAFA"),
    ("enum", {"enum": ["a", "b"]}, "a", "AFFFAFA"),
    ("array of scalars", {"type": "array", "items": {"type": "string"}}, ["a"], "FFFAFOA"),
    ("array of anything", {"type": "array"}, ["a"], "FFFFFOA"),
    ("object", {"type": "object"}, {"a": 1}, "FFFFFOA"),
    ("null", {"type": "null"}, None, "AFFFFFA"),
    ("date", {"type": "string", "format": "date"}, "2026-01-01", "AAFFAFA"),
    ("date-time", {"type": "string", "format": "date-time"}, "2026-01-01T00:00:00Z", "AAFFAFA"),
    ("uuid", {"type": "string", "format": "uuid"}, "0" * 8, "AFFFAFA"),
]
CELLS = [
    (name, schema, value, comparator, letter)
    for name, schema, value, letters in ROWS
    for letter, comparators in zip(letters, COLUMNS.values(), strict=True)
    for comparator in comparators
]
SWITCHES = list(itertools.product([False, True], repeat=2))
FORBIDDEN = "condition c comparator {} not allowed for schema type"
DISABLED = "condition c comparator {} is disabled by config"
OPT_IN = "condition c comparator {} requires explicit opt-in"
NOT_LISTED = "condition c comparator {} not in allowed_comparators"


def condition(comparator, expected=None):
    return decode(
        ConditionSpec,
        {
            "condition_id": "c",
            "query": {"provider_id": "p", "check_id": "k"},
            "comparator": comparator,
            "expected": expected,
            "policy_tags": [],
        },
    )


def fitting(comparator, value):
    """Return an expected value of the right kind; a null value is absent on the wire."""
    if comparator in ("exists", "not_exists"):
        return None
    return [value] if comparator == "in_set" else value


def refusal(rule, schema, asked):
    try:
        rule.check(asked, schema)
    except StrictValidationError as error:
        return str(error)
    return None


def is_disabled(comparator, *, lexical, deep):
    return (comparator.startswith("lex_") and not lexical) or (comparator.startswith("deep_") and not deep)


@pytest.mark.parametrize(("lexical", "deep"), SWITCHES)
@pytest.mark.parametrize(
    ("name", "schema", "value", "comparator", "letter"),
    CELLS,
    ids=lambda found: found if isinstance(found, str) else "",
)
def test_a_cell_says_allowed_opt_in_or_forbidden(name, schema, value, comparator, letter, lexical, deep):
    rule = StrictRule(allows_lexical=lexical, allows_deep=deep)

    said = refusal(rule, schema, condition(comparator, fitting(comparator, value)))

    if is_disabled(comparator, lexical=lexical, deep=deep):
        assert said == DISABLED.format(comparator)
    elif letter == "F":
        assert said == FORBIDDEN.format(comparator)
    elif letter == "O":
        assert said == OPT_IN.format(comparator)
    elif name == "null" and comparator in ("equals", "not_equals"):
        assert said == f"condition c comparator {comparator} requires expected value"
    else:
        assert said is None


@pytest.mark.parametrize(("name", "schema", "value", "comparator", "letter"), CELLS)
def test_an_override_opts_in_and_narrows_and_never_widens(name, schema, value, comparator, letter):
    rule = StrictRule(allows_lexical=True, allows_deep=True)
    extension = schema.get("x-decision-gate", {})

    def overridden(*listed):
        return {**schema, "x-decision-gate": {**extension, "allowed_comparators": list(listed)}}

    asked = condition(comparator, fitting(comparator, value))
    other = "not_exists" if comparator == "exists" else "exists"

    if letter == "F":
        said = f"allowed_comparators includes comparator {comparator} not valid for schema"
        assert refusal(rule, overridden(comparator), asked) == said
        assert refusal(rule, overridden(other), asked) == FORBIDDEN.format(comparator)
    else:
        assert refusal(rule, overridden(other), asked) == NOT_LISTED.format(comparator)
        if name != "null":
            assert refusal(rule, overridden(other, comparator), asked) is None


def test_the_matrix_has_a_row_for_every_class_and_a_cell_for_every_comparator():
    assert len(CELLS) == 13 * 16
    assert [comparator for column in COLUMNS.values() for comparator in column] == [
        comparator.value for comparator in Comparator
    ]
