"""What engines are driven with side by side: scenarios, and strategies for what is said and asked."""

from collections.abc import Mapping
from typing import Any, Final

from hypothesis import strategies as st

from decision_gate.core.json import JsonValue
from decision_gate.core.ports import EvidenceProviderFailureError, RunKey
from decision_gate.core.testing.world import condition, gate, packet, scenario, stage
from decision_gate.core.timestamps import timestamp

_QUORUM: Final = {
    "RequireGroup": {"min": 2, "reqs": [{"Condition": "tests"}, {"Condition": "lint"}, {"Not": {"Condition": "held"}}]}
}
CHECKS: Final = ("tests", "lint", "held")
"""What the scenarios ask for."""

_CONDITIONS: Final = [condition(name) for name in CHECKS]


def _fixed(stage_id: str) -> dict[str, JsonValue]:
    return {"kind": "fixed", "stage_id": stage_id}


_ROUTES: Final = [
    {"gate_id": "quick", "outcome": "true", "next_stage_id": "ship"},
    {"gate_id": "quick", "outcome": "unknown", "next_stage_id": "manual"},
]
SCENARIOS: Final[Mapping[str, Mapping[str, Any]]] = {
    "review": scenario(
        [
            stage("open", [gate("quorum", _QUORUM)], _fixed("ship"), entry_packets=[packet("in")]),
            stage("ship", entry_packets=[packet("out", {"n": 1.0}), packet("more", [])]),
        ],
        _CONDITIONS,
        scenario_id="review",
    ),
    "routed": scenario(
        [
            stage(
                "open",
                [gate("quick", "tests"), gate("slow", "lint")],
                {"kind": "branch", "branches": _ROUTES, "default": None},
                timeout={"timeout_ms": 5_000, "policy_tags": ["late"]},
                on_timeout="alternate_branch",
            ),
            stage("manual", [gate("held", {"Not": {"Condition": "held"}})], _fixed("ship")),
            stage("ship", entry_packets=[packet("out")]),
        ],
        _CONDITIONS,
        scenario_id="routed",
    ),
    "org/wheel": scenario(
        [
            stage("a", [gate("tests", "tests")], _fixed("b")),
            stage("b", [gate("lint", "lint")], _fixed("a"), entry_packets=[packet("turn")]),
        ],
        _CONDITIONS,
        scenario_id="org/wheel",
    ),
}
"""Scenarios by id: a quorum with a disclosure, routes with a deadline, and one that never ends."""

KEYS: Final = [RunKey(tenant, 1, run_id) for tenant in (1, 2**64 - 1) for run_id in ("r", "é/1")]
"""Runs: two tenants at the ends of their range, two names."""

RECIPIENTS: Final[list[dict[str, JsonValue]]] = [
    {"kind": "agent", "agent_id": "a"},
    {"kind": "session", "session_id": "s"},
]
"""Targets of disclosures."""

NAMES: Final = ["t-1", "t-2", "t-3", "org/t", "🚦"]
"""Ids of triggers."""

TIMES: Final = st.one_of(
    st.builds(timestamp, kind=st.just("unix_millis"), value=st.integers(0, 20_000)),
    st.builds(timestamp, kind=st.just("logical"), value=st.integers(0, 3)),
)
"""Times of triggers, of both kinds."""

VALUES: Final[st.SearchStrategy[Any]] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip
"""JSON values that are handed in."""

AT_FIRST: Final[Mapping[str, JsonValue]] = {"tests": True, "lint": True, "held": False}
"""What is so until somebody says otherwise: every scenario goes on."""

ANSWERS: Final = st.sampled_from([True, True, False, None, 1]) | st.just(EvidenceProviderFailureError("away"))
"""What a provider says about a check: a value, none, or that it cannot answer."""
