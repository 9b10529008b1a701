"""Scenarios written in the short form read back to the very same scenario, or are refused."""

import string

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision_gate.core.codec import canonical_record, decode
from decision_gate.core.model import ScenarioSpec
from decision_gate.mcp.authoring import read_scenario
from decision_gate.mcp.authoring.spelling import NoShortFormError, short_yaml

names = st.text(string.ascii_lowercase + "_", min_size=1, max_size=6).filter(
    lambda name: name not in ("and", "or", "not", "end")
)
texts = st.one_of(
    st.text(max_size=8), st.sampled_from(["1e3", "0x1f", "no", "null", "~", "01", "2026-01-01", ".5", "-"])
)
scalars = st.one_of(
    st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False, allow_infinity=False), texts
)


@st.composite
def scenarios(draw):
    ids = draw(st.lists(names, min_size=1, max_size=4, unique=True))
    stages = draw(st.lists(names, min_size=1, max_size=3, unique=True))
    leaves = [{"Condition": name} for name in ids]
    requirement = draw(
        st.sampled_from(
            [
                {"And": leaves},
                {"Or": [{"Not": leaf} for leaf in leaves]},
                {"RequireGroup": {"min": 1, "reqs": leaves}},
            ]
        )
    )
    return {
        "scenario_id": draw(texts.filter(lambda text: text.isprintable() and text)),
        "namespace_id": draw(st.integers(1, 2**64 - 1)),
        "spec_version": draw(st.sampled_from(["1", "1.10", "v2", "null"])),
        "stages": [
            {
                "stage_id": stage,
                "entry_packets": [],
                "gates": [{"gate_id": f"g{number}", "requirement": requirement}] if number == 0 else [],
                "advance_to": {"kind": "terminal" if number == len(stages) - 1 else "linear"},
                "timeout": draw(
                    st.none() | st.builds(lambda ms: {"timeout_ms": ms, "policy_tags": []}, st.integers(0, 10**9))
                ),
                "on_timeout": draw(st.sampled_from(["fail", "advance_with_flag"])),
            }
            for number, stage in enumerate(stages)
        ],
        "conditions": [
            {
                "condition_id": name,
                "query": {
                    "provider_id": "own",
                    "check_id": draw(st.sampled_from(["c", "no", "1"])),
                    "params": draw(st.none() | st.dictionaries(names | st.just("equals"), scalars, max_size=3)),
                },
                "comparator": draw(st.sampled_from(["equals", "not_equals"])),
                "expected": draw(scalars),
                "policy_tags": draw(st.lists(texts, max_size=2)),
            }
            for name in ids
        ],
        "policies": [],
        "schemas": [],
    }


@given(scenarios())
def test_what_is_written_reads_back_to_the_same_bytes(document):
    spec = decode(ScenarioSpec, document)

    again = read_scenario(short_yaml(spec).encode(), "s.yaml")

    assert canonical_record(again.spec) == canonical_record(spec)


@pytest.mark.parametrize("text", ["\x85", "a\nb", "\u2028", " \ufeff", "\U0001f600", "\ta", "\x7f"])
def test_texts_that_break_lines_come_back(text):
    spec = read_scenario(b"scenario: s\nevidence: {a: {env: get, key: K, equals: x}}\nstages: {a: {gate: a}}", "s").spec
    spec = attrs.evolve(spec, conditions=(attrs.evolve(spec.conditions[0], expected=text),))

    assert read_scenario(short_yaml(spec).encode(), "s.yaml").spec == spec


def test_what_does_not_fit_is_named():
    document = {
        "scenario_id": "s",
        "namespace_id": 1,
        "spec_version": "1",
        "stages": [
            {"stage_id": "a", "entry_packets": [], "gates": [], "advance_to": {"kind": "linear"}, "on_timeout": "fail"}
        ],
        "conditions": [
            {
                "condition_id": "unused",
                "query": {"provider_id": "own", "check_id": "c"},
                "comparator": "exists",
                "policy_tags": [],
            }
        ],
        "policies": [],
        "schemas": [],
    }

    with pytest.raises(NoShortFormError) as refused:
        short_yaml(decode(ScenarioSpec, document))

    assert refused.value.reasons == ("evidence.unused: no gate uses `unused`",)
