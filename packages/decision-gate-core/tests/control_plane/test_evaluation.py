"""Asking and judging within a step (contract §6.4, §6.6, §6.7, §6.8)."""

import hashlib

import pytest
import rfc8785

from decision_gate.core.errors import DecisionGateError
from decision_gate.core.logic import TriState
from decision_gate.core.model import (
    AgentTarget,
    BytesEvidence,
    DispatchReceipt,
    EvidenceContext,
    EvidenceResult,
    HashDigest,
    JsonPayload,
    NextRequest,
    PacketEnvelope,
    PacketRecord,
    VisibilityPolicy,
)
from decision_gate.core.testing.world import KEY, World, condition, gate, packet, scenario, stage
from decision_gate.core.timestamps import UnixMillis


def test_a_provider_is_told_on_whose_behalf_and_when_it_is_asked():
    world = World.of(scenario([stage("one", [gate("g", "a")])], [condition("a")]))
    world.start()
    told = []
    query = world.facts.query
    world.facts.query = lambda asked, context: told.append((asked, context)) or query(asked, context)

    world.engine.next(
        "scenario",
        NextRequest(
            run_id="run-1",
            tenant_id=1,
            namespace_id=1,
            trigger_id="t1",
            agent_id="agent",
            time=UnixMillis(5),
            correlation_id="c-1",
        ),
    )

    context = EvidenceContext(
        tenant_id=1,
        namespace_id=1,
        run_id="run-1",
        scenario_id="scenario",
        stage_id="one",
        trigger_id="t1",
        trigger_time=UnixMillis(5),
        correlation_id="c-1",
    )
    assert told == [(world.spec.conditions[0].query, context)]


def test_a_condition_of_two_gates_is_asked_once_and_stands_in_both_records():
    gates = [gate("g", {"And": [{"Condition": "b"}, {"Condition": "a"}]}), gate("h", {"Not": {"Condition": "b"}})]
    world = World.of(scenario([stage("one", gates)], [condition("a"), condition("b")]))
    world.start()
    world.facts.answers = {"a": True, "b": True}

    world.next("t1")

    first, second = world.state().gate_evals
    assert world.facts.asked == ["b", "a"]
    assert [record.condition_id for record in first.evidence] == ["a", "b"]
    assert second.evidence == (first.evidence[1],)
    assert (first.evaluation.status, second.evaluation.status) == (TriState.TRUE, TriState.FALSE)
    assert [(each.trigger_id, each.stage_id) for each in (first, second)] == [("t1", "one")] * 2


def test_every_condition_is_asked_whatever_the_first_ones_answer():
    tree = {"Or": [{"Condition": "a"}, {"And": [{"Condition": "b"}, {"Condition": "c"}]}]}
    world = World.of(scenario([stage("one", [gate("g", tree)])], [condition(name) for name in "abc"]))
    world.start()
    world.facts.answers = {"a": True, "b": False}

    world.next("t1")

    assert world.facts.asked == ["a", "b", "c"]


def test_evidence_is_recorded_in_the_byte_order_of_condition_ids():
    names = ["b", "a", "B", "\U0001f511", "\uffee", "ä", "aa"]
    tree = {"And": [{"Condition": name} for name in names]}
    world = World.of(scenario([stage("one", [gate("g", tree)])], [condition(name) for name in names]))
    world.start()

    world.next("t1")

    [record] = world.state().gate_evals
    assert [each.condition_id for each in record.evidence] == sorted(names, key=str.encode)
    assert [each.condition_id for each in record.evaluation.trace] == names


def test_raw_bytes_are_hashed_as_they_are_and_limited_alike():
    again = {"kind": "fixed", "stage_id": "one"}
    world = World.of(scenario([stage("one", [gate("g", "a")], again)], [condition("a", comparator="exists")]))
    world.start()
    largest = EvidenceResult(value=BytesEvidence(value=bytes(1 << 20)))
    world.facts.answers = {"a": largest}

    world.next("t1")
    world.facts.answers = {"a": EvidenceResult(value=BytesEvidence(value=bytes((1 << 20) + 1)))}

    result = world.state().gate_evals[0].evidence[0].result
    assert result.evidence_hash == HashDigest(value=hashlib.sha256(bytes(1 << 20)).hexdigest())
    with pytest.raises(DecisionGateError) as refused:
        world.next("t2")
    assert str(refused.value) == "evidence payload exceeds size limit (1048577 > 1048576)"


