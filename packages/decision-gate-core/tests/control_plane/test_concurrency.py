"""Two callers on one run: nothing is lost, nothing is told twice (contract §6.2, §6.4, ADR 1).

Every protection has its control: the same scene with the protection taken away, which must go wrong.
"""

import threading

import attrs
import pytest

from decision_gate.core.control_plane import appending
from decision_gate.core.errors import DecisionGateError
from decision_gate.core.memory import MemoryRunStore
from decision_gate.core.model import HoldOutcome
from decision_gate.core.testing.races import race
from decision_gate.core.testing.world import KEY, World, condition, gate, scenario, stage

SPEC = scenario([stage("one", [gate("g", "a")])], [condition("a")])
PATIENCE_S = 60


def once(store, script):
    """Let *script* run before the next append only, and not before those it makes itself."""

    def run():
        store.before_append = lambda: None
        script()

    store.before_append = run


def always(store, script):
    """Let *script* run before every append but its own."""

    def run():
        store.before_append = lambda: None
        script()
        store.before_append = run

    store.before_append = run


@pytest.fixture
def world(store):
    made = World.of(SPEC, runs=store)
    made.start()
    return made


def decision_ids(world):
    return [decision.decision_id for decision in world.state().decisions]


def test_polls_between_evidence_and_append_cost_no_second_evaluation(world, store):
    for number in range(5):
        once(store, lambda: [world.status() for _ in range(20)])
        world.next(f"t{number}")

    assert world.facts.asked == ["a"] * 5
    assert decision_ids(world) == [f"decision-{number + 1}" for number in range(5)]


def test_control_a_step_that_minds_every_commit_is_starved_by_polls(world, store, monkeypatch):
    append = appending.Appender.append

    def pedantic(self, draft, head, riders, *, circumstances=None, holds=None):  # noqa: ARG001 - the point
        return append(self, draft, head, riders, circumstances=circumstances, holds=lambda now: now == head)

    always(store, lambda: store.runs.append(poll_on(store)))
    monkeypatch.setattr(appending.Appender, "append", pedantic)

    with pytest.raises(DecisionGateError) as refused:
        world.next("t1")

    assert refused.value.code == "concurrent_update"


def poll_on(store):
    """Return a commit that adds nothing but a version."""
    head = store.runs.head(KEY)
    return appending.seal(appending.Draft(state_version=head.state_version), head)


def test_a_step_that_a_poll_overtook_takes_the_next_number_of_the_transcript(world, store):
    once(store, world.status)

    world.next("t1")

    calls = [(call.call_id, call.method) for call in world.state().tool_calls]
    assert calls == [("call-1", "scenario.status"), ("call-2", "scenario.next")]
    assert store.check(KEY).is_sound


def test_control_a_commit_that_is_not_sealed_again_never_gets_in(world, store, monkeypatch):
    sealed = {}
    seal = appending.seal
    monkeypatch.setattr(appending, "seal", lambda draft, head: sealed.setdefault(id(draft), seal(draft, head)))
    once(store, lambda: store.runs.append(poll_on(store)))

    with pytest.raises(DecisionGateError) as refused:
        world.next("t1")

    assert refused.value.code == "concurrent_update"


def test_a_step_that_another_step_overtook_is_judged_again_on_what_is_true_now(world, store):
    def other():
        world.next("other")
        world.facts.answers = {"a": True}

    once(store, other)
    answer = world.next("mine")

    assert answer.decision.decision_id == "decision-2"
    assert world.facts.asked == ["a"] * 3
    assert not isinstance(answer.decision.outcome, HoldOutcome)


def test_the_same_trigger_pulled_twice_at_once_is_decided_once(world, store):
    once(store, lambda: world.next("t1"))

    answer = world.next("t1")

    assert decision_ids(world) == ["decision-1"] == [answer.decision.decision_id]


