"""Asking where a run stands (contract §6.3, §6.4, §6.5, §6.8)."""

import pytest

from decision_gate.core.errors import DecisionGateError
from decision_gate.core.model import JsonPayload, RunStatus, SafeSummary, ScenarioStatus
from decision_gate.core.testing.world import World, condition, gate, packet, scenario, stage


def world_of(answer=None, **first):
    spec = scenario([stage("one", [gate("g", "a")], **first)], [condition("a")])
    world = World.of(spec)
    world.facts.answers = {} if answer is None else {"a": answer}
    world.start()
    return world


def status(world, **changes):
    decisions = world.state().decisions
    said = {
        "run_id": "run-1",
        "scenario_id": "scenario",
        "current_stage_id": "one",
        "status": RunStatus.ACTIVE,
        "last_decision": decisions[-1] if decisions else None,
        "issued_packet_ids": (),
        "safe_summary": None,
    }
    return ScenarioStatus(**{**said, **changes})


def test_a_new_run_has_nothing_to_tell():
    world = world_of()

    assert world.status() == status(world)


def test_a_held_run_tells_what_it_waits_for():
    world = world_of(answer=False)
    world.next("t1")

    summary = SafeSummary(status="hold", unmet_gates=("g",), retry_hint="await_evidence", policy_tags=())
    assert world.status() == status(world, safe_summary=summary)


def test_a_completed_run_and_a_failed_one_still_answer():
    completed, failed = world_of(answer=True), world_of(timeout={"timeout_ms": 0, "policy_tags": []})
    completed.next("t1")
    failed.trigger("t1", "tick")

    assert completed.status() == status(completed, status=RunStatus.COMPLETED)
    assert failed.status() == status(failed, status=RunStatus.FAILED)


def test_a_packet_issued_twice_is_listed_twice():
    world = world_of(answer=True, advance={"kind": "fixed", "stage_id": "one"}, entry_packets=[packet("p")])
    world.next("t1")
    world.next("t2")

    assert world.status().issued_packet_ids == ("p", "p")


def test_polls_do_not_change_what_the_next_poll_says():
    world = world_of()

    assert world.status() == world.status()
    assert [call.call_id for call in world.state().tool_calls] == ["call-1", "call-2"]


@pytest.mark.parametrize("call", ["status", "submit", "next", "trigger"])
def test_every_call_on_a_run_that_is_not_there_is_refused_alike(call):
    world = World.of(scenario([stage("one")]))
    calls = {
        "status": world.status,
        "submit": lambda: world.submit("s", JsonPayload(value=1)),
        "next": lambda: world.next("t1"),
        "trigger": lambda: world.trigger("t1"),
    }

    with pytest.raises(DecisionGateError) as refused:
        calls[call]()

    assert (refused.value.code, str(refused.value)) == ("run_not_found", "run not found: run-1")


def test_a_finished_run_without_any_decision_has_no_answer(store):
    world = World.of(scenario([stage("one")]), runs=store)
    world.start()
    world.next("t1")
    store.step = lambda _key, _trigger_id: None

    with pytest.raises(DecisionGateError) as refused:
        world.next("t2")

    assert (refused.value.code, str(refused.value)) == ("run_not_active", "run is not active: Completed")


def test_a_poll_that_steps_always_overtake_is_told_so(store):
    world = World.of(scenario([stage("one", [gate("g", "a")])], [condition("a")]), runs=store)
    world.start()
    numbers = iter(range(10_000))

    def overtake():
        store.before_append = lambda: None
        world.next(f"t{next(numbers)}")
        store.before_append = overtake

    store.before_append = overtake

    with pytest.raises(DecisionGateError) as refused:
        world.status()

    assert refused.value.code == "concurrent_update"
    assert {call.method for call in world.state().tool_calls} == {"scenario.next"}


def test_a_poll_that_a_step_overtook_tells_what_the_step_decided(store):
    world = World.of(scenario([stage("one", [gate("g", "a")])], [condition("a")]), runs=store)
    world.start()

    def overtake():
        store.before_append = lambda: None
        world.next("t1")

    store.before_append = overtake

    assert world.status().last_decision == world.state().decisions[0]
