"""A run whose records were erased under retention: it goes on, and says what it cannot answer any more (ADR 1)."""

import pytest

from decision_gate.core.errors import DecisionGateError
from decision_gate.core.model import JsonPayload
from decision_gate.core.ports import Log, RecordRef, tombstone
from decision_gate.core.testing.world import KEY, World, condition, gate, packet, scenario, stage

AGAIN = {"kind": "fixed", "stage_id": "one"}


@pytest.fixture
def world():
    made = World.of(scenario([stage("one", [gate("g", "a")], AGAIN, entry_packets=[packet("p")])], [condition("a")]))
    made.facts.answers = {"a": True}
    made.start()
    made.next("t1")
    made.submit("s", JsonPayload(value="personal"))
    for log in (Log.GATE_EVALS, Log.PACKETS, Log.SUBMISSIONS):
        made.engine.runs.erase(KEY, [RecordRef(log=log, seq=1)], tombstone(at_ms=5, reason="request 7"))
    return made


def test_a_tombstone_says_when_and_why():
    assert tombstone(at_ms=5, reason="request 7") == (
        b'{"erased":{"at":{"kind":"unix_millis","value":5},"reason":"request 7"}}'
    )


def test_the_run_goes_on_and_lists_only_the_packets_that_are_left(world):
    world.next("t2")

    assert world.status().issued_packet_ids == ("p",)
    assert world.engine.runs.check(KEY).is_sound


@pytest.mark.parametrize("call", ["replay", "submit", "state"])
def test_what_needs_an_erased_record_is_told_so_and_writes_nothing(world, call):
    before = world.engine.runs.head(KEY)
    calls = {
        "replay": lambda: world.next("t1"),
        "submit": lambda: world.submit("s", JsonPayload(value="personal")),
        "state": lambda: world.engine.state(KEY),
    }

    with pytest.raises(DecisionGateError) as refused:
        calls[call]()

    assert refused.value.code == "record_erased"
    assert world.engine.runs.head(KEY) == before