@pytest.mark.parametrize(
    "value", [True, False, None, 0, -7, 2.5, 1e21, "", "ä\u2028", [], {}, [1, {"b": None, "a": False}]]
)
def test_the_hash_of_a_value_is_that_of_its_canonical_text(value):
    world = World.of(scenario([stage("one", [gate("g", "a")])], [condition("a", comparator="exists")]))
    world.start()
    world.facts.answers = {"a": value}

    world.next("t1")

    result = world.state().gate_evals[0].evidence[0].result
    assert result.evidence_hash == HashDigest(value=hashlib.sha256(rfc8785.dumps(value)).hexdigest())


@pytest.mark.parametrize(
    ("value", "size"),
    [("x" * ((1 << 20) - 1), 1048577), ({"k": "é" * (1 << 19)}, 1048583), (["\x01" * 200_000], 1048580)],
)
def test_the_size_that_is_told_is_that_of_the_canonical_text_up_to_what_crosses_the_limit(value, size):
    world = World.of(scenario([stage("one", [gate("g", "a")])], [condition("a")]))
    world.start()
    world.facts.answers = {"a": value}

    with pytest.raises(DecisionGateError) as refused:
        world.next("t1")

    assert str(refused.value) == f"evidence payload exceeds size limit ({size} > 1048576)"


def test_evidence_of_exactly_a_mebibyte_is_judged():
    world = World.of(scenario([stage("one", [gate("g", "a")])], [condition("a", comparator="exists")]))
    world.start()
    world.facts.answers = {"a": "x" * ((1 << 20) - 2)}

    world.next("t1")

    assert world.state().gate_evals[0].evaluation.status is TriState.TRUE


def test_a_requirement_deeper_than_32_levels_never_reaches_a_run():
    tree = {"Condition": "a"}
    for _ in range(33):
        tree = {"Not": tree}

    with pytest.raises(DecisionGateError) as refused:
        World.of(scenario([stage("one", [gate("g", tree)])], [condition("a")]))

    assert refused.value.code == "invalid_scenario"


def test_a_packet_record_says_what_was_issued_to_whom_and_why():
    entry = packet(
        "p",
        {"n": 1},
        visibility_labels=["internal"],
        policy_tags=["pii"],
        expiry={"kind": "unix_millis", "value": 99},
    )
    world = World.of(scenario([stage("one", advance="linear"), stage("two", entry_packets=[entry])]))
    target = AgentTarget(agent_id="bot")
    world.start(targets=[target])

    [record] = world.engine.next(
        "scenario",
        NextRequest(
            run_id=KEY.run_id,
            tenant_id=1,
            namespace_id=1,
            trigger_id="t1",
            agent_id="agent",
            time=UnixMillis(5),
            correlation_id="c-1",
        ),
    ).packets

    envelope = PacketEnvelope(
        scenario_id="scenario",
        run_id="run-1",
        stage_id="two",
        packet_id="p",
        schema_id="schema",
        content_type="application/json",
        content_hash=HashDigest(value=hashlib.sha256(b'{"n":1}').hexdigest()),
        visibility=VisibilityPolicy(labels=("internal",), policy_tags=("pii",)),
        expiry=UnixMillis(99),
        correlation_id="c-1",
        issued_at=UnixMillis(5),
    )
    receipt = DispatchReceipt(
        dispatch_id="d-p",
        target=target,
        receipt_hash=record.receipts[0].receipt_hash,
        dispatched_at=UnixMillis(5),
        dispatcher="telling",
    )
    assert record == PacketRecord(
        envelope=envelope, payload=JsonPayload(value={"n": 1}), receipts=(receipt,), decision_id="decision-1"
    )


def test_a_stage_that_leads_to_itself_issues_its_packets_each_time():
    again = {"kind": "fixed", "stage_id": "one"}
    world = World.of(scenario([stage("one", advance=again, entry_packets=[packet("p")])]))
    world.start(issue=True)

    answers = [world.next(f"t{number}") for number in range(3)]

    assert [[record.decision_id for record in answer.packets] for answer in answers] == [
        ["decision-2"],
        ["decision-3"],
        ["decision-4"],
    ]


def test_a_repeated_trigger_is_answered_with_the_packets_of_its_own_decision():
    again = {"kind": "fixed", "stage_id": "one"}
    world = World.of(scenario([stage("one", advance=again, entry_packets=[packet("p")])]))
    world.start()
    first = world.next("t1")
    world.next("t2")

    assert world.next("t1") == first
