"""A commit whose reply was lost: the stored chain says whether it happened (ADR 1)."""

import pytest

from decision_gate.core.control_plane import appending
from decision_gate.core.errors import DecisionGateError
from decision_gate.core.ports import RunKey
from decision_gate.core.testing.world import KEY, World, condition, gate, scenario, stage

SPEC = scenario([stage("one", [gate("g", "a")])], [condition("a")])


@pytest.fixture
def world(store):
    made = World.of(SPEC, runs=store)
    made.start()
    return made


def methods(world):
    return [call.method for call in world.state().tool_calls]


@pytest.mark.parametrize("fate", ["reply lost", "commit lost"])
def test_a_step_is_recorded_once_whatever_was_lost(world, store, fate):
    store.fates = [fate]

    answer = world.next("t1")

    assert world.state().decisions == (answer.decision,)
    assert (world.facts.asked, methods(world)) == (["a"], ["scenario.next"])
    assert store.check(KEY).is_sound


@pytest.mark.parametrize("fate", ["reply lost", "commit lost"])
def test_a_poll_is_recorded_once_whatever_was_lost(world, store, fate):
    store.fates = [fate]

    world.status()

    assert methods(world) == ["scenario.status"]


def test_control_without_reading_the_head_again_a_lost_reply_is_recorded_twice(world, store, monkeypatch):
    before = store.head(KEY)
    monkeypatch.setattr(appending.Appender, "_applied", lambda _self, _commit: before)
    store.fates = ["reply lost"]

    world.status()

    assert methods(world) == ["scenario.status"] * 2


def test_when_the_run_has_moved_on_the_caller_is_told_and_the_trigger_can_be_pulled_again(world, store):
    store.fates = ["reply lost"]
    store.after_loss = world.status

    with pytest.raises(DecisionGateError) as refused:
        world.next("t1")
    again = world.next("t1")

    assert refused.value.code == "outcome_unknown"
    assert world.state().decisions == (again.decision,)
    assert world.facts.asked == ["a"]


def test_a_step_that_was_lost_while_another_one_got_in_is_not_guessed_at(world, store):
    store.fates = ["commit lost"]
    store.after_loss = lambda: world.next("other")

    with pytest.raises(DecisionGateError) as refused:
        world.next("t1")

    assert refused.value.code == "outcome_unknown"
    assert [decision.trigger_id for decision in world.state().decisions] == ["other"]


@pytest.mark.parametrize("fates", [["reply lost"], ["commit lost"], ["commit lost", "reply lost"]])
def test_a_run_is_made_once_whatever_was_lost(store, fates):
    world = World.of(SPEC, runs=store)
    store.fates = list(fates)

    state = world.start(issue=True)

    assert world.state() == state
    assert store.head(KEY).version == 1


def test_a_run_that_cannot_be_made_twice_in_a_row_is_not_guessed_at(store):
    world = World.of(SPEC, runs=store)
    store.fates = ["commit lost", "commit lost"]

    with pytest.raises(DecisionGateError) as refused:
        world.start()

    assert refused.value.code == "outcome_unknown"


def start_of_somebody_else(world, store):
    """Make the run while the reply to another start of it is lost, later than that one."""

    def make():
        store.after_loss = lambda: None
        World.of(SPEC, runs=store.runs).start(issue=True)

    store.after_loss = make
    return world


def test_a_start_that_was_lost_is_not_answered_with_the_run_of_somebody_else(store):
    world = start_of_somebody_else(World.of(SPEC, runs=store), store)
    store.fates = ["commit lost"]

    with pytest.raises(DecisionGateError) as refused:
        world.start()

    assert refused.value.code == "run_exists"


def test_a_start_whose_run_has_moved_on_is_not_guessed_at(store):
    world = World.of(SPEC, runs=store)
    store.fates = ["reply lost"]
    store.after_loss = world.status

    with pytest.raises(DecisionGateError) as refused:
        world.start()

    assert refused.value.code == "outcome_unknown"
    assert store.head(RunKey(1, 1, "run-1")).version == 2
