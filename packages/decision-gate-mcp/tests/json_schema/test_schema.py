"""Schemas that callers bring: verdicts, words, bounds (contract §6.5, deviation X5)."""

import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision_gate.mcp.json_schema import InvalidSchemaError, JsonSchema
from decision_gate.mcp.json_schema.schema import TOO_COSTLY, UNWORDED

# schema, value, what is said (contract §6.5, message catalogue)
WORDS = [
    ({"type": "string"}, 1, '1 is not of type "string"'),
    ({"type": ["boolean", "object"]}, 5, '5 is not of types "boolean", "object"'),
    ({"required": ["key"]}, {}, '"key" is a required property'),
    (
        {"properties": {}, "additionalProperties": False},
        {"k": 1},
        "Additional properties are not allowed ('k' was unexpected)",
    ),
    (
        {"properties": {}, "additionalProperties": False},
        {"b": 1, "unexpected": 2},
        "Additional properties are not allowed ('b', 'unexpected' were unexpected)",
    ),
    ({"unevaluatedProperties": False}, {"a": 1}, "Unevaluated properties are not allowed ('a' was unexpected)"),
    ({"enum": ["a", "b"]}, "c", '"c" is not one of "a" or "b"'),
    (
        {"oneOf": [{"type": "string"}]},
        5,
        "5 is not valid under any of the schemas listed in the 'oneOf' keyword",
    ),
    (
        {"anyOf": [{"type": "string"}]},
        5,
        "5 is not valid under any of the schemas listed in the 'anyOf' keyword",
    ),
    (
        {"oneOf": [{}, True]},
        5,
        "5 is valid under more than one of the schemas listed in the 'oneOf' keyword",
    ),
    ({"minimum": 5}, 1, "1 is less than the minimum of 5"),
    ({"exclusiveMinimum": 1}, 1, "1 is less than or equal to the minimum of 1"),
    ({"pattern": "^a"}, "b", '"b" does not match "^a"'),
    ({"propertyNames": {"pattern": "^a"}}, {"b": 1}, '"b" does not match "^a"'),
    ({"minLength": 2}, "é", '"é" is shorter than 2 characters'),
    ({"maxLength": 1}, "ab", '"ab" is longer than 1 character'),
    ({"minItems": 1}, [], "[] has less than 1 item"),
    ({"maxItems": 1}, [1, 2], "[1,2] has more than 1 item"),
    ({"minProperties": 1}, {}, "{} has less than 1 property"),
    ({"maxProperties": 0}, {"a": 1}, '{"a":1} has more than 0 properties'),
    ({"multipleOf": 2}, 3, "3 is not a multiple of 2"),
    ({"uniqueItems": True}, [1, 1], "[1,1] has non-unique elements"),
    ({"contains": {"type": "string"}}, [1], "None of [1] are valid under the given schema"),
    ({"not": {"type": "string"}}, "s", '{"type":"string"} is not allowed for "s"'),
    (False, 1, "False schema does not allow 1"),
]

REFUSED = [
    ({"type": "unknown_type"}, "\"unknown_type\" is not valid under any of the schemas listed in the 'anyOf' keyword"),
    ({"pattern": "("}, '"(" is not a "regex"'),
    ({"oneOf": []}, "[] has less than 1 item"),
    ({"$ref": "#/nope"}, "Pointer '/nope' does not exist"),
    (5, '5 is not of types "boolean", "object"'),
    ("true", '"true" is not of types "boolean", "object"'),
    (None, 'null is not of types "boolean", "object"'),
    ([], '[] is not of types "boolean", "object"'),
]

REMOTE = "https://example.org/schema.json"
OUTSIDE = [
    {"$ref": REMOTE},
    {"$ref": "file:///etc/passwd"},
    {"$ref": "other.json#/a"},
    {"$ref": "/etc/passwd"},
    {"$ref": "decision-gate://contract/schemas/scenario.schema.json"},
    {"$dynamicRef": f"{REMOTE}#a"},
    {"properties": {"a": {"$ref": REMOTE}}},
    {"patternProperties": {"a": {"$ref": REMOTE}}},
    {"dependentSchemas": {"a": {"$ref": REMOTE}}},
    {"dependencies": {"a": {"$ref": REMOTE}}},
    {"$defs": {"a": {"$ref": REMOTE}}},
    {"definitions": {"a": {"$ref": REMOTE}}},
    {"x-shelf": {"$ref": REMOTE}, "$ref": "#/x-shelf"},
    {"x-shelf": [{"items": {"$ref": REMOTE}}], "items": {"$ref": "#/x-shelf/0"}},
    *({word: {"$ref": REMOTE}} for word in ("not", "if", "then", "else", "items", "contains", "propertyNames")),
    *({word: {"$ref": REMOTE}} for word in ("additionalProperties", "unevaluatedItems", "contentSchema")),
    *({word: [{"$ref": REMOTE}]} for word in ("allOf", "anyOf", "oneOf", "prefixItems")),
]

