"""What each call writes, log by log (contract §6.4, §6.8, §6.9, §6.11)."""

import attrs
import pytest

from decision_gate.core.errors import DecisionGateError
from decision_gate.core.model import JsonPayload
from decision_gate.core.ports import LogCounts
from decision_gate.core.testing.world import KEY, World, condition, gate, packet, scenario, stage
from decision_gate.core.timestamps import Logical, UnixMillis

NO_BRANCH = {"kind": "branch", "branches": [], "default": None}


def world_of(*, advance="linear", started=True, **first):
    stages = [
        stage("one", [gate("g", "a"), gate("h", "b")], advance, **first),
        stage("two", entry_packets=[packet("p"), packet("q")]),
    ]
    world = World.of(scenario(stages, [condition("a"), condition("b")]))
    world.facts.answers = {"a": True, "b": True}
    if started:
        world.start()
    return world


def grown(world, call):
    """Return the error code of *call*, if any, and by how much each log has grown."""
    before = world.engine.runs.head(KEY)
    counts = attrs.asdict(LogCounts() if before is None else before.counts)
    code = None
    try:
        call()
    except DecisionGateError as error:
        code = error.code
    after = world.engine.runs.head(KEY)
    version = (after.version if after else 0) - (before.version if before else 0)
    now = attrs.asdict(LogCounts() if after is None else after.counts)
    return code, version, {log: count - counts[log] for log, count in now.items() if count != counts[log]}


TIMEOUT = {"timeout": {"timeout_ms": 1, "policy_tags": []}, "on_timeout": "advance_with_flag"}


def completed():
    world = world_of(advance="terminal")
    world.next("t")
    return world


def submitted():
    world = world_of()
    world.submit("s", JsonPayload(value=1))
    return world


def holding():
    world = world_of()
    world.facts.answers = {"a": True}
    return world


def replayed():
    world = holding()
    world.next("t1")
    return world


def oversized():
    world = world_of()
    world.facts.answers = {"a": "x" * (1 << 20)}
    return world


def without_provider():
    world = World.of(
        scenario([stage("one", [gate("g", "a")])], [condition("a", query={"provider_id": "x", "check_id": "y"})])
    )
    world.start()
    return world


STEP = {"triggers": 1, "decisions": 1, "tool_calls": 1}


@pytest.mark.parametrize(
    ("made", "call", "code", "version", "logs"),
    [
        (lambda: world_of(started=False), lambda w: w.start(), None, 1, {}),
        (lambda: world_of(started=False), lambda w: w.start(issue=True), None, 1, {"triggers": 1, "decisions": 1}),
        (world_of, lambda w: w.start(), "run_exists", 0, {}),
        (world_of, lambda w: w.status(), None, 1, {"tool_calls": 1}),
        (completed, lambda w: w.status(), None, 1, {"tool_calls": 1}),
        (holding, lambda w: w.next("t1"), None, 1, {**STEP, "gate_evals": 2}),
        (world_of, lambda w: w.next("t1"), None, 1, {**STEP, "gate_evals": 2, "packets": 2}),
        (lambda: world_of(**TIMEOUT), lambda w: w.trigger("t", at=UnixMillis(9_999)), None, 1, {**STEP, "packets": 2}),
        (replayed, lambda w: w.next("t1"), None, 1, {"tool_calls": 1}),
        (completed, lambda w: w.next("new"), None, 1, {"tool_calls": 1}),
        (without_provider, lambda w: w.next("t1"), "provider_missing", 1, {"tool_calls": 1}),
        (oversized, lambda w: w.next("t1"), "evidence_too_large", 0, {}),
        (lambda: world_of(advance=NO_BRANCH), lambda w: w.next("t1"), "gate_resolution", 0, {}),
        (lambda: world_of(**TIMEOUT), lambda w: w.trigger("t", at=Logical(1)), "time_kind_mismatch", 0, {}),
        (world_of, lambda w: w.submit("s", JsonPayload(value=1)), None, 1, {"submissions": 1, "tool_calls": 1}),
        (submitted, lambda w: w.submit("s", JsonPayload(value=1)), None, 1, {"tool_calls": 1}),
        (submitted, lambda w: w.submit("s", JsonPayload(value=2)), "submission_conflict", 1, {"tool_calls": 1}),
        (world_of, lambda w: w.submit("s", JsonPayload(value="x" * (2 << 20))), "payload_too_large", 0, {}),
    ],
)
def test_a_call_writes_one_commit_with_exactly_its_records_or_nothing(made, call, code, version, logs):
    world = made()

    assert grown(world, lambda: call(world)) == (code, version, logs)


def test_the_version_of_the_state_counts_what_moves_it_and_nothing_else():
    """Steps move it, also one that holds; polls and submissions do not (ADR 1)."""
    world = holding()
    versions = []

    for call in (lambda: world.next("t1"), world.status, lambda: world.submit("s", JsonPayload(value=1))):
        call()
        versions.append(world.engine.runs.head(KEY).state_version)
    world.trigger("t2")
    versions.append(world.engine.runs.head(KEY).state_version)

    first = versions[0]
    assert versions == [first, first, first, first + 1]


@pytest.mark.parametrize("trouble", ["oversized", "no branch"])
def test_the_trigger_of_a_call_that_failed_can_be_pulled_again(trouble):
    world = oversized() if trouble == "oversized" else world_of(advance=NO_BRANCH)
    with pytest.raises(DecisionGateError):
        world.next("t1")

    world.facts.answers = {"a": False}

    assert world.next("t1").decision.decision_id == "decision-1"
