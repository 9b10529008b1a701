"""Deadlines: who notices them and where they lead (contract §6.5)."""

import pytest

from decision_gate.core.errors import DecisionGateError
from decision_gate.core.model import AdvanceOutcome, AgentTarget, CompleteOutcome, FailOutcome, HoldOutcome, RunStatus
from decision_gate.core.testing.world import KEY, World, condition, gate, packet, scenario, stage
from decision_gate.core.timestamps import Logical, UnixMillis

RULES = [
    {"gate_id": "g", "outcome": "unknown", "next_stage_id": "review"},
    {"gate_id": "g", "outcome": "true", "next_stage_id": "ship"},
]
ADVANCES = {
    "linear": "linear",
    "fixed": {"kind": "fixed", "stage_id": "ship"},
    "branch": {"kind": "branch", "branches": RULES, "default": None},
    "no branch": {"kind": "branch", "branches": [], "default": None},
    "terminal": "terminal",
}


def world_of(policy, advance="linear", timeout_ms=100):
    first = stage(
        "one",
        [gate("g", "a")],
        ADVANCES[advance],
        timeout={"timeout_ms": timeout_ms, "policy_tags": []},
        on_timeout=policy,
    )
    return World.of(scenario([first, stage("review"), stage("ship")], [condition("a")]))


def late(world):
    return world.trigger("t1", "tick", at=UnixMillis(1_100))


@pytest.mark.parametrize(
    ("policy", "advance", "outcome"),
    [
        ("fail", "linear", FailOutcome(reason="timeout")),
        ("advance_with_flag", "linear", AdvanceOutcome(from_stage="one", to_stage="review", timeout=True)),
        ("advance_with_flag", "fixed", AdvanceOutcome(from_stage="one", to_stage="ship", timeout=True)),
        ("advance_with_flag", "branch", AdvanceOutcome(from_stage="one", to_stage="ship", timeout=True)),
        ("advance_with_flag", "terminal", CompleteOutcome(stage_id="one")),
        ("alternate_branch", "branch", AdvanceOutcome(from_stage="one", to_stage="review", timeout=True)),
        ("alternate_branch", "linear", AdvanceOutcome(from_stage="one", to_stage="review", timeout=True)),
        ("alternate_branch", "terminal", CompleteOutcome(stage_id="one")),
    ],
)
def test_a_tick_at_the_deadline_does_what_the_policy_says_and_asks_nobody(policy, advance, outcome):
    world = world_of(policy, advance)
    world.start()

    answer = late(world)

    assert answer.decision.outcome == outcome
    assert (world.facts.asked, world.state().gate_evals) == ([], ())


def test_a_failed_run_stays_where_it_was():
    world = world_of("fail")
    world.start()

    assert late(world).status is RunStatus.FAILED
    assert world.state().current_stage_id == "one"


@pytest.mark.parametrize(("kind", "at"), [("tick", 1_099), ("external_event", 9_999), ("agent_request_next", 9_999)])
def test_before_the_deadline_and_for_other_triggers_the_gates_decide(kind, at):
    world = world_of("fail")
    world.start()

    answer = world.trigger("t1", kind, at=UnixMillis(at))

    assert isinstance(answer.decision.outcome, HoldOutcome)
    assert world.facts.asked == ["a"]


@pytest.mark.parametrize(
    ("timeout_ms", "started", "now", "code", "message"),
    [
        (
            1,
            Logical(1),
            UnixMillis(1),
            "time_kind_mismatch",
            "trigger time kind mismatch: timeout evaluation requires matching timestamp kinds",
        ),
        (
            2**63,
            UnixMillis(0),
            UnixMillis(1),
            "timeout_calculation",
            "timeout calculation error: timeout_ms exceeds i64 range",
        ),
        (
            2**63 - 1,
            UnixMillis(1),
            UnixMillis(1),
            "timeout_calculation",
            "timeout calculation error: timeout deadline overflow",
        ),
        (
            2**64 - 1,
            Logical(1),
            Logical(1),
            "timeout_calculation",
            "timeout calculation error: timeout deadline overflow",
        ),
    ],
)
def test_a_deadline_that_cannot_be_told_fails_the_call_and_writes_nothing(timeout_ms, started, now, code, message):
    world = world_of("fail", timeout_ms=timeout_ms)
    world.start(at=started)
    before = world.engine.runs.head(KEY)

    with pytest.raises(DecisionGateError) as refused:
        world.trigger("t1", "tick", at=now)

    assert (refused.value.code, str(refused.value)) == (code, message)
    assert world.engine.runs.head(KEY) == before


def test_a_branch_that_nothing_matches_fails_the_call_and_writes_nothing():
    world = world_of("advance_with_flag", "no branch")
    world.start()
    before = world.engine.runs.head(KEY)

    with pytest.raises(DecisionGateError) as refused:
        late(world)

    assert str(refused.value) == "gate resolution failed: no branch matched"
    assert world.engine.runs.head(KEY) == before


@pytest.mark.parametrize("fails", [False, True])
def test_a_deadline_issues_the_packets_of_the_next_stage_or_fails_the_run(fails):
    first = stage("one", [gate("g", "a")], "linear", timeout={"timeout_ms": 0, "policy_tags": ["late"]})
    spec = scenario(
        [{**first, "on_timeout": "advance_with_flag"}, stage("two", entry_packets=[packet("p")])], [condition("a")]
    )
    world = World.of(spec)
    world.start(targets=[AgentTarget(agent_id="bot")])
    if fails:
        world.policy.denied.add("p")

    answer = world.trigger("t1", "tick", at=UnixMillis(2_000))

    if fails:
        assert answer.decision.outcome == FailOutcome(reason="policy denied disclosure")
        assert (answer.status, world.state().current_stage_id) == (RunStatus.FAILED, "one")
    else:
        assert answer.decision.outcome == AdvanceOutcome(from_stage="one", to_stage="two", timeout=True)
        assert [record.envelope.packet_id for record in answer.packets] == ["p"]
        assert world.state().stage_entered_at == UnixMillis(2_000)
        assert "late" not in repr(world.state())


def test_logical_time_counts_the_timeout_in_its_own_units():
    world = world_of("fail", timeout_ms=5)
    world.start(at=Logical(10))

    early, due = world.trigger("t1", "tick", at=Logical(14)), world.trigger("t2", "tick", at=Logical(15))

    assert isinstance(early.decision.outcome, HoldOutcome)
    assert due.decision.outcome == FailOutcome(reason="timeout")


def test_a_tick_from_before_the_start_is_not_late():
    world = world_of("fail")
    world.start()
    world.facts.answers = {"a": True}

    assert world.trigger("t0", "tick", at=UnixMillis(-5)).decision.outcome == AdvanceOutcome(
        from_stage="one", to_stage="review", timeout=False
    )


@pytest.mark.parametrize(
    ("started", "timeout_ms", "end"),
    [(UnixMillis(0), 2**63 - 1, UnixMillis(2**63 - 1)), (Logical(0), 2**64 - 1, Logical(2**64 - 1))],
)
def test_the_last_moment_there_is_can_be_a_deadline(started, timeout_ms, end):
    world = world_of("fail", timeout_ms=timeout_ms)
    world.start(at=started)

    assert isinstance(world.trigger("t1", "tick", at=started).decision.outcome, HoldOutcome)
    assert world.trigger("t2", "tick", at=end).decision.outcome == FailOutcome(reason="timeout")