FOREIGN = [
    "http://json-schema.org/draft-04/schema#",
    "http://json-schema.org/draft-07/schema#",
    "https://json-schema.org/draft/2019-09/schema",
    "https://example.org/dialect",
    "",
]


def refusal(schema):
    with pytest.raises(InvalidSchemaError) as refused:
        JsonSchema(schema)
    return refused.value.reason


@pytest.mark.parametrize(("schema", "value", "text"), WORDS)
def test_a_mistake_is_told_in_the_words_of_the_reference(schema, value, text):
    assert JsonSchema(schema).mistakes(value) == (text,)


@pytest.mark.parametrize(("schema", "reason"), REFUSED)
def test_what_is_no_schema_is_refused(schema, reason):
    assert refusal(schema) == reason


def test_every_mistake_is_told_up_to_a_bound():
    schema = JsonSchema({"items": {"type": "string"}})

    assert schema.mistakes([1, "a", 2]) == ('1 is not of type "string"', '2 is not of type "string"')
    assert len(schema.mistakes(list(range(1000)))) == 64


def test_a_long_value_is_told_shortened():
    [text] = JsonSchema({"type": "integer"}).mistakes("x" * 100_000)

    assert len(text) < 5000


@pytest.mark.parametrize("value", ["2024-13-01", "no date"])
def test_formats_are_not_asserted(value):
    assert JsonSchema({"type": "string", "format": "date"}).mistakes(value) == ()


def test_a_whole_float_is_an_integer_and_an_empty_enum_compiles():
    assert JsonSchema({"type": "integer"}).mistakes(1.0) == ()
    assert JsonSchema({"enum": []}).mistakes(1) != ()


@pytest.mark.parametrize("schema", OUTSIDE, ids=json.dumps)
def test_a_schema_that_refers_outside_itself_is_refused(schema):
    assert "must stay within the schema" in refusal(schema)


@pytest.mark.parametrize("dialect", FOREIGN)
@pytest.mark.parametrize("place", ["root", "below"])
def test_only_the_dialect_2020_12_is_accepted(dialect, place):
    own = {"$schema": dialect, "type": "string"}

    assert "$schema must be" in refusal(own if place == "root" else {"properties": {"a": own}})


def test_the_dialect_may_be_named_and_references_may_stay_inside():
    schema = JsonSchema(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": "file:///etc/",
            "$defs": {"a/b": {"$anchor": "word", "type": "string"}},
            "prefixItems": [{"$ref": "#/$defs/a~1b"}, {"$ref": "#word"}, {"$ref": "#/%24defs/a~1b"}],
        }
    )

    assert schema.mistakes(["a", "b", "c"]) == ()
    assert schema.mistakes([1, 2, 3]) == tuple(f'{n} is not of type "string"' for n in (1, 2, 3))


def test_an_embedded_resource_that_would_move_references_is_refused():
    assert "$id is only allowed at the root" in refusal({"properties": {"a": {"$id": "http://x/"}}})


def test_words_that_are_names_or_values_are_no_keywords():
    schema = JsonSchema(
        {"properties": {"$ref": {"type": "string"}, "$id": {}, "$schema": {}}, "const": {"$ref": REMOTE}}
    )

    assert schema.mistakes({"$ref": REMOTE}) == ()


def nested(depth):
    schema = {"type": "string"}
    for _ in range(depth):
        schema = {"not": schema}
    return schema


def chained(length):
    return {
        "$defs": {
            **{f"d{n}": {"$ref": f"#/$defs/d{n + 1}"} for n in range(length)},
            f"d{length}": {"type": "string"},
        },
        "$ref": "#/$defs/d0",
    }


