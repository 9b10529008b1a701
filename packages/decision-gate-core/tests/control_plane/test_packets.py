"""Disclosing packets: at a start, on an advance, denied, failing, announced.

Contract §6.2, §6.3, §6.7, §6.8; ADR 1.
"""

import attrs
import pytest

from decision_gate.core.errors import DecisionGateError
from decision_gate.core.model import (
    AdvanceOutcome,
    AgentTarget,
    ChannelTarget,
    FailOutcome,
    NextRequest,
    RunStatus,
    StartOutcome,
)
from decision_gate.core.ports import DispatchFailedError, Log
from decision_gate.core.testing.world import KEY, World, packet, scenario, stage
from decision_gate.core.timestamps import UnixMillis

TARGETS = (AgentTarget(agent_id="bot"), ChannelTarget(channel="ops"))


def world_of(**first):
    spec = scenario(
        [
            stage("one", advance="linear", entry_packets=[packet("p1")], **first),
            stage("two", entry_packets=[packet("p2", {"n": 1}), packet("p3")]),
        ]
    )
    return World.of(spec)


def packet_ids(records):
    return [record.envelope.packet_id for record in records]


def test_a_start_issues_the_first_stage_to_every_target_in_order():
    world = world_of()

    state = world.start(issue=True, targets=TARGETS)

    assert state == world.state()
    assert state.decisions[0].outcome == StartOutcome(stage_id="one")
    assert state.triggers[0].event.trigger_id == "init"
    assert packet_ids(state.packets) == ["p1"]
    assert [receipt.target for receipt in state.packets[0].receipts] == list(TARGETS)


def test_a_start_without_issuing_leaves_all_logs_empty():
    world = world_of()

    state = world.start(targets=TARGETS)

    assert state == world.state()
    assert (state.triggers, state.decisions, state.packets, state.tool_calls) == ((), (), (), ())
    assert state.dispatch_targets == TARGETS


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        ("denied", "policy denied disclosure"),
        ("undecided", "policy decision error: rule engine down"),
        ("failing", "dispatch error: no route for p1"),
    ],
)
def test_a_start_whose_packets_cannot_be_issued_leaves_no_run(trouble, message):
    world = world_of()
    getattr(world.dispatcher if trouble == "failing" else world.policy, trouble).add("p1")

    with pytest.raises(DecisionGateError) as refused:
        world.start(issue=True, targets=TARGETS)

    assert str(refused.value) == message
    assert world.engine.runs.head(KEY) is None


def test_an_advance_issues_the_packets_of_the_stage_it_enters():
    world = world_of()
    world.start(targets=TARGETS)

    answer = world.next("t1", at=UnixMillis(7))

    assert packet_ids(answer.packets) == ["p2", "p3"]
    assert {record.decision_id for record in answer.packets} == {"decision-1"}
    assert answer.packets == world.state().packets
    assert answer.packets[0].envelope.issued_at == UnixMillis(7)


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        ("denied", "policy denied disclosure"),
        ("undecided", "policy decision error: rule engine down"),
        ("failing", "dispatch error: no route for p3"),
    ],
)
def test_refused_disclosure_fails_the_run_and_does_not_advance(trouble, reason):
    world = world_of()
    world.start(targets=TARGETS)
    getattr(world.dispatcher if trouble == "failing" else world.policy, trouble).add("p3")

    answer = world.next("t1")

    assert answer.decision.outcome == FailOutcome(reason=reason)
    assert (answer.packets, answer.status) == ((), RunStatus.FAILED)
    assert (world.state().current_stage_id, world.state().packets) == ("one", ())


def test_a_payload_over_two_mebibytes_fails_the_run_with_its_size():
    spec = scenario([stage("one", advance="linear"), stage("two", entry_packets=[packet("p", "x" * (2 << 20))])])
    world = World.of(spec)
    world.start()

    answer = world.next("t1")

    assert answer.decision.outcome == FailOutcome(reason="payload exceeds size limit (2097153 > 2097152)")


def test_without_targets_a_packet_is_recorded_and_no_policy_is_asked():
    world = world_of()
    world.start()
    world.policy.denied.add("p2")

    answer = world.next("t1")

    assert [record.receipts for record in answer.packets] == [(), ()]
    assert world.policy.asked == []


def test_status_lists_issued_packets_in_order():
    world = world_of()
    world.start(issue=True)
    world.next("t1")

    assert world.status().issued_packet_ids == ("p1", "p2", "p3")


def effectful():
    world = world_of()
    world.dispatcher.has_effects = True
    return world


def test_effects_are_announced_before_the_first_one_and_recorded_after():
    world = effectful()
    world.start(targets=TARGETS)
    seen = []
    deliver = world.dispatcher.dispatch

    def watched(*arguments, **named):
        seen.append(world.engine.runs.head(KEY).pending.packet_ids)
        return deliver(*arguments, **named)

    world.dispatcher.dispatch = watched
    answer = world.next("t1")

    assert seen == [("p2", "p3")] * 4
    assert world.engine.runs.head(KEY).pending is None
    assert answer.packets == world.state().packets
    assert len(list(world.engine.runs.read(KEY, Log.INTENTS))) == 1


