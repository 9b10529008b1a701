"""The run tools answer as the worked calls of contract §2.2 – §2.6 do."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from decision_gate.mcp.testing import RpcError
from decision_gate.mcp.testing.calls import SPEC_HASH, ask, at, define, start, status, submit, trigger


def decision(seq, trigger_id, time, outcome):
    return {
        "decision_id": f"decision-{seq}",
        "seq": seq,
        "trigger_id": trigger_id,
        "stage_id": "verify",
        "decided_at": at(time),
        "outcome": outcome,
        "correlation_id": None,
    }


HOLD = {
    "kind": "hold",
    "summary": {"status": "hold", "unmet_gates": ["g-window"], "retry_hint": "await_evidence", "policy_tags": []},
}
STARTED = decision(1, "init", 4000, {"kind": "start", "stage_id": "verify"})
COMPLETED = decision(2, "poll-1", 5000, {"kind": "complete", "stage_id": "verify"})


def test_start_returns_the_whole_state_of_the_contract(server):
    server.call("scenario_define", define())

    state = server.call("scenario_start", start())

    assert list(state) == [
        "tenant_id",
        "namespace_id",
        "run_id",
        "scenario_id",
        "spec_hash",
        "current_stage_id",
        "stage_entered_at",
        "status",
        "dispatch_targets",
        "triggers",
        "gate_evals",
        "decisions",
        "packets",
        "submissions",
        "tool_calls",
    ]
    assert state["spec_hash"] == {"algorithm": "sha256", "value": SPEC_HASH}
    assert state["decisions"] == [STARTED]
    [packet] = state["packets"]
    assert packet["envelope"]["content_hash"]["value"] == (
        "40090cdf526b531bb539c5d70cc4d45050110fda86a09f6695641ccbc1da2c73"
    )
    [receipt] = packet["receipts"]
    assert (receipt["dispatch_id"], receipt["dispatcher"]) == ("mcp-brief", "mcp")
    assert receipt["receipt_hash"]["value"] == "b2d6e99a8ca067378f5a4a0f8d245510e61ea45933848339edb3f5bb02e31d0f"
    assert receipt["dispatched_at"] == at(4000)


def test_start_without_entry_packets_leaves_the_logs_empty(server):
    server.call("scenario_define", define())

    state = server.call("scenario_start", start(issue=False))

    assert (state["triggers"], state["decisions"], state["packets"]) == ([], [], [])


def test_status_tells_where_the_run_stands(started):
    assert started.call("scenario_status", status()) == {
        "run_id": "run-a",
        "scenario_id": "ship-it",
        "current_stage_id": "verify",
        "status": "active",
        "last_decision": STARTED,
        "issued_packet_ids": ["brief"],
        "safe_summary": None,
    }


def test_next_decides_and_tells_a_local_caller_the_trace(started):
    assert started.call("scenario_next", ask()) == {
        "decision": COMPLETED,
        "packets": [],
        "status": "completed",
        "feedback": {
            "level": "trace",
            "gate_evaluations": [
                {
                    "gate_id": "g-window",
                    "status": "True",
                    "trace": [{"condition_id": "window_open", "status": "True"}],
                }
            ],
        },
    }


def test_a_repeated_trigger_is_answered_with_its_decision_and_the_same_feedback(started):
    first = started.call("scenario_next", ask(time=900))
    started.call("scenario_next", ask("poll-2", 901))

    assert started.call("scenario_next", ask(time=9999)) == first


def test_a_finished_run_answers_any_trigger_with_its_last_decision_and_no_trace(started):
    started.call("scenario_next", ask())

    answer = started.call("scenario_next", ask("poll-9"))

    assert answer["decision"] == COMPLETED
    assert answer["feedback"] == {"level": "trace", "gate_evaluations": []}


def test_submit_records_once_and_refuses_other_content_under_the_same_id(started):
    first = started.call("scenario_submit", submit())

    assert first["record"]["content_hash"]["value"] == (
        "8d9edbb34d5b5d13132602319d74839d2fb2e66f235e68c3a0b5efb5bb14b7e9"
    )
    assert started.call("scenario_submit", submit()) == first
    with pytest.raises(RpcError) as refused:
        started.call("scenario_submit", submit(value="changed"))
    assert (refused.value.code, refused.value.message, refused.value.status) == (
        -32009,
        "submission_id conflict: sub-1",
        200,
    )


def test_a_trigger_holds_while_the_gate_is_closed_and_carries_no_feedback(started):
    assert started.call("scenario_trigger", trigger()) == {
        "decision": decision(2, "cron-1", 500, HOLD),
        "packets": [],
        "status": "active",
    }


@pytest.mark.parametrize(
    ("tool", "arguments", "code", "status", "message"),
    [
        ("scenario_start", start() | {"scenario_id": "other"}, -32004, 200, "scenario not defined"),
        ("scenario_start", start(), -32030, 200, "run already exists: run-a"),
        ("scenario_start", start("run-z", scenario_id="other"), -32030, 200, "scenario mismatch for run: other"),
        ("scenario_start", start(""), -32602, 400, None),
        ("scenario_status", status("nowhere"), -32030, 200, "run not found: nowhere"),
        ("scenario_next", ask() | {"scenario_id": "other"}, -32004, 200, "scenario not defined"),
        ("scenario_next", {"scenario_id": "ship-it"}, -32602, 400, "missing field `request`"),
        ("scenario_next", None, -32602, 400, None),
        ("scenario_next", ask() | {"feedback": "all"}, -32602, 400, None),
    ],
)
def test_what_cannot_be_done_is_refused_in_the_words_of_the_contract(started, tool, arguments, code, status, message):
    with pytest.raises(RpcError) as refused:
        started.call(tool, arguments)

    assert (refused.value.code, refused.value.status) == (code, status)
    if message is not None:
        assert refused.value.message == message


def test_a_run_of_another_scenario_is_a_conflict_and_nothing_is_written(started):
    started.call("scenario_define", define(scenario_id="other"))

    with pytest.raises(RpcError) as refused:
        started.call("scenario_next", ask() | {"scenario_id": "other"})

    assert refused.value.code == -32009
    assert started.call("scenario_status", status())["last_decision"] == STARTED


def test_callers_of_one_run_at_once_are_all_answered_with_decisions_of_their_own(started):
    def drive(caller):
        return [
            started.call("scenario_next", ask(f"{caller}-{number}", 500))["decision"]["seq"] for number in range(20)
        ]

    with ThreadPoolExecutor(8) as pool:
        seen = [seq for part in pool.map(drive, range(8)) for seq in part]

    assert sorted(seen) == list(range(2, 162))