def doubled(times):
    return {
        "$defs": {
            **{f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(times)},
            f"d{times}": {"type": "string"},
        },
        "$ref": "#/$defs/d0",
    }


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        (nested(65), "nest deeper than 64"),
        (chained(1000), "over more than 200 steps"),
        (doubled(30), "more than 10000 subschemas apply to one value"),
        ({"pattern": "(a{1000}){1000}"}, "is not a"),
    ],
    ids=["nested", "chained", "doubled", "pattern"],
)
def test_a_schema_beyond_a_bound_is_refused_before_it_costs_anything(schema, words):
    assert words in refusal(schema)


def test_schemas_within_the_bounds_work():
    assert JsonSchema(nested(64)).mistakes("a") == ()
    assert JsonSchema(chained(60)).mistakes("a") == ()
    assert JsonSchema(doubled(8)).mistakes("a") == ()


def twice(levels):
    """Return a schema that looks at each member twice, and a value with so many levels."""
    member = {"properties": {"a": {"$ref": "#/$defs/n"}}}
    value = 1
    for _ in range(levels):
        value = {"a": value}
    return {"$defs": {"n": {"type": "object", "allOf": [member, member]}}, "$ref": "#/$defs/n"}, value


@pytest.mark.parametrize(("levels", "said"), [(3, '1 is not of type "object"'), (14, UNWORDED), (100, TOO_COSTLY)])
def test_work_that_doubles_with_every_level_is_bounded(levels, said):
    schema, value = twice(levels)

    assert JsonSchema(schema).mistakes(value)[0] == said


@pytest.mark.parametrize(("in_place", "expected"), [(0, ()), (1, ()), (100, (TOO_COSTLY,))])
def test_a_recursive_schema_follows_a_deep_value_but_not_without_end(in_place, expected):
    value = True
    for _ in range(90):
        value = [value]
    link = {f"d{n}": {"$ref": f"#/$defs/d{n + 1}"} for n in range(in_place)}
    node = {"type": ["array", "boolean"], "items": {"$ref": "#/$defs/d0"}}

    schema = JsonSchema({"$defs": link | {f"d{in_place}": node}, "$ref": "#/$defs/d0"})

    assert schema.mistakes(value) == expected


def test_a_pattern_that_backtracks_ends_and_does_not_match():
    schema = JsonSchema({"pattern": "^(?=(a+)+$)(a+)+b\\1$"})

    assert len(schema.mistakes("a" * 2000 + "c")) == 1


def test_a_subschema_that_leads_back_to_itself_ends():
    schema = JsonSchema({"allOf": [{"$ref": "#"}], "properties": {"a": {"$ref": "#"}}})

    assert schema.mistakes({"a": {"a": 1}}) == ()


LEAVES = st.sampled_from([None, True, False, 0, 1, 1.0, 2.5, "", "a", "ab", -1])
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
TYPES = st.sampled_from(["null", "boolean", "integer", "number", "string", "array", "object"])
SIMPLE = st.one_of(
    TYPES.map(lambda name: {"type": name}),
    st.lists(TYPES, min_size=1, max_size=3, unique=True).map(lambda names: {"type": names}),
    st.lists(LEAVES, min_size=1, max_size=3).map(lambda values: {"enum": values}),
    st.integers(-1, 2).map(lambda least: {"minimum": least}),
    st.integers(0, 2).map(lambda least: {"minLength": least, "minItems": least}),
    st.booleans(),
)
SCHEMAS = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.dictionaries(st.sampled_from("abc"), inner, max_size=2).map(lambda of: {"properties": of}),
        inner.map(lambda of: {"items": of}),
        inner.map(lambda of: {"not": of}),
        st.lists(inner, min_size=1, max_size=2).map(lambda of: {"anyOf": of}),
        st.lists(inner, min_size=1, max_size=2).map(lambda of: {"allOf": of}),
        st.lists(inner, min_size=1, max_size=2).map(lambda of: {"oneOf": of}),
        inner.map(lambda of: {"additionalProperties": of, "properties": {"a": True}}),
    ),
    max_leaves=5,
)


@given(schema=SCHEMAS, value=VALUES)
def test_verdicts_are_those_of_another_implementation(schema, value):
    for document in (schema, {"$defs": {"d": schema}, "$ref": "#/$defs/d"}):
        matches = jsonschema.Draft202012Validator(document).is_valid(value)

        assert (JsonSchema(document).mistakes(value) == ()) is matches
