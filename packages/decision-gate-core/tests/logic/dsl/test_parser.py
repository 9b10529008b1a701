"""The text form: contract §4.6 and the table of §16.4."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision_gate.core.logic import (
    RequirementStructureError,
    RequirementTextError,
    encode_requirement,
    parse_requirement,
)

KNOWN = {name: name for name in ("a", "b", "c", "d", "all", "any")}
MIN_0 = "Invalid requirement structure: RequireGroup with min=0 should be empty or use And instead"


def c(name):
    return {"Condition": name}


def group(minimum, *names):
    return {"RequireGroup": {"min": minimum, "reqs": [c(name) for name in names]}}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a && b || !c", {"Or": [{"And": [c("a"), c("b")]}, {"Not": c("c")}]}),
        ("(a || b) || c", {"Or": [{"Or": [c("a"), c("b")]}, c("c")]}),
        ("a or b and c", {"Or": [c("a"), {"And": [c("b"), c("c")]}]}),
        ("not not a", {"Not": {"Not": c("a")}}),
        ("all(a, any(b, not c))", {"And": [c("a"), {"Or": [c("b"), {"Not": c("c")}]}]}),
        ("all()", {"And": []}),
        ("any()", {"Or": []}),
        ("a()", c("a")),
        ("all", c("all")),
        ("all or any and a", {"Or": [c("all"), {"And": [c("any"), c("a")]}]}),
        ("at_least(2, a, b, c)", group(2, "a", "b", "c")),
        ("at_least(2 a, b)", group(2, "a", "b")),
        ("at_least(01, a)", group(1, "a")),
        ("require_group(1,a)", group(1, "a")),
        ("not(a)", {"Not": c("a")}),
        ("((a))", c("a")),
        ("!a\t&&\r\nb", {"And": [{"Not": c("a")}, c("b")]}),
        ("a&&b&&c||d", {"Or": [{"And": [c("a"), c("b"), c("c")]}, c("d")]}),
        (" a ", c("a")),
    ],
)
def test_text_parses_into_its_tree(text, value):
    assert encode_requirement(parse_requirement(text, KNOWN)) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("at_least(256,a)", "invalid number `256` at 9"),
        ("at_least(2)", "unexpected token `)` at 9, expected at least one condition after the count"),
        ("at_least(a)", "unexpected token `a` at 9, expected numeric literal"),
        ("and(a,b)", "unexpected token `&&` at 0, expected condition or expression"),
        ("not(a,b)", "unexpected token `,` at 5, expected `)`"),
        ("not()", "unexpected token `)` at 4, expected condition or expression"),
        ("foo", "unknown condition `foo` at 0"),
        ("foo()", "unknown condition `foo` at 0"),
        ("foo(a)", "unknown function `foo` at 0"),
        ("foo(x)", "unknown condition `x` at 4"),
        ("All(a)", "unknown function `All` at 0"),
        ("at_least", "unknown condition `at_least` at 0"),
        ("a b", "unexpected trailing input at 2"),
        ("a 1", "unexpected trailing input at 2"),
        ("1a", "unexpected token `1` at 0, expected identifier or `(`"),
        ("a &", "unexpected token `&` at 2, expected &&"),
        ("a |b", "unexpected token `|` at 2, expected ||"),
        ("a.b", "unexpected token `.` at 1, expected identifier, number, or operator"),
        ("aé", "unexpected token `Ã` at 1, expected identifier, number, or operator"),
        ("a\x0bb", "unexpected token `\x0b` at 1, expected identifier, number, or operator"),
        ("foo a.b", "unexpected token `.` at 5, expected identifier, number, or operator"),
        ("", "input is empty"),
        (" \n", "input is empty"),
        ("1", "unexpected token `1` at 0, expected identifier or `(`"),
        ("all(a,", "unexpected token `end of input` at 6, expected condition or expression"),
        ("(a", "unexpected token `end of input` at 2, expected `)`"),
        ("all(a b)", "unexpected token `b` at 6, expected `)` after arguments"),
        ("a and", "unexpected token `end of input` at 5, expected condition or expression"),
        ("a and or", "unexpected token `||` at 6, expected condition or expression"),
        ("()", "unexpected token `)` at 1, expected condition or expression"),
        ("all(a,)", "unexpected token `)` at 6, expected condition or expression"),
        ("at_least(1, a b)", "unexpected token `b` at 14, expected `)` after `at_least(...)`"),
        ("require_group(1, a b)", "unexpected token `b` at 19, expected `)` after `at_least(...)`"),
        ("at_least(" + "9" * 5000 + ",a)", "invalid number `" + "9" * 5000 + "` at 9"),
    ],
)
def test_fault_is_reported_with_its_byte_offset(text, message):
    with pytest.raises(RequirementTextError) as caught:
        parse_requirement(text, KNOWN)

    assert (caught.value.code, str(caught.value)) == ("requirement_text", message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("at_least(0,a)", MIN_0),
        ("at_least(3,a,b)", "Invalid group requirement: min 3 exceeds total 2"),
        ("not " * 33 + "a", "Requirement tree too deep: 33 levels (max 32)"),
        ("!" * 200_000 + "a", "Requirement tree too deep: 33 levels (max 32)"),
    ],
)
def test_parsed_tree_is_checked_for_structure(text, message):
    with pytest.raises(RequirementStructureError) as caught:
        parse_requirement(text, KNOWN)

    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("opener", "closer", "offset"), [("(", ")", 32), ("all(", ")", 4 * 32), ("at_least(1,", ")", 11 * 32)]
)
def test_brackets_may_nest_32_deep_and_no_deeper(opener, closer, offset):
    parse_requirement(opener * 32 + "a" + closer * 32, KNOWN)

    for depth in (33, 5000):
        with pytest.raises(RequirementTextError) as caught:
            parse_requirement(opener * depth + "a" + closer * depth, KNOWN)
        assert str(caught.value) == f"input nesting exceeds limit: depth 33 (max 32) at {offset}"
        assert caught.value.position == offset


def test_closed_brackets_do_not_count_as_nesting():
    parse_requirement(" and ".join(["(a or all(b))"] * 40), KNOWN)


def test_text_of_one_mebibyte_is_read_and_one_byte_more_is_refused():
    longest = "a" + " " * 1_048_575
    parse_requirement(longest, KNOWN)

    with pytest.raises(RequirementTextError) as caught:
        parse_requirement("é" + longest, KNOWN)

    assert str(caught.value) == "input exceeds size limit: 1048578 bytes (max 1048576)"


def test_resolver_may_be_a_function_and_gives_names_their_ids():
    requirement = parse_requirement("tests and x", {"tests": "ci.tests-pass", "x": "a:b"}.get)

    assert encode_requirement(requirement) == {"And": [c("ci.tests-pass"), c("a:b")]}


@given(st.text(alphabet="ab1()!&|, \n.é\ud800", max_size=30) | st.text())
def test_any_text_is_parsed_or_refused(text):
    with contextlib.suppress(RequirementTextError, RequirementStructureError):
        parse_requirement(text, lambda name: name)
