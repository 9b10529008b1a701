"""Measurements in the Prometheus text format (contract §10.3)."""

from decision_gate.mcp.hooks.metrics import RequestMeasured
from decision_gate.mcp.hooks.request_counters import RequestCounters
from decision_gate.mcp.testing import open_test_server
from decision_gate.mcp.testing.asgi import HttpRequest, ask_app
from decision_gate.mcp.transport.serving import opened_app


def measured(duration_ms, outcome="ok", error_kind=None):
    return RequestMeasured(
        transport="http",
        method="tools/call",
        tool="scenario_next",
        outcome=outcome,
        error_code=None,
        error_kind=error_kind,
        request_bytes=100,
        response_bytes=200,
        duration_ms=duration_ms,
    )


OK = 'transport="http",method="tools/call",tool="scenario_next",outcome="ok",error_kind=""'


def test_buckets_are_cumulative_and_a_bound_belongs_to_its_bucket():
    counters = RequestCounters()
    for duration_ms in (0.5, 1, 1.5, 40_000):
        counters.request(measured(duration_ms))

    lines = counters.exposition().decode().splitlines()

    assert f'decision_gate_request_duration_seconds_bucket{{{OK},le="0.001"}} 2' in lines
    assert f'decision_gate_request_duration_seconds_bucket{{{OK},le="0.002"}} 3' in lines
    assert f'decision_gate_request_duration_seconds_bucket{{{OK},le="30"}} 3' in lines
    assert f'decision_gate_request_duration_seconds_bucket{{{OK},le="+Inf"}} 4' in lines
    assert f"decision_gate_request_duration_seconds_sum{{{OK}}} 40.003000" in lines
    assert f"decision_gate_request_duration_seconds_count{{{OK}}} 4" in lines
    assert f"decision_gate_request_received_bytes_total{{{OK}}} 400" in lines
    assert f"decision_gate_request_sent_bytes_total{{{OK}}} 800" in lines


def test_outcomes_are_counted_apart():
    counters = RequestCounters()
    counters.request(measured(1))
    counters.request(measured(1, "error", "unauthorized"))

    text = counters.exposition().decode()

    assert text.count("duration_seconds_count") == 2
    assert 'outcome="error",error_kind="unauthorized"' in text


HTTP = '[server]\ntransport = "http"\nbind = "127.0.0.1:4000"\n'
LIST = b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}'


def test_metrics_are_served_only_when_switched_on():
    answers = []
    for toml in (HTTP, HTTP + "metrics = true\n"):
        with open_test_server(toml) as server, opened_app(server.host) as app:
            ask_app(app, HttpRequest(body=(LIST,)))
            answers.append(ask_app(app, HttpRequest(method="GET", path="/metrics")))

    assert [answer.status for answer in answers] == [404, 200]
    assert answers[1].headers["content-type"].startswith("text/plain; version=0.0.4")
    assert b'method="tools/list",tool="",outcome="ok"' in answers[1].body
