"""What riders are told about each commit: who is charged and what is audited depends on it."""

import functools

import pytest

from decision_gate.core.errors import DecisionGateError
from decision_gate.core.model import AgentTarget, JsonPayload
from decision_gate.core.ports import Rider
from decision_gate.core.testing.world import KEY, World, condition, gate, packet, scenario, stage
from decision_gate.core.timestamps import UnixMillis

SPEC = scenario(
    [
        stage("one", [gate("g", {"And": [{"Condition": "b"}, {"Condition": "a"}]})], "linear"),
        stage("two", entry_packets=[packet("p")]),
    ],
    [condition("a"), condition("b")],
)


def listened_to(spec=SPEC, **options):
    """Return a world and the list of what its riders are told: conditions asked, decision, error, version."""
    world, told = World.of(spec, **options), []

    def tell(work):
        decision = None if work.decision is None else work.decision.decision_id
        told.append((work.asked, decision, work.error, work.commit.head.version))
        return ()

    for name in ("start", "next", "trigger", "status", "submit"):
        setattr(world.engine, name, functools.partial(getattr(world.engine, name), riders=tell))
    return world, told


def test_a_start_tells_its_decision_only_when_it_makes_one():
    (silent, told_silently), (issuing, told) = listened_to(), listened_to()

    silent.start()
    issuing.start(issue=True)

    assert told_silently == [((), None, None, 1)]
    assert told == [((), "decision-1", None, 1)]


def test_a_step_tells_what_was_asked_and_decided_and_its_repetition_nothing():
    world, told = listened_to()
    world.start()

    world.next("t1")
    world.next("t1")
    world.trigger("t2", "external_event")

    assert told[1:] == [
        (("b", "a"), "decision-1", None, 2),
        ((), None, None, 3),
        (("b", "a"), "decision-2", None, 4),
    ]


def test_a_step_that_ends_in_a_timeout_asked_nobody():
    late = {"timeout": {"timeout_ms": 1, "policy_tags": []}, "on_timeout": "fail"}
    world, told = listened_to(scenario([stage("one", [gate("g", "a")], **late)], [condition("a")]))
    world.start()

    world.trigger("tick", at=UnixMillis(9_999))

    assert told[1:] == [((), "decision-1", None, 2)]


def test_polls_and_submissions_tell_nothing_but_their_commit():
    world, told = listened_to()
    world.start()

    world.status()
    world.submit("s", JsonPayload(value=1))
    world.submit("s", JsonPayload(value=1))

    assert told[1:] == [((), None, None, 2), ((), None, None, 3), ((), None, None, 4)]


def test_recorded_refusals_tell_their_code():
    absent = condition("a", query={"provider_id": "x", "check_id": "y"})
    world, told = listened_to(scenario([stage("one", [gate("g", "a")])], [absent]))
    world.start()
    world.submit("s", JsonPayload(value=1))

    for refused in (lambda: world.submit("s", JsonPayload(value=2)), lambda: world.next("t1")):
        with pytest.raises(DecisionGateError):
            refused()

    assert told[2:] == [((), None, "submission_conflict", 3), ((), None, "provider_missing", 4)]


def test_an_announced_dispatch_tells_what_was_asked_and_its_result_the_decision():
    world, told = listened_to()
    world.dispatcher.has_effects = True
    world.start(targets=[AgentTarget(agent_id="bot")])
    world.facts.answers = {"a": True, "b": True}

    world.next("t1")

    asked = ("b", "a")
    assert told[1:] == [(asked, None, None, 2), (asked, "decision-1", None, 3)]


def test_a_rider_of_a_kind_without_table_is_refused_and_nothing_is_written():
    world = World.of(SPEC)
    world.start()
    before = world.engine.runs.head(KEY)
    world.engine.status = functools.partial(
        world.engine.status, riders=lambda _work: [Rider(kind="k", key="1", body=b"")]
    )

    with pytest.raises(DecisionGateError) as refused:
        world.status()

    assert refused.value.code == "rider_kind"
    assert world.engine.runs.head(KEY) == before
