"""What a call costs rides on what it commits (architecture §2, §4): refused and failed calls cost nothing."""

import pytest

from decision_gate.core.json import parse, plain
from decision_gate.core.ports import Log, RunKey
from decision_gate.mcp.testing import RpcError, open_test_server
from decision_gate.mcp.testing.calls import TIME_PROVIDER, ask, define, listing, start, status, submit


def billed(server):
    """Count units by metric."""
    counts = {}
    for body in server.meter.table.bodies:
        record = parse(body)
        counts[record["metric"]] = counts.get(record["metric"], 0) + record["units"]
    return counts


def test_each_call_is_billed_once_whether_it_commits_or_only_reads(started):
    started.call("scenario_status", status())
    started.call("scenario_submit", submit())
    started.call("scenario_next", ask())
    started.call("scenarios_list", listing())

    counts = billed(started)
    stored = counts.pop("storage_bytes")
    assert counts == {"tool_calls": 6, "runs_started": 1, "evidence_queries": 1}
    stores = started.host.stores
    run = sum(len(body) for log in Log for body in stores.runs.read(RunKey(7, 12, "run-a"), log))
    (defined,) = stores.scenarios.scenarios(7, 12, None, 10).items
    assert stored == run + len(defined.body)


def test_calls_with_one_json_rpc_id_are_not_one_operation(started):
    started.call("scenario_status", status())
    started.call("scenario_status", status())

    assert billed(started)["tool_calls"] == 4
    assert all("dg-" in key for key in started.meter.table.applied if "tool_calls" in key)


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("scenario_define", define()),
        ("scenario_start", start()),
        ("scenario_start", start("") | {}),
        ("scenario_status", status("nowhere")),
        ("scenario_next", {}),
    ],
)
def test_a_refused_call_costs_nothing(started, tool, arguments):
    before = billed(started)

    with pytest.raises(RpcError):
        started.call(tool, arguments)

    assert billed(started) == before


def test_a_refusal_that_the_transcript_keeps_costs_nothing_either(started):
    started.call("scenario_submit", submit())
    before = billed(started)

    with pytest.raises(RpcError):
        started.call("scenario_submit", submit(value="changed"))

    assert billed(started) == before


def test_a_quota_that_runs_out_at_the_commit_leaves_nothing_behind(started):
    key = RunKey(7, 12, "run-a")
    before = started.host.stores.runs.head(key)
    started.meter.table.is_refusing = True

    with pytest.raises(RpcError) as refused:
        started.call("scenario_next", ask())

    assert (refused.value.code, refused.value.message) == (-32003, "unauthorized")
    assert started.host.stores.runs.head(key) == before


def test_a_read_is_refused_too_when_the_quota_runs_out_at_its_record(started):
    started.meter.table.is_refusing = True

    with pytest.raises(RpcError) as refused:
        started.call("scenarios_list", listing())

    assert refused.value.code == -32003


def test_a_repeated_trigger_is_a_call_and_asks_for_no_evidence_again(started):
    started.call("scenario_next", ask(time=900))
    started.call("scenario_next", ask(time=900))

    assert billed(started)["evidence_queries"] == 1
    assert billed(started)["tool_calls"] == 4


def test_a_repeated_call_with_its_own_key_is_billed_once_and_its_key_opens_no_other_call(server):
    def call(key, **arguments):
        params = {"name": "scenarios_list", "arguments": listing(**arguments)}
        raw = plain({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})
        assert server.send(raw, idempotency_key=key).status == 200
        return len(server.meter.table.bodies)

    assert [call("k"), call("k"), call("k", limit=2), call("other"), call(None), call(None)] == [1, 1, 2, 3, 4, 5]


def test_a_riding_sink_gets_the_decision_with_its_commit_and_denials_by_themselves():
    toml = TIME_PROVIDER + '[server.auth]\nallowed_tools = ["scenario_define", "scenario_start", "scenario_next"]\n'
    with open_test_server(toml, is_audit_riding=True) as server:
        server.call("scenario_define", define())
        server.call("scenario_start", start())
        server.call("scenario_next", ask())
        with pytest.raises(RpcError):
            server.call("scenario_status", status())
        head = server.host.stores.runs.head(RunKey(7, 12, "run-a"))

        events = [parse(body) for body in server.sink.table.bodies]

    assert [event["event"] for event in events] == ["scenario_defined", "run_commit", "run_commit", "mcp_tool_authz"]
    assert (events[2]["version"], events[2]["digest"]) == (head.version, head.digest)
    assert events[3]["decision"] == "deny"
