"""One request, bytes to bytes: what the audit and the metrics are told of it (contract §5, §10.3)."""

import pytest

from decision_gate.core.json import plain
from decision_gate.core.ports import StoreUnavailableError
from decision_gate.mcp.hooks.metrics import RequestMeasured
from decision_gate.mcp.host import Seams
from decision_gate.mcp.testing import RpcError, open_test_server
from decision_gate.mcp.testing.calls import TIME_PROVIDER, ask, define, listing, start

AUTHZ = [
    "timestamp_ms",
    "decision",
    "action",
    "transport",
    "peer_ip",
    "auth_method",
    "subject",
    "token_fingerprint",
    "reason",
    "request_id",
    "unsafe_client_correlation_id",
    "server_correlation_id",
]
REQUEST = [
    "timestamp_ms",
    "request_id",
    "unsafe_client_correlation_id",
    "server_correlation_id",
    "transport",
    "peer_ip",
    "method",
    "tool",
    "outcome",
    "error_code",
    "error_kind",
    "request_bytes",
    "response_bytes",
    "client_subject",
    "redaction",
]
TENANT = [
    "timestamp_ms",
    "request_id",
    "unsafe_client_correlation_id",
    "server_correlation_id",
    "tool",
    "allowed",
    "reason",
    "principal_id",
    "tenant_id",
    "namespace_id",
]
USAGE = [
    "timestamp_ms",
    "request_id",
    "unsafe_client_correlation_id",
    "server_correlation_id",
    "tool",
    "tenant_id",
    "namespace_id",
    "principal_id",
    "metric",
    "units",
    "allowed",
    "reason",
]


class Measuring:
    """Metrics that remember."""

    def __init__(self):
        self.seen = []

    def request(self, measured):
        self.seen.append(measured)


def test_a_call_is_told_in_order_with_every_member_of_the_contract():
    with open_test_server(TIME_PROVIDER) as server:
        server.sink.events.clear()
        server.call("scenarios_list", listing())

        events = server.sink.events

    assert [(event.event, list(event.members)) for event in events] == [
        ("mcp_tool_authz", AUTHZ),
        ("tenant_authz", TENANT),
        ("usage_audit", USAGE),
        ("mcp_request", REQUEST),
    ]
    assert {event.members["server_correlation_id"] for event in events} == {"dg-0000000000000000-0000000000000001"}
    assert {event.members["timestamp_ms"] for event in events} == {1_760_000_000_000}
    assert (events[1].members["tenant_id"], events[1].members["namespace_id"]) == ("7", "12")
    assert events[3].members["request_id"] == "1"


def test_a_commit_is_told_with_the_head_of_its_chain():
    with open_test_server(TIME_PROVIDER) as server:
        server.call("scenario_define", define())
        server.call("scenario_start", start())
        server.call("scenario_next", ask())

        events = [event.members for event in server.sink.named("run_commit")]

    assert [event["version"] for event in events] == [1, 2]
    assert events[1]["digest"] != events[0]["digest"]
    assert (events[1]["status"], events[1]["trigger_id"], events[1]["agent_id"]) == ("completed", "poll-1", "bot-1")


@pytest.mark.parametrize(
    ("raw", "method", "tool", "code"),
    [
        (b"nonsense", "Invalid", None, -32600),
        (plain({"jsonrpc": "2.0", "id": 1, "method": "ping"}), "Other", None, -32601),
        (plain({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}), "ToolsList", None, None),
        (
            plain({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "nope", "arguments": {}}}),
            "ToolsCall",
            None,
            -32601,
        ),
        (
            plain(
                {
                    "jsonrpc": "2.0",
                    "id": 1,
                    "method": "tools/call",
                    "params": {"name": "scenario_next", "arguments": {}},
                }
            ),
            "ToolsCall",
            "scenario_next",
            -32602,
        ),
    ],
)
def test_every_request_is_told_and_measured_once_whatever_became_of_it(raw, method, tool, code):
    metrics = Measuring()
    with open_test_server(TIME_PROVIDER, Seams(metrics=metrics)) as server:
        reply = server.send(raw)

        [event] = server.sink.named("mcp_request")

    members = event.members
    assert (members["method"], members["tool"], members["error_code"]) == (method, tool, code)
    assert members["outcome"] == ("Ok" if code is None else "Error")
    assert (members["request_bytes"], members["response_bytes"]) == (len(raw), len(reply.body))
    [measured] = metrics.seen
    assert isinstance(measured, RequestMeasured)
    assert (measured.tool, measured.error_code, measured.outcome) == (tool, code, "ok" if code is None else "error")
    assert measured.duration_ms == 0


def test_the_size_is_judged_before_the_envelope():
    with open_test_server("[server]\nmax_body_bytes = 10\n") as server:
        reply = server.send(b"x" * 11)

    assert reply.status == 413
    assert reply.error.code == -32070


def test_a_fault_of_ours_is_answered_and_told_without_its_text(caplog):
    class Broken:
        def authenticate(self, _request):
            raise RuntimeError("secret detail")

        def challenge(self):
            return None

    with open_test_server(TIME_PROVIDER, Seams(authenticator=Broken())) as server, pytest.raises(RpcError) as refused:
        server.call("scenarios_list", listing())

    assert (refused.value.code, refused.value.message) == (-32050, "internal error")
    assert "secret detail" in caplog.text


def test_a_denial_that_cannot_be_kept_is_still_a_denial_and_the_audit_says_so():
    toml = TIME_PROVIDER + '[server.auth]\nallowed_tools = ["precheck"]\n'
    with open_test_server(toml, is_audit_riding=True) as server:
        server.sink.table.is_refusing = True
        with pytest.raises(RpcError) as refused:
            server.call("scenarios_list", listing())

        events = [event.event for event in server.sink.events]

    assert refused.value.code == -32003
    assert events[-3:] == ["mcp_tool_authz", "denial_not_kept", "mcp_request"]


def test_a_store_that_fails_is_an_engine_error(monkeypatch):
    def unavailable(*_arguments):
        raise StoreUnavailableError("closed")

    with open_test_server(TIME_PROVIDER) as server:
        server.call("scenario_define", define())
        monkeypatch.setattr(server.host.stores.runs, "create", unavailable)
        with pytest.raises(RpcError) as refused:
            server.call("scenario_start", start())

    assert (refused.value.code, refused.value.message) == (-32030, "run state store error: closed")
