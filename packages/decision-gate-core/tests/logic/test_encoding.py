"""The JSON form: contract §4.1, §16.6."""

import pytest
from hypothesis import given

from decision_gate.core.logic import (
    And,
    Condition,
    Not,
    Or,
    RequireGroup,
    RequirementDecodeError,
    decode_requirement,
    encode_requirement,
)
from decision_gate.core.testing.requirement_trees import requirements

VARIANTS = "`And`, `Or`, `Not`, `RequireGroup`, `Condition`"


def leaf(name):
    return Condition(condition_id=name)


def test_every_node_has_its_form():
    tree = And(
        requirements=(
            Or(requirements=()),
            Not(requirement=leaf("a")),
            RequireGroup(min=2, requirements=(leaf("b"), leaf("c"))),
            leaf(""),
        )
    )
    value = {
        "And": [
            {"Or": []},
            {"Not": {"Condition": "a"}},
            {"RequireGroup": {"min": 2, "reqs": [{"Condition": "b"}, {"Condition": "c"}]}},
            {"Condition": ""},
        ]
    }

    assert decode_requirement(value) == tree
    assert encode_requirement(tree) == value


@given(requirements())
def test_decoding_undoes_encoding(tree):
    assert decode_requirement(encode_requirement(tree)) == tree


@pytest.mark.parametrize(
    ("value", "path", "reason"),
    [
        ({"and": []}, "", f"unknown variant `and`, expected one of {VARIANTS}"),
        ({"And": [], "Or": []}, "", "invalid value: map, expected map with a single key"),
        ({}, "", "invalid value: map, expected map with a single key"),
        (None, "", "invalid type: null, expected string or map"),
        ([], "", "invalid type: sequence, expected string or map"),
        (1.5, "", "invalid type: floating point `1.5`, expected string or map"),
        ("and", "", f"unknown variant `and`, expected one of {VARIANTS}"),
        ("And", "", "invalid type: unit variant, expected newtype variant"),
        ("RequireGroup", "", "invalid type: unit variant, expected struct variant"),
        ({"And": {}}, "And", "invalid type: map, expected a sequence"),
        ({"And": None}, "And", "invalid type: null, expected a sequence"),
        ({"Condition": 1}, "Condition", "invalid type: integer `1`, expected a string"),
        ({"Condition": None}, "Condition", "invalid type: null, expected a string"),
        ({"Not": []}, "Not", "invalid type: sequence, expected string or map"),
        ({"Not": 'a\0\x01\n"'}, "Not", f'unknown variant `a\0\x01\n"`, expected one of {VARIANTS}'),
        ({"Or": [{"Condition": "a"}, True]}, "Or[1]", "invalid type: boolean `true`, expected string or map"),
        ({"Or": 'a\0\x01\n"'}, "Or", r'invalid type: string "a\0\u{1}\n\"", expected a sequence'),
        (
            {"RequireGroup": {"min": -1, "reqs": []}},
            "RequireGroup.min",
            "invalid value: integer `-1`, expected u8",
        ),
        (
            {"And": [{"Condition": "a"}, {"RequireGroup": {"min": 256, "reqs": []}}]},
            "And[1].RequireGroup.min",
            "invalid value: integer `256`, expected u8",
        ),
        (
            {"RequireGroup": {"min": 1.0, "reqs": []}},
            "RequireGroup.min",
            "invalid type: floating point `1.0`, expected u8",
        ),
        (
            {"RequireGroup": {"min": True, "reqs": []}},
            "RequireGroup.min",
            "invalid type: boolean `true`, expected u8",
        ),
        ({"RequireGroup": {"reqs": []}}, "RequireGroup", "missing field `min`"),
        ({"RequireGroup": {"min": 1}}, "RequireGroup", "missing field `reqs`"),
        ({"RequireGroup": {}}, "RequireGroup", "missing field `min`"),
        ({"RequireGroup": 7}, "RequireGroup", "invalid type: integer `7`, expected struct variant"),
        (
            {"RequireGroup": [1]},
            "RequireGroup",
            "invalid length 1, expected struct variant Requirement::RequireGroup with 2 elements",
        ),
        # Faults are met in document order; a missing field shows only at the end of the object.
        (
            {"RequireGroup": {"reqs": [None], "min": -1}},
            "RequireGroup.reqs[0]",
            "invalid type: null, expected string or map",
        ),
        (
            {"RequireGroup": {"reqs": [None]}},
            "RequireGroup.reqs[0]",
            "invalid type: null, expected string or map",
        ),
    ],
)
def test_foreign_value_is_refused_with_path_and_reason(value, path, reason):
    with pytest.raises(RequirementDecodeError) as caught:
        decode_requirement(value)

    assert (caught.value.code, caught.value.path, caught.value.reason) == (
        "requirement_malformed",
        path,
        reason,
    )
    assert str(caught.value) == (f"{path}: {reason}" if path else reason)


@pytest.mark.parametrize(
    "group",
    [{"reqs": [{"Condition": "a"}], "more": None, "min": 1}, [1, [{"Condition": "a"}]]],
)
def test_group_ignores_unknown_members_and_may_be_an_array(group):
    assert decode_requirement({"RequireGroup": group}) == RequireGroup(min=1, requirements=(leaf("a"),))


def nested(levels, wrap, innermost=None):
    value = innermost or {"Condition": "a"}
    for _ in range(levels):
        value = wrap(value)
    return value


@pytest.mark.parametrize(
    ("fitting", "wrap"),
    [
        (126, lambda value: {"Not": value}),
        (63, lambda value: {"And": [value]}),
        (63, lambda value: {"Or": [value]}),
        (42, lambda value: {"RequireGroup": {"min": 1, "reqs": [value]}}),
    ],
    ids=["Not", "And", "Or", "group"],
)
def test_value_nested_deeper_than_json_may_be_is_refused(fitting, wrap):
    """Contract §4.1: the 127-level limit of JSON applies; And costs two levels, a group three."""
    decode_requirement(nested(fitting, wrap))

    for levels in (fitting + 1, 5000):
        with pytest.raises(RequirementDecodeError) as caught:
            decode_requirement(nested(levels, wrap))
        assert caught.value.reason == "recursion limit exceeded"


@pytest.mark.parametrize(
    ("fitting", "empty"), [(125, {"And": []}), (124, {"RequireGroup": {"min": 0, "reqs": []}})], ids=["And", "group"]
)
def test_the_deepest_list_may_be_empty(fitting, empty):
    decode_requirement(nested(fitting, lambda value: {"Not": value}, empty))

    with pytest.raises(RequirementDecodeError, match="recursion limit exceeded"):
        decode_requirement(nested(fitting + 1, lambda value: {"Not": value}, empty))


def test_tree_of_any_depth_can_be_encoded():
    tree = leaf("a")
    for _ in range(5000):
        tree = Not(requirement=tree)

    value = encode_requirement(tree)

    for _ in range(5000):
        value = value["Not"]
    assert value == {"Condition": "a"}
