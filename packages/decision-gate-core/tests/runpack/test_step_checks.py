"""Every decision against its trigger, its scenario and the one before it (contract §8.2, deviation S9)."""

import pytest

from decision_gate.core.json import canonical, parse
from decision_gate.core.memory import MemoryArtifacts
from decision_gate.core.ports import ScenarioKey
from decision_gate.core.runpack import ExportRequest, export, replay, verify
from decision_gate.core.testing.world import KEY, START, World, condition, gate, scenario, stage
from decision_gate.core.timestamps import UnixMillis

AT = {"kind": "unix_millis", "value": 5}


def put(record, path, value):
    for key in path[:-1]:
        record = record[key]
    record[path[-1]] = value


@pytest.mark.parametrize(
    ("log", "number", "path", "value", "problem"),
    [
        ("decisions", 1, ("decided_at",), AT, "decision 2 has another time than its trigger"),
        ("decisions", 1, ("correlation_id",), "x", "decision 2 has another correlation_id than its trigger"),
        ("decisions", 1, ("stage_id",), "ship", "decision 2 is of stage ship, expected intake"),
        ("decisions", 1, ("outcome",), {"kind": "fail", "reason": "r"}, "decision 3 follows the end of the run"),
        ("decisions", 3, ("outcome", "stage_id"), "x", "decision 4 names stage x in its outcome, expected ship"),
        ("decisions", 2, ("outcome", "from_stage"), "x", "decision 3 names stage x in its outcome, expected intake"),
        ("decisions", 1, ("outcome",), {"kind": "start", "stage_id": "intake"}, "decision 2 starts the run again"),
        (
            "triggers",
            0,
            ("event", "source_id"),
            "x",
            "decision 1 starts the run by another trigger than the engine's own",
        ),
        ("decisions", 3, ("stage_id",), "nowhere", "decision 4: unknown stage identifier: nowhere"),
        ("decisions", 2, ("outcome", "to_stage"), "nowhere", "decision 3: unknown stage identifier: nowhere"),
        (
            "packets",
            0,
            ("envelope", "packet_id"),
            "x",
            "decision 1 did not issue the packets of stage intake",
        ),
        ("gate_evals", 0, ("stage_id",), "ship", "gate evaluation 1 is of stage ship, expected intake"),
        (
            "gate_evals",
            0,
            ("evaluation", "gate_id"),
            "x",
            "decision 2 did not evaluate the gates of stage intake",
        ),
        (
            "gate_evals",
            0,
            ("evaluation", "trace", 0, "status"),
            "Unknown",
            "gate evaluation 1 traces another status than its evidence has",
        ),
        (
            "gate_evals",
            0,
            ("evaluation", "trace"),
            [],
            "gate evaluation 1 has not the trace of gate g-quality",
        ),
        ("gate_evals", 0, ("evidence",), [], "gate evaluation 1 has not the evidence of gate g-quality"),
    ],
)
def test_a_step_that_does_not_follow_is_named(worked, log, number, path, value, problem):
    name = f"artifacts/{log}.json"
    records = worked.content(name)
    put(records[number], path, value)
    worked.artifacts.files[name] = canonical(records)
    worked.reseal()

    assert problem in verify(worked.manifest, worked.artifacts).errors


def exported(*, is_late, has_timeout=True, has_start=True):
    """Export a run that a tick moved on: by its deadline, or by its gate."""
    limit = {"timeout_ms": 10, "policy_tags": []} if has_timeout else None
    first = stage("one", [gate("g", "a")], "linear", timeout=limit, on_timeout="advance_with_flag")
    world = World.of(scenario([first, stage("two")], [condition("a")]))
    world.facts.answers = {"a": True}
    world.start(issue=has_start)
    world.trigger("t1", "tick", at=UnixMillis(START.value + 10 * is_late))
    pack = MemoryArtifacts()
    head = world.engine.runs.head(KEY)
    definition = world.engine.scenarios.get(ScenarioKey(1, 1, "scenario"))
    request = ExportRequest(spec=definition.body, head=head, generated_at=UnixMillis(1))
    return export(request, world.engine.runs, pack).manifest_bytes, pack


def test_a_deadline_spares_the_gates():
    manifest, pack = exported(is_late=True)

    assert pack.files["artifacts/gate_evals.json"] == b"[]"
    assert verify(manifest, pack).errors == ()


@pytest.mark.parametrize(
    ("has_timeout", "has_start"),
    [(True, True), (False, True), (False, False), (True, False)],
)
def test_a_tick_before_the_deadline_spares_no_gates(has_timeout, has_start):
    manifest, pack = exported(is_late=False, has_timeout=has_timeout, has_start=has_start)
    pack.files["artifacts/gate_evals.json"] = b"[]"

    errors = verify(manifest, pack).errors

    number = 2 if has_start else 1
    assert f"decision {number} was made without evaluating the gates of stage one" in errors
    assert replay(manifest, pack).divergence is not None


def test_a_deadline_of_a_stage_that_began_nobody_knows_when_is_believed():
    """A run that starts without issuing packets has no record of its start (contract §6.2, §8.1)."""
    manifest, pack = exported(is_late=True, has_start=False)

    assert pack.files["artifacts/gate_evals.json"] == b"[]"
    assert verify(manifest, pack).errors == ()
    assert replay(manifest, pack).divergence is None


def test_gates_that_were_evaluated_after_the_deadline_are_told():
    manifest, pack = exported(is_late=True)
    pack.files["artifacts/gate_evals.json"] = exported(is_late=False)[1].files["artifacts/gate_evals.json"]

    assert "decision 2 evaluated the gates of stage one, which was over" in verify(manifest, pack).errors
    assert replay(manifest, pack).divergence.place == "timeout"


def test_a_tick_in_another_kind_of_time_than_the_stage_began_in_is_told():
    manifest, pack = exported(is_late=True)
    for name, place in (("triggers", ("event", "time")), ("decisions", ("decided_at",))):
        records = parse(pack.files[f"artifacts/{name}.json"])
        put(records[1], place, {"kind": "logical", "value": 5})
        pack.files[f"artifacts/{name}.json"] = canonical(records)

    assert (
        "decision 2: trigger time kind mismatch: timeout evaluation requires matching timestamp kinds"
        in verify(manifest, pack).errors
    )
