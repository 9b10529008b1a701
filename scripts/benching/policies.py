"""The one policy that all cases judge: ten conditions, a quorum and a veto, as a scenario of one stage.

``And(c0, c1, Or(c2, c3), Not(c4), 2 of (c5, c6, c7), c8, c9)``: what a release gate looks like, with the comparators
that such gates use. Longer ones are an ``And`` of blocks of ten.
"""

from typing import Any

from decision_gate.core.json import JsonValue
from decision_gate.core.testing.world import condition, gate, scenario, stage

COMPARISONS: tuple[tuple[str, JsonValue, JsonValue], ...] = (
    ("equals", True, True),
    ("greater_than_or_equal", 80, 87),
    ("equals", "main", "main"),
    ("in_set", ["amber", "green"], "green"),
    ("equals", True, False),
    ("greater_than_or_equal", 2, 3),
    ("contains", "approved", "approved by two"),
    ("less_than", 0.05, 0.01),
    ("exists", None, {"url": "https://ci.example/1", "attempt": 2}),
    ("not_equals", "failed", "passed"),
)
"""Comparator, expected value, and the evidence that makes the policy pass, by condition."""


def names(count: int) -> list[str]:
    """Return the names of *count* conditions; also the checks they ask."""
    return [f"c{number}" for number in range(count)]


def answers(count: int) -> dict[str, JsonValue]:
    """Return the evidence that makes a policy of *count* conditions pass."""
    return {name: COMPARISONS[number % 10][2] for number, name in enumerate(names(count))}


def held(count: int) -> dict[str, JsonValue]:
    """Return evidence that leaves a run where it is: the first condition is false."""
    return answers(count) | {"c0": False}


def policy(count: int) -> dict[str, Any]:
    """Return a scenario whose one stage has a policy of 1 or of a multiple of 10 conditions."""
    conditions = [
        condition(name, comparator=COMPARISONS[number % 10][0], expected=COMPARISONS[number % 10][1])
        for number, name in enumerate(names(count))
    ]
    blocks = [_block(names(count)[first : first + 10]) for first in range(0, count, 10)]
    tree = blocks[0] if len(blocks) == 1 else {"And": blocks}
    return scenario([stage("release", [gate("policy", tree)])], conditions)


def waiting(tenant_id: int, namespace_id: int, count: int = 1) -> dict[str, Any]:
    """Return the scenario ``waiting``: *count* conditions of the provider ``time`` that are false for ages."""
    names = ["later", *(f"later-{number}" for number in range(2, count + 1))]
    tree = {"Condition": names[0]} if count == 1 else {"And": [{"Condition": name} for name in names]}
    return scenario(
        [stage("wait", [gate("later", tree)])],
        [
            condition(
                name,
                query={"provider_id": "time", "check_id": "after", "params": {"timestamp": 4_102_444_800_000 + number}},
            )
            for number, name in enumerate(names)
        ],
        scenario_id="waiting",
        namespace_id=namespace_id,
        default_tenant_id=tenant_id,
    )


def _block(leaves: list[str]) -> dict[str, Any]:
    if len(leaves) == 1:
        return {"Condition": leaves[0]}
    c = [{"Condition": name} for name in leaves]
    return {
        "And": [
            c[0],
            c[1],
            {"Or": [c[2], c[3]]},
            {"Not": c[4]},
            {"RequireGroup": {"min": 2, "reqs": [c[5], c[6], c[7]]}},
            c[8],
            c[9],
        ]
    }
