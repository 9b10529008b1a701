"""What calls leave in the log of tool calls, and the hashes in it (contract §6.3, §6.8, §6.9)."""

import hashlib

import pytest
import rfc8785

from decision_gate.core.codec import encode
from decision_gate.core.errors import DecisionGateError
from decision_gate.core.model import (
    HashDigest,
    JsonPayload,
    MessageDetails,
    NextRequest,
    ProviderMissingDetails,
    StatusRequest,
    SubmitRequest,
    ToolCallError,
    ToolCallRecord,
    TriggerEvent,
    TriggerKind,
)
from decision_gate.core.testing.world import World, condition, gate, packet, scenario, stage
from decision_gate.core.timestamps import UnixMillis

KEY = {"run_id": "run-1", "tenant_id": 1, "namespace_id": 1}
AT = UnixMillis(2_000)
WIRE_AT = {"kind": "unix_millis", "value": 2_000}
CALLED = {"called_at": AT, "correlation_id": "c-1"}


def hashed(value):
    return HashDigest(value=hashlib.sha256(rfc8785.dumps(value)).hexdigest())


@pytest.fixture
def world():
    made = World.of(
        scenario(
            [stage("one", [gate("g", "a")], "linear"), stage("two", entry_packets=[packet("p")])], [condition("a")]
        )
    )
    made.start()
    return made


def test_a_poll_hashes_its_request_and_the_status_as_it_was_before(world):
    request = StatusRequest(**KEY, requested_at=AT, correlation_id="c-1")

    answer = world.engine.status("scenario", request)

    assert world.state().tool_calls == (
        ToolCallRecord(
            call_id="call-1",
            method="scenario.status",
            request_hash=hashed({**KEY, "requested_at": WIRE_AT, "correlation_id": "c-1"}),
            response_hash=hashed(
                {
                    "run_id": "run-1",
                    "scenario_id": "scenario",
                    "current_stage_id": "one",
                    "status": "active",
                    "last_decision": None,
                    "issued_packet_ids": [],
                    "safe_summary": None,
                }
            ),
            **CALLED,
        ),
    )
    assert encode(answer)["safe_summary"] is None


def test_a_next_hashes_its_request_and_the_whole_answer(world):
    request = NextRequest(**KEY, trigger_id="t1", agent_id="agent", time=AT, correlation_id="c-1")
    world.facts.answers = {"a": True}

    answer = world.engine.next("scenario", request)

    wire = {**KEY, "trigger_id": "t1", "agent_id": "agent", "time": WIRE_AT, "correlation_id": "c-1"}
    assert world.state().tool_calls == (
        ToolCallRecord(
            call_id="call-1",
            method="scenario.next",
            request_hash=hashed(wire),
            response_hash=hashed(encode(answer)),
            **CALLED,
        ),
    )
    assert set(encode(answer)) == {"decision", "packets", "status"}
    assert len(answer.packets) == 1
    assert world.state().triggers[0].event == TriggerEvent(
        **KEY,
        trigger_id="t1",
        kind=TriggerKind.AGENT_REQUEST_NEXT,
        time=AT,
        source_id="agent",
        payload=None,
        correlation_id="c-1",
    )
    assert world.state().decisions[0].correlation_id == "c-1"


def test_a_trigger_hashes_the_event_with_its_nulls(world):
    event = TriggerEvent(**KEY, trigger_id="t1", kind=TriggerKind.EXTERNAL_EVENT, time=AT, source_id="ci")

    answer = world.engine.trigger("scenario", event)

    [call] = world.state().tool_calls
    wire = {**KEY, "trigger_id": "t1", "kind": "external_event", "time": WIRE_AT, "source_id": "ci"}
    assert (call.method, call.called_at, call.correlation_id) == ("scenario.trigger", AT, None)
    assert call.request_hash == hashed({**wire, "payload": None, "correlation_id": None})
    assert call.response_hash == hashed(encode(answer))


def test_a_submission_hashes_its_request_and_its_record(world):
    payload = {"kind": "json", "value": {"n": 1}}
    request = SubmitRequest(
        **KEY,
        submission_id="s",
        payload=JsonPayload(value={"n": 1}),
        content_type="application/json",
        submitted_at=AT,
        correlation_id="c-1",
    )

    world.engine.submit("scenario", request)

    content = {"submission_id": "s", "content_type": "application/json", "payload": payload}
    times = {"submitted_at": WIRE_AT, "correlation_id": "c-1"}
    [call] = world.state().tool_calls
    assert call.request_hash == hashed({**KEY, **content, **times})
    record = {"run_id": "run-1", **content, "content_hash": encode(hashed({"n": 1})), **times}
    assert call.response_hash == hashed({"record": record})
    assert (call.method, call.called_at, call.correlation_id) == ("scenario.submit", AT, "c-1")


def test_a_replay_is_logged_with_the_hash_of_what_it_was_answered(world):
    first = world.next("t1")

    world.next("t1")

    one, two = world.state().tool_calls
    assert (one.call_id, two.call_id) == ("call-1", "call-2")
    assert one.response_hash == two.response_hash == hashed(encode(first))


def test_a_conflicting_submission_is_logged_with_its_error_and_the_hash_of_that(world):
    world.submit("s", JsonPayload(value=1))

    with pytest.raises(DecisionGateError):
        world.submit("s", JsonPayload(value=2))

    error = ToolCallError(
        code="submission_conflict",
        message="submission_id conflicts with existing record",
        details=MessageDetails(info="submission_id=s"),
    )
    call = world.state().tool_calls[-1]
    assert (call.error, call.response_hash) == (error, hashed(encode(error)))
    assert set(encode(error)) == {"code", "message", "details"}


def missing_world():
    query = {"provider_id": 'not\t"here"\\\r\0', "check_id": "k\n"}
    first = stage("one", [gate("g", "a")], timeout={"timeout_ms": 1, "policy_tags": []})
    return World.of(scenario([first], [condition("a", query=query)]))


def test_a_missing_provider_is_logged_with_its_error_and_told_as_the_reference_tells_it():
    world = missing_world()
    world.start()

    with pytest.raises(DecisionGateError) as refused:
        world.next("t1")

    assert str(refused.value) == (
        "provider validation failed: ProviderMissingError { missing_providers: "
        r'["not\t\"here\"\\\r\0"], required_capabilities: ["k\n"], blocked_by_policy: false }'
    )
    error = ToolCallError(
        code="provider_missing",
        message="required evidence providers are missing or blocked",
        details=ProviderMissingDetails(
            missing_providers=('not\t"here"\\\r\0',), required_capabilities=("k\n",), blocked_by_policy=False
        ),
    )
    [call] = world.state().tool_calls
    assert (call.method, call.error, call.response_hash) == ("scenario.next", error, hashed(encode(error)))


def test_a_missing_provider_stops_repeated_triggers_finished_runs_and_deadlines_alike():
    world = missing_world()
    world.start(issue=True)

    for pull in (lambda: world.next("init"), lambda: world.trigger("late", "tick", at=UnixMillis(9_999))):
        with pytest.raises(DecisionGateError) as refused:
            pull()
        assert refused.value.code == "provider_missing"

    assert [trigger.event.trigger_id for trigger in world.state().triggers] == ["init"]
    assert world.status().run_id == "run-1"
    assert world.submit("s", JsonPayload(value=1)).submission_id == "s"
