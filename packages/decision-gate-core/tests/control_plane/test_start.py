"""Starting a run (contract §6.2, §6.7)."""

import hashlib

import attrs
import pytest
import rfc8785

from decision_gate.core.codec import encode
from decision_gate.core.errors import DecisionGateError
from decision_gate.core.model import (
    AgentTarget,
    DecisionRecord,
    ExternalTarget,
    HashDigest,
    RunConfig,
    RunState,
    RunStatus,
    StartOutcome,
    TriggerEvent,
    TriggerKind,
    TriggerRecord,
)
from decision_gate.core.testing.world import KEY, START, World, condition, gate, packet, scenario, stage
from decision_gate.core.timestamps import Logical, UnixMillis

SPEC = scenario([stage("one", [gate("g", "a")], "linear"), stage("two")], [condition("a")])
CONFIG = RunConfig(
    tenant_id=1,
    namespace_id=1,
    run_id="run-1",
    scenario_id="scenario",
    dispatch_targets=(ExternalTarget(system="jira", target="REL"), AgentTarget(agent_id="bot")),
    policy_tags=("audited",),
)


def started(world, *, issue=False, at=START, **changes):
    return world.engine.start("scenario", attrs.evolve(CONFIG, **changes), at, issue_entry_packets=issue)


def test_a_new_run_stands_in_the_first_stage_with_empty_logs():
    state = started(World.of(SPEC), at=Logical(3))

    assert state == RunState(
        tenant_id=1,
        namespace_id=1,
        run_id="run-1",
        scenario_id="scenario",
        spec_hash=HashDigest(value=hashlib.sha256(rfc8785.dumps(SPEC)).hexdigest()),
        current_stage_id="one",
        stage_entered_at=Logical(3),
        status=RunStatus.ACTIVE,
        dispatch_targets=CONFIG.dispatch_targets,
        triggers=(),
        gate_evals=(),
        decisions=(),
        packets=(),
        submissions=(),
        tool_calls=(),
    )


def test_policy_tags_of_a_run_are_dropped():
    world = World.of(SPEC)

    started(world)

    assert "audited" not in repr(encode(world.state()))


def test_a_start_that_issues_records_its_own_trigger_and_decision_and_no_tool_call():
    world = World.of(SPEC)

    state = started(world, issue=True)

    assert state.triggers == (
        TriggerRecord(
            seq=1,
            event=TriggerEvent(
                trigger_id="init",
                tenant_id=1,
                namespace_id=1,
                run_id="run-1",
                kind=TriggerKind.EXTERNAL_EVENT,
                time=START,
                source_id="system",
                payload=None,
                correlation_id=None,
            ),
        ),
    )
    assert state.decisions == (
        DecisionRecord(
            decision_id="decision-1",
            seq=1,
            trigger_id="init",
            stage_id="one",
            decided_at=START,
            outcome=StartOutcome(stage_id="one"),
            correlation_id=None,
        ),
    )
    assert state.tool_calls == ()
    assert world.state() == state


@pytest.mark.parametrize(
    ("named", "changes", "code", "message"),
    [
        ("scenario", {"scenario_id": "other"}, "scenario_mismatch", "scenario mismatch for run: other"),
        # A definition is found in the run's namespace (deviation S8), so another one has no such scenario.
        ("scenario", {"namespace_id": 2}, "scenario_not_found", "scenario not defined"),
        ("nothing", {}, "scenario_not_found", "scenario not defined"),
    ],
)
def test_a_run_of_what_does_not_fit_is_refused_and_not_made(named, changes, code, message):
    world = World.of(SPEC)

    with pytest.raises(DecisionGateError) as refused:
        world.engine.start(named, attrs.evolve(CONFIG, **changes), START, issue_entry_packets=False)

    assert (refused.value.code, str(refused.value)) == (code, message)
    assert world.engine.runs.head(KEY) is None


@pytest.mark.parametrize("issue", [False, True])
def test_a_run_exists_once_in_its_tenant_and_namespace(issue):
    world = World.of(scenario([stage("one", entry_packets=[packet("p")])], default_tenant_id=None))
    started(world)
    before = world.engine.runs.head(KEY)

    with pytest.raises(DecisionGateError) as refused:
        started(world, issue=issue)
    started(world, tenant_id=2, issue=issue)

    assert (refused.value.code, str(refused.value)) == ("run_exists", "run already exists: run-1")
    assert world.engine.runs.head(KEY) == before
    assert world.dispatcher.delivered == (
        ['[2,1,"run-1","decision-1","p",0]', '[2,1,"run-1","decision-1","p",1]'] * issue
    )


@pytest.mark.parametrize("bad", ["", "a\nb", "x" * 256])
def test_a_run_id_that_is_no_identifier_is_refused(bad):
    with pytest.raises(DecisionGateError) as refused:
        started(World.of(SPEC), run_id=bad)

    assert refused.value.code == "invalid_identifier"
    assert str(refused.value).startswith("run_id: ")


def test_a_packet_that_is_too_large_leaves_no_run():
    world = World.of(scenario([stage("one", entry_packets=[packet("p", "x" * (2 << 20))])]))

    with pytest.raises(DecisionGateError) as refused:
        started(world, issue=True)

    assert str(refused.value) == "payload exceeds size limit (2097153 > 2097152)"
    assert world.engine.runs.head(KEY) is None


def test_what_was_dispatched_before_a_failure_stays_dispatched():
    world = World.of(scenario([stage("one", entry_packets=[packet("p1"), packet("p2")])]))
    world.policy.denied.add("p2")

    with pytest.raises(DecisionGateError):
        started(world, issue=True)

    assert len(world.dispatcher.delivered) == 2
    assert world.engine.runs.head(KEY) is None


def test_packets_of_the_first_stage_are_issued_when_it_is_entered_again():
    again = {"kind": "fixed", "stage_id": "one"}
    world = World.of(scenario([stage("one", advance=again, entry_packets=[packet("p")])]))
    world.start()

    first, second = world.next("t1", at=UnixMillis(2_000)), world.next("t2", at=UnixMillis(3_000))

    assert [len(answer.packets) for answer in (first, second)] == [1, 1]
    assert world.status().issued_packet_ids == ("p", "p")
    assert world.state().stage_entered_at == UnixMillis(3_000)


def test_a_trigger_called_init_is_not_reserved():
    silent, issuing = World.of(SPEC), World.of(SPEC)
    silent.start()
    start = issuing.start(issue=True)

    assert silent.next("init").decision.decision_id == "decision-1"
    assert issuing.next("init").decision == start.decisions[0]
    assert (silent.facts.asked, issuing.facts.asked) == (["a"], [])
