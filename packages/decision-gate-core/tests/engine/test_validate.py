"""Scenarios that contradict themselves (contract §6.1, §3.2.1, deviations S4, S11)."""

import pytest

from decision_gate.core.codec import decode
from decision_gate.core.engine import InvalidScenarioError, check_identifiers, check_scenario
from decision_gate.core.errors import DecisionGateError
from decision_gate.core.model import ScenarioSpec
from decision_gate.core.testing.world import condition, gate, packet, scenario, stage

BRANCH = {"kind": "branch", "branches": [{"gate_id": "x", "outcome": "true", "next_stage_id": "b"}], "default": "c"}


def nested(depth):
    tree = {"Condition": "a"}
    for _ in range(depth):
        tree = {"Not": tree}
    return tree


def blank(**query):
    return condition("a", query={"provider_id": "p", "check_id": "c", **query})


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        (scenario([]), "scenario spec must define at least one stage"),
        (scenario([stage("a"), stage("b"), stage("b"), stage("a")]), "duplicate stage identifier: a"),
        (
            scenario([stage("a", [gate("g", nested(0))]), stage("b", [gate("g", nested(0))])], [condition("a")]),
            "duplicate gate identifier: g",
        ),
        (
            scenario([stage("a", entry_packets=[packet("p")]), stage("b", entry_packets=[packet("p")])]),
            "duplicate packet identifier: p",
        ),
        (scenario([stage("a")], [condition("c"), condition("c")]), "duplicate condition id: c"),
        (
            scenario([stage("a")], [blank(provider_id=" \u2003\u0085")]),
            "invalid evidence query for condition a: provider_id is empty",
        ),
        (scenario([stage("a")], [blank(check_id="")]), "invalid evidence query for condition a: check_id is empty"),
        (
            scenario(
                [stage("a", [gate("g", {"And": [{"Condition": "a"}, {"Condition": "z"}, {"Condition": "y"}]})])],
                [condition("a")],
            ),
            "gate references undefined condition: z",
        ),
        (
            scenario([stage("a", advance={"kind": "fixed", "stage_id": "z"})]),
            "branch target refers to unknown stage: z",
        ),
        (scenario([stage("a", advance=BRANCH)]), "branch target refers to unknown stage: b"),
        (scenario([stage("a", advance=BRANCH), stage("b")]), "branch target refers to unknown stage: c"),
        (
            scenario([stage("a", [gate("g", nested(33))])], [condition("a")]),
            "requirement of gate g is nested deeper than 32 levels",
        ),
    ],
)
def test_the_first_contradiction_is_named(spec, reason):
    with pytest.raises(InvalidScenarioError) as refused:
        check_scenario(decode(ScenarioSpec, spec))

    assert str(refused.value) == f"invalid scenario spec: {reason}"


@pytest.mark.parametrize(
    "spec",
    [
        scenario([stage("a", [gate("g", nested(32))])], [condition("a"), condition("unused")]),
        scenario([stage("a")], [blank(provider_id="\x1c")]),
        scenario([stage("a", [gate("g", {"RequireGroup": {"min": 9, "reqs": []}})])]),
        scenario([stage("a", advance={"kind": "branch", "branches": [], "default": None})]),
    ],
)
def test_what_the_reference_accepts_is_accepted(spec):
    check_scenario(decode(ScenarioSpec, spec))


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        (scenario([stage("a")], scenario_id=""), "scenario_id"),
        (scenario([stage("a"), stage("b\x00")]), "stages[1].stage_id"),
        (scenario([stage("a", entry_packets=[packet("p" * 256)])]), "stages[0].entry_packets[0].packet_id"),
        (scenario([stage("a", entry_packets=[packet("p", schema_id="\x85")])]), "stages[0].entry_packets[0].schema_id"),
        (scenario([stage("a", [gate("é" * 128, {"And": []})])]), "stages[0].gates[0].gate_id"),
        (scenario([stage("a")], [condition("\n")]), "conditions[0].condition_id"),
        (scenario([stage("a")], schemas=[{"schema_id": "s", "version": ""}]), "schemas[0].version"),
        (scenario([stage("a")], schemas=[{"schema_id": "", "version": "1"}]), "schemas[0].schema_id"),
    ],
)
def test_a_name_that_is_no_identifier_is_refused_with_its_place(spec, field):
    with pytest.raises(DecisionGateError) as refused:
        check_identifiers(decode(ScenarioSpec, spec))

    assert (refused.value.code, refused.value.field) == ("invalid_identifier", field)


def test_an_identifier_that_is_too_long_is_told_how_long_it_is():
    spec = decode(ScenarioSpec, scenario([stage("é" * 128)]))

    with pytest.raises(DecisionGateError, match="found 256 bytes"):
        check_identifiers(spec)


def test_slashes_of_both_kinds_and_255_bytes_are_identifiers():
    check_identifiers(decode(ScenarioSpec, scenario([stage("refs/heads/x\\y"), stage("é" * 127 + "x")])))
