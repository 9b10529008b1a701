"""Texts and values from anywhere: accepted, or refused by a documented error, and never anything else."""

from hypothesis import given
from hypothesis import strategies as st

from decision_gate.core.codec import canonical_record, decode, encode
from decision_gate.core.engine import check_identifiers, check_scenario
from decision_gate.core.errors import DecisionGateError
from decision_gate.core.json import canonical, parse, plain, structural_equal
from decision_gate.core.logic import (
    RequirementStructureError,
    RequirementTextError,
    decode_requirement,
    encode_requirement,
    parse_requirement,
    print_requirement,
)
from decision_gate.core.model import (
    DataShapeRecord,
    DecisionRecord,
    EvidenceResult,
    GateEvalRecord,
    NextRequest,
    PacketRecord,
    RunConfig,
    RunpackManifest,
    RunState,
    ScenarioSpec,
    SubmissionRecord,
    SubmitRequest,
    ToolCallRecord,
    TriggerEvent,
)
from decision_gate.core.testing import worked_example

JSON_TOKENS = [
    *'{}[]:,"\\',
    "null",
    "true",
    "false",
    "-",
    "0",
    "12",
    "1e5",
    "1E400",
    ".5",
    "-0",
    "18446744073709551616",
    '"a"',
    '"\\ud800"',
    '"\\ud83d\\udd11"',
    "\x00",
    "é",
    " ",
    "\ufeff",
    "NaN",
    "[" * 130,
    '{"a":' * 130,
]
DSL_TOKENS = [
    "a",
    "b_1",
    "and",
    "or",
    "not",
    "&&",
    "||",
    "!",
    "(",
    ")",
    ",",
    "at_least",
    "all",
    "any",
    "1",
    "256",
    " ",
    "-",
]
DSL_TOKENS += ["not " * 40, "(" * 40, "é", "\x00", "9" * 30, "/", "\n"]


def soup(tokens):
    return st.lists(st.sampled_from(tokens), max_size=25).map("".join)


def refused(call):
    """Return what *call* returns, or none when it refuses in a documented way."""
    try:
        return call()
    except DecisionGateError as error:
        assert (error.code, str(error)) != ("", "")  # noqa: PT017 - any documented one
        return None


@given(st.one_of(st.binary(max_size=80), soup(JSON_TOKENS).map(str.encode), soup(JSON_TOKENS)))
def test_a_json_text_is_refused_or_survives_its_canonical_form(text):
    value = refused(lambda: parse(text))

    if value is not None:
        again = parse(canonical(value))
        assert canonical(again) == canonical(value)
        assert structural_equal(parse(plain(value)), value)


@given(st.one_of(st.text(max_size=60), soup(DSL_TOKENS)))
def test_a_requirement_text_is_refused_at_a_place_or_survives_printing(text):
    try:
        tree = parse_requirement(text, lambda name: name)
    except RequirementStructureError:
        return
    except RequirementTextError as error:
        assert error.position is None or 0 <= error.position <= len(text.encode())  # noqa: PT017 - most are refused
        return

    assert decode_requirement(encode_requirement(tree)) == tree
    printed = refused(lambda: print_requirement(tree))
    assert printed is None or parse_requirement(printed, lambda name: name) == tree


SPEC = worked_example.document("spec.json")
KINDS = (
    ScenarioSpec,
    RunState,
    RunConfig,
    TriggerEvent,
    NextRequest,
    SubmitRequest,
    EvidenceResult,
    GateEvalRecord,
    DecisionRecord,
    PacketRecord,
    SubmissionRecord,
    ToolCallRecord,
    RunpackManifest,
    DataShapeRecord,
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from(["unix_millis", "logical", "json", "bytes", "advance", "hold", "And", "Not", "asserted", "sha256"]),
)
KEYS = st.sampled_from(
    [
        "kind",
        "value",
        "stages",
        "gates",
        "requirement",
        "And",
        "Not",
        "RequireGroup",
        "min",
        "advance_to",
        "outcome",
        "time",
    ]
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)


@given(st.sampled_from(KINDS), VALUES)
def test_a_value_of_any_shape_is_refused_or_survives_encoding(kind, value):
    record = refused(lambda: decode(kind, value))

    if record is not None:
        assert decode(kind, encode(record)) == record


def places(value, path=()):
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in inner:
        yield from places(child, (*path, key))


PLACES = [path for path in places(SPEC) if path]
ABSENT = object()


def altered(value, path, put):
    """Return *value* with *put* at *path*, or without what stands there."""
    head, *rest = path
    copy = dict(value) if isinstance(value, dict) else list(value)
    if rest:
        copy[head] = altered(value[head], rest, put)
    elif put is ABSENT:
        del copy[head]
    else:
        copy[head] = put
    return copy


@given(st.sampled_from(PLACES), st.one_of(st.just(ABSENT), VALUES, st.sampled_from(PLACES).map(list)))
def test_a_scenario_with_one_part_replaced_is_refused_or_a_scenario(path, put):
    spec = refused(lambda: decode(ScenarioSpec, altered(SPEC, path, put)))

    if spec is not None:
        assert decode(ScenarioSpec, parse(canonical_record(spec))) is not None
        refused(lambda: (check_identifiers(spec), check_scenario(spec)))