class CrashedError(Exception):
    """The process died while it delivered."""


def crash_while_delivering(world):
    world.start(targets=TARGETS)
    deliver, world.now_ms = world.dispatcher.dispatch, 1_000
    calls = []

    def dying(*arguments, **named):
        calls.append(named["idempotency_key"])
        if len(calls) == 3:
            raise CrashedError
        return deliver(*arguments, **named)

    world.dispatcher.dispatch = dying
    with pytest.raises(CrashedError):
        world.next("t1")
    world.dispatcher.dispatch = deliver
    return calls


def test_an_unfinished_dispatch_is_left_to_its_caller_until_its_lease_ends():
    world = effectful()
    crash_while_delivering(world)

    with pytest.raises(DecisionGateError) as refused:
        world.next("t2")

    assert (refused.value.code, str(refused.value), refused.value.until) == (
        "run_busy",
        "run run-1 has a dispatch in progress",
        61_000,
    )


def test_after_its_lease_an_unfinished_dispatch_is_finished_with_the_same_keys():
    world = effectful()
    keys = crash_while_delivering(world)
    delivered_before = list(world.dispatcher.delivered)
    world.now_ms += 60_000

    answer = world.next("t1")

    assert answer.decision.outcome == AdvanceOutcome(from_stage="one", to_stage="two", timeout=False)
    assert packet_ids(answer.packets) == ["p2", "p3"]
    assert world.dispatcher.delivered[len(delivered_before) :][: len(delivered_before)] == delivered_before
    assert set(keys) < set(world.dispatcher.delivered)
    assert len(set(world.dispatcher.delivered)) == 4
    assert world.engine.runs.check(KEY).is_sound


def test_an_announced_dispatch_that_is_not_on_record_is_a_damaged_store():
    world = effectful()
    crash_while_delivering(world)
    world.now_ms += 60_000
    world.engine.runs.read = lambda *_arguments, **_named: iter(())

    with pytest.raises(DecisionGateError) as refused:
        world.next("t1")

    assert (refused.value.code, str(refused.value)) == ("store_corrupt", "a pending dispatch has no intent")


def test_of_several_dispatches_the_unfinished_one_is_finished():
    world = effectful()
    world.start(issue=True, targets=TARGETS)
    deliver = world.dispatcher.dispatch

    def dying(*_arguments, **_named):
        raise CrashedError

    world.dispatcher.dispatch = dying
    with pytest.raises(CrashedError):
        world.next("t1")
    world.dispatcher.dispatch, world.now_ms = deliver, 60_000

    answer = world.next("t1")

    assert packet_ids(answer.packets) == ["p2", "p3"]
    assert packet_ids(world.state().packets) == ["p1", "p2", "p3"]
    assert [decision.decision_id for decision in world.state().decisions] == ["decision-1", "decision-2"]
    assert world.engine.runs.check(KEY).is_sound


def test_a_start_with_effects_that_cannot_be_finished_is_on_record_as_failed():
    world = effectful()
    world.dispatcher.failing.add("p1")

    with pytest.raises(DecisionGateError) as refused:
        world.start(issue=True, targets=TARGETS)

    assert refused.value.code == "dispatch_failed"
    assert world.state().status is RunStatus.FAILED
    assert world.state().decisions[0].outcome == FailOutcome(reason="dispatch error: no route for p1")


def test_effects_change_no_byte_of_the_record():
    plain, announced = world_of(), effectful()
    for world in (plain, announced):
        world.start(issue=True, targets=TARGETS)
        world.next("t1")

    assert plain.state() == attrs.evolve(announced.state())


@pytest.mark.parametrize("fails", [False, True])
def test_a_start_whose_dispatch_outlives_its_lease_is_answered_with_what_somebody_else_finished(fails):
    world = effectful()
    deliver = world.dispatcher.dispatch

    def slow(*arguments, **named):
        world.dispatcher.dispatch = deliver
        world.now_ms += 60_000
        world.status()
        world.next("t1")
        if fails:
            raise DispatchFailedError("too late")
        return deliver(*arguments, **named)

    world.dispatcher.dispatch = slow
    if fails:
        with pytest.raises(DecisionGateError) as refused:
            world.start(issue=True, targets=TARGETS)
        assert refused.value.code == "dispatch_failed"
    else:
        assert world.start(issue=True, targets=TARGETS) == world.state()

    assert [decision.trigger_id for decision in world.state().decisions] == ["init", "t1"]
    assert packet_ids(world.state().packets) == ["p1", "p2", "p3"]
    assert world.engine.runs.check(KEY).is_sound


def test_a_decision_that_another_caller_finishes_is_told_to_its_riders():
    world = effectful()
    crash_while_delivering(world)
    world.now_ms += 60_000
    told = []
    request = NextRequest(
        run_id=KEY.run_id, tenant_id=1, namespace_id=1, trigger_id="t2", agent_id="agent", time=UnixMillis(9)
    )

    world.engine.next("scenario", request, riders=lambda work: told.append(work) or ())

    assert [work.decision.trigger_id for work in told] == ["t1", "t2"]
