"""A replay finds what hashes cannot: a record that does not follow from its evidence (deviation S9)."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decision_gate.core.codec import canonical_record
from decision_gate.core.engine import EngineSettings
from decision_gate.core.errors import DecisionGateError
from decision_gate.core.hashing import hash_json
from decision_gate.core.json import canonical
from decision_gate.core.memory import MemoryArtifacts
from decision_gate.core.model import (
    AgentTarget,
    EvidenceProviderError,
    EvidenceResult,
    JsonEvidence,
    TrustLane,
    VerificationStatus,
)
from decision_gate.core.ports import EvidenceProviderFailureError
from decision_gate.core.runpack import (
    Divergence,
    ExportRequest,
    InvalidManifestError,
    ReplayReport,
    UnreplayableError,
    export,
    replay,
    verify,
)
from decision_gate.core.testing.world import KEY, World, condition, gate, packet, scenario, stage
from decision_gate.core.timestamps import Logical, UnixMillis

ASSERTED = EngineSettings(min_lane=TrustLane.ASSERTED)


def with_records(pack, log, records):
    pack.artifacts.files[f"artifacts/{log}.json"] = canonical(records)
    return pack.reseal()


def first(pack, **how):
    """Return the place of the first divergence with both values."""
    found = replay(pack.manifest, pack.artifacts, **how).divergence
    return None if found is None else (found.decision_id, found.place, found.recorded, found.derived)


def test_a_true_record_is_replayed_step_by_step(pack):
    report = replay(pack.manifest, pack.artifacts)

    assert report.is_faithful
    assert report.steps == len(pack.content("artifacts/decisions.json"))
    assert replay(pack.manifest, pack.artifacts, settings=ASSERTED).is_faithful


def test_other_evidence_with_its_own_hash_passes_the_hashes_but_not_the_replay(worked):
    gate_evals = worked.content("artifacts/gate_evals.json")
    result = gate_evals[2]["evidence"][1]["result"]
    result["value"]["value"] = 12
    result["evidence_hash"]["value"] = hash_json(12)
    altered = with_records(worked, "gate_evals", gate_evals)

    assert verify(altered.manifest, altered.artifacts).status.value == "pass"
    assert first(altered) == ("decision-3", "gate g-quality, condition coverage_ok, status", "True", "False")


def test_a_status_that_does_not_follow_is_named_with_both_values(worked):
    gate_evals = worked.content("artifacts/gate_evals.json")
    gate_evals[0]["evidence"][1]["status"] = "True"
    gate_evals[0]["evaluation"]["trace"][1]["status"] = "True"

    assert first(with_records(worked, "gate_evals", gate_evals)) == (
        "decision-2",
        "gate g-quality, condition coverage_ok, status",
        "True",
        "Unknown",
    )


def test_a_gate_that_does_not_follow_from_its_conditions_is_named(worked):
    gate_evals = worked.content("artifacts/gate_evals.json")
    gate_evals[0]["evaluation"]["status"] = "True"

    assert first(with_records(worked, "gate_evals", gate_evals)) == (
        "decision-2",
        "gate g-quality, status",
        "True",
        "Unknown",
    )


def test_a_divergence_is_told_whole_with_the_steps_before_it(worked):
    gate_evals = worked.content("artifacts/gate_evals.json")
    gate_evals[0]["evaluation"]["status"] = "True"
    altered = with_records(worked, "gate_evals", gate_evals)

    report = replay(altered.manifest, altered.artifacts)

    assert report == ReplayReport(
        steps=1,
        knows_lanes=False,
        divergence=Divergence(
            decision_id="decision-2",
            trigger_id="tick-1",
            stage_id="intake",
            place="gate g-quality, status",
            recorded="True",
            derived="Unknown",
        ),
    )
    assert not report.is_faithful
    assert str(report.divergence) == (
        "decision-2 (trigger tick-1, stage intake): gate g-quality, status: recorded True, derived Unknown"
    )


def test_a_log_that_broke_off_explains_what_differs_after_it(worked):
    path = "artifacts/gate_evals.json"
    worked.artifacts.files[path] = worked.artifacts.files[path][:-1]

    with pytest.raises(UnreplayableError) as refusal:
        replay(worked.manifest, worked.artifacts)

    assert refusal.value.code == "unreplayable"
    assert str(refusal.value).startswith(f"{path}: expected `]` at byte ")


def test_a_scenario_without_stages_is_refused(worked):
    spec = worked.content("artifacts/scenario_spec.json") | {"stages": []}
    worked.artifacts.files["artifacts/scenario_spec.json"] = canonical(spec)

    with pytest.raises(UnreplayableError, match=r"^the scenario has no stages$"):
        replay(worked.manifest, worked.artifacts)


@pytest.mark.parametrize("log", ["triggers", "decisions", "packets", "gate_evals"])
def test_an_erased_record_of_a_step_cannot_be_replayed(worked, log):
    records = worked.content(f"artifacts/{log}.json")
    records[1] = {"erased": {"reason": "retention"}}
    altered = with_records(worked, log, records)

    with pytest.raises(UnreplayableError, match=rf"^artifacts/{log}\.json: record 2 was erased$"):
        replay(altered.manifest, altered.artifacts)


def test_a_decision_that_does_not_follow_from_its_gates_is_named(worked):
    decisions = worked.content("artifacts/decisions.json")
    decisions[1]["outcome"] = {"kind": "complete", "stage_id": "intake"}

    decision_id, place, recorded, derived = first(with_records(worked, "decisions", decisions))

    assert (decision_id, place) == ("decision-2", "outcome")
    assert json.loads(recorded) == {"kind": "complete", "stage_id": "intake"}
    assert json.loads(derived)["summary"]["unmet_gates"] == ["g-quality"]


def test_another_expectation_in_the_scenario_is_found(worked):
    spec = worked.content("artifacts/scenario_spec.json")
    spec["conditions"][1]["expected"] = 95
    worked.artifacts.files["artifacts/scenario_spec.json"] = canonical(spec)

    assert first(worked.reseal()) == ("decision-3", "gate g-quality, condition coverage_ok, status", "True", "False")


def test_the_lanes_of_the_engine_are_taken_from_the_record_unless_they_are_given(worked):
    gate_evals = worked.content("artifacts/gate_evals.json")

    strict = first(worked, settings=EngineSettings(min_lane=TrustLane.VERIFIED))

    assert strict == ("decision-2", "gate g-quality, condition blocked, status", "True", "Unknown")
    gate_evals[1]["evidence"][0]["result"]["lane"] = "asserted"
    found = first(with_records(worked, "gate_evals", gate_evals))
    assert found == ("decision-2", "gate g-window, condition after_freeze, status", "True", "Unknown")


def test_a_timeout_that_no_deadline_caused_is_found(worked):
    gate_evals = [each for each in worked.content("artifacts/gate_evals.json") if each["trigger_id"] != "tick-1"]
    decisions = worked.content("artifacts/decisions.json")
    decisions[1]["outcome"] = {"kind": "advance", "from_stage": "intake", "to_stage": "manual", "timeout": True}
    with_records(worked, "gate_evals", gate_evals)

    found = first(with_records(worked, "decisions", decisions))

    assert found == ("decision-2", "gates", "", "g-quality, g-window")


def test_what_cannot_be_read_as_a_run_is_refused(worked):
    decisions = worked.content("artifacts/decisions.json")
    altered = with_records(worked.copy(), "decisions", decisions[:-1])

    with pytest.raises(UnreplayableError, match="trigger evt-1 has no decision"):
        replay(altered.manifest, altered.artifacts)
    for path in ("artifacts/scenario_spec.json", "artifacts/gate_evals.json"):
        broken = worked.copy()
        broken.artifacts.files[path] = b"x"
        with pytest.raises(UnreplayableError, match=path):
            replay(broken.manifest, broken.artifacts)
    with pytest.raises(InvalidManifestError):
        replay(b"{}", worked.artifacts)


def exported(world):
    artifacts = MemoryArtifacts()
    head = world.engine.runs.head(KEY)
    request = ExportRequest(spec=canonical_record(world.spec), head=head, generated_at=UnixMillis(1))
    done = export(request, world.engine.runs, artifacts, verify_with=artifacts)
    return done, artifacts


@pytest.mark.parametrize("is_start", [False, True])
@pytest.mark.parametrize(
    ("packets", "reason", "is_found"),
    [
        ([], "policy denied disclosure", True),
        ([], "policy decision error: down", True),
        ([], "dispatch error: no route", True),
        ([packet("out")], "payload exceeds size limit (2097153 > 2097152)", True),
        ([packet("out")], "another reason", True),
        ([packet("out")], "policy denied disclosure", False),
        ([packet("out")], "dispatch error: no route", False),
    ],
)
def test_a_failure_that_no_disclosure_of_the_stage_can_have_caused_is_found(packets, reason, is_found, is_start):
    ship = stage("ship", entry_packets=packets)
    world = World.of(scenario([ship] if is_start else [stage("open", advance="linear"), ship]))
    world.start(issue=is_start)
    if not is_start:
        world.next("t-1")
    done, artifacts = exported(world)
    [decision] = json.loads(artifacts.files["artifacts/decisions.json"])
    derived = canonical(decision["outcome"]).decode()
    failed = {"kind": "fail", "reason": reason}
    artifacts.files["artifacts/decisions.json"] = canonical([{**decision, "outcome": failed}])

    divergence = replay(done.manifest_bytes, artifacts).divergence

    found = None if divergence is None else (divergence.place, divergence.recorded, divergence.derived)
    assert found == (("outcome", canonical(failed).decode(), derived) if is_found else None)


values = st.sampled_from([True, False, None, 1, 1.0, [1.0], "x"])
answers = st.one_of(
    values,
    st.builds(lambda value: EvidenceResult(value=JsonEvidence(value=value), lane=TrustLane.ASSERTED), values),
    st.just(EvidenceProviderFailureError("down")),
    st.just(EvidenceResult(error=EvidenceProviderError(code="not_found", message="no"), lane=TrustLane.ASSERTED)),
)
CONDITIONS = ["a", "b", "c"]
trees = st.recursive(
    st.sampled_from(CONDITIONS).map(lambda name: {"Condition": name}),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda of: {"And": of}),
        st.lists(inner, min_size=1, max_size=3).map(lambda of: {"Or": of}),
        inner.map(lambda of: {"Not": of}),
        st.lists(inner, min_size=1, max_size=3).map(lambda of: {"RequireGroup": {"min": 1, "reqs": of}}),
    ),
    max_leaves=5,
)
lanes = st.sampled_from([None, {"min_lane": "asserted"}, {"min_lane": "verified"}])
advances = st.one_of(
    st.sampled_from([{"kind": "linear"}, {"kind": "terminal"}, {"kind": "fixed", "stage_id": "s1"}]),
    st.builds(
        lambda outcome, default, unmet: (
            {
                "kind": "branch",
                "branches": [{"gate_id": "g0-0", "outcome": outcome, "next_stage_id": "s2"}],
                "default": default,
            }
            | ({"route_unmet": True} if unmet else {})
        ),
        st.sampled_from(["true", "false", "unknown"]),
        st.sampled_from([None, "s1"]),
        st.booleans(),
    ),
)


@st.composite
def scenarios(draw):
    """Three stages over three conditions, with packets, timeouts and lanes."""
    return scenario(
        [
            stage(
                f"s{index}",
                [
                    gate(f"g{index}-{number}", draw(trees), trust=draw(lanes))
                    for number in range(draw(st.integers(0, 2)))
                ],
                draw(advances),
                entry_packets=[packet(f"p{index}", {"n": 1.0})] if draw(st.booleans()) else [],
                timeout=draw(st.sampled_from([None, {"timeout_ms": 5, "policy_tags": []}])),
                on_timeout=draw(st.sampled_from(["fail", "advance_with_flag", "alternate_branch"])),
            )
            for index in range(3)
        ],
        [
            condition(
                name, comparator=draw(st.sampled_from(["equals", "not_exists", "deep_equals"])), trust=draw(lanes)
            )
            for name in CONDITIONS
        ],
    )


@settings(max_examples=120, deadline=None)
@given(scenarios(), st.data())
def test_every_run_of_the_engine_is_exported_verified_and_replayed(spec, data):
    judged_by = EngineSettings(min_lane=data.draw(st.sampled_from(list(TrustLane))))
    world = World.of(spec, settings=judged_by)
    world.dispatcher.has_effects = data.draw(st.booleans())
    time = data.draw(st.sampled_from([UnixMillis, Logical]))
    targets = [AgentTarget(agent_id="agent")] * data.draw(st.integers(0, 2))
    world.start(issue=data.draw(st.booleans()), at=time(10), targets=targets)
    for index in range(data.draw(st.integers(0, 5))):
        world.facts.answers = {name: data.draw(answers) for name in CONDITIONS}
        world.policy.denied = data.draw(st.sampled_from([set(), {"p1"}]))
        world.dispatcher.failing = data.draw(st.sampled_from([set(), {"p2"}]))
        at = time(10 + 3 * index)
        try:
            match data.draw(st.sampled_from(["next", "tick", "event", "again", "status"])):
                case "next":
                    world.next(f"t{index}", at=at)
                case "tick":
                    world.trigger(f"t{index}", at=at)
                case "event":
                    world.trigger(f"t{index}", "external_event", at=at)
                case "again":
                    world.next("t0", at=at)
                case "status":
                    world.status(at=at)
        except DecisionGateError as refused:
            assert refused.code == "gate_resolution"  # noqa: PT017 - the only refusal these scenarios know

    done, artifacts = exported(world)

    assert done.report.errors == ()
    assert verify(done.manifest_bytes, artifacts).errors == ()
    assert replay(done.manifest_bytes, artifacts).is_faithful
    assert replay(done.manifest_bytes, artifacts, settings=judged_by).is_faithful


def test_a_start_whose_packets_could_not_be_delivered_is_a_true_record():
    world = World.of(scenario([stage("one", entry_packets=[packet("p")])]))
    world.dispatcher.has_effects = True
    world.dispatcher.failing.add("p")
    with pytest.raises(DecisionGateError):
        world.start(issue=True, targets=[AgentTarget(agent_id="bot")])

    done, artifacts = exported(world)

    assert (done.report.status, done.report.errors) == (VerificationStatus.PASS, ())
    assert replay(done.manifest_bytes, artifacts).divergence is None