def overtaken(world, store):
    """Let another step get in before each append of ours."""
    numbers = iter(range(1_000))
    always(store, lambda: world.next(f"other-{next(numbers)}"))


def test_after_three_evaluations_in_vain_the_conflict_is_told_and_nothing_is_written(world, store):
    overtaken(world, store)

    with pytest.raises(DecisionGateError) as refused:
        world.next("mine")

    assert (refused.value.code, str(refused.value)) == (
        "concurrent_update",
        "run run-1 changed while it was evaluated, try again",
    )
    assert [trigger.event.trigger_id for trigger in world.state().triggers] == ["other-0", "other-1", "other-2"]
    assert world.facts.asked == ["a"] * 6


def test_control_a_step_that_minds_no_commit_decides_on_a_state_that_is_gone(world, store, monkeypatch):
    append = appending.Appender.append

    def careless(self, draft, head, riders, *, circumstances=None, holds=None):  # noqa: ARG001 - the point
        return append(self, draft, head, riders, circumstances=circumstances, holds=lambda _now: True)

    once(store, lambda: world.next("other"))
    monkeypatch.setattr(appending.Appender, "append", careless)

    world.next("mine")

    assert decision_ids(world) == ["decision-1", "decision-1"]


class BlindRunStore(MemoryRunStore):
    """Takes every commit, whatever it was computed from."""

    def append(self, commit, riders=()):
        return super().append(attrs.evolve(commit, expected_version=self.head(commit.key).version), riders)


def pulled_together(runs):
    """Let two threads judge the same state before either of them appends."""
    world = World.of(SPEC, runs=runs)
    world.start()
    met = threading.Barrier(2)
    waits = {"mine": True, "theirs": True}

    def meet():
        if waits.pop(threading.current_thread().name, None):
            met.wait(PATIENCE_S)

    world.facts.before_answer = meet

    def pull(trigger_id):
        threading.current_thread().name = trigger_id
        return world.next(trigger_id)

    answers = race([lambda: pull("mine"), lambda: pull("theirs")])
    return world, [answer.decision.decision_id for answer in answers]


def test_two_threads_that_judged_the_same_state_are_told_different_decisions():
    world, told = pulled_together(MemoryRunStore())

    assert sorted(told) == ["decision-1", "decision-2"] == decision_ids(world)
    assert len(world.facts.asked) == 3
    assert world.engine.runs.check(KEY).is_sound


def test_control_without_compare_and_swap_both_threads_are_told_the_same_decision():
    world, told = pulled_together(BlindRunStore())

    assert told == ["decision-1", "decision-1"]
    assert not world.engine.runs.check(KEY).is_sound


def test_steps_polls_and_submissions_of_many_threads_are_all_recorded_once():
    world = World.of(SPEC)
    world.start()
    patient = range(12)

    def stepping():
        told = []
        for number in patient:
            trigger_id = f"{threading.current_thread().name}-{number}"
            while len(told) == number:
                try:
                    told.append(world.next(trigger_id).decision.decision_id)
                except DecisionGateError as error:
                    assert error.code == "concurrent_update"  # noqa: PT017 - trying again is what the code allows
        return told

    def polling():
        return [world.status().run_id for _ in patient]

    stepped = race([stepping, stepping, polling, polling])

    assert sorted(stepped[0] + stepped[1], key=lambda name: int(name.split("-")[1])) == decision_ids(world)
    state = world.state()
    assert [call.call_id for call in state.tool_calls] == [f"call-{n + 1}" for n in range(len(state.tool_calls))]
    assert len(state.triggers) == 24
    assert len(state.tool_calls) == 48
    assert world.engine.runs.check(KEY).is_sound


def test_two_starts_of_one_run_make_it_once(store):
    world = World.of(SPEC, runs=store)

    def other():
        store.before_create = lambda: None
        world.start()

    store.before_create = other

    with pytest.raises(DecisionGateError) as refused:
        world.start()

    assert refused.value.code == "run_exists"
    assert store.head(KEY).version == 1
