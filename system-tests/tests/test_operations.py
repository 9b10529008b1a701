"""What whoever runs a server relies on: metrics, readiness, the audit, the commands about its configuration."""

import json
import re
import tomllib

import pytest
from harness import documents
from harness.command import decision_gate
from harness.config import configuration, scripted, sqlite
from harness.external import as_program
from harness.rpc import raw_exchange
from harness.waiting import wait_until

LIST = documents.envelope("tools/list", None)
SAMPLE = re.compile(r'(\w+)(?:\{((?:\w+="[^"]*",?)*)\})? (\S+)')
STRANGE = 'tool"\n\\{}'


def samples(text):
    """Return every sample of an exposition by name and labels. Raise ``AssertionError`` when a line is none."""
    found = {}
    for line in text.splitlines():
        if line.startswith("#"):
            assert line.split()[1] in ("HELP", "TYPE")
            continue
        name, labels, value = SAMPLE.fullmatch(line).groups()
        found[name, frozenset(re.findall(r'(\w+)="([^"]*)"', labels or ""))] = float(value)
    return found


def counted(client, **labels):
    """Return how many requests with these labels are counted."""
    told = samples(client.get("/metrics").body.decode())
    return sum(
        value
        for (name, found), value in told.items()
        if name == "decision_gate_request_duration_seconds_count" and labels.items() <= dict(found).items()
    )


def test_every_request_is_counted_once_by_words_of_the_server(serve, client_of):
    client = client_of(serve({"server": {"metrics": True}}))

    for _ in range(3):
        client.post(LIST)
    client.send("scenario_status", documents.status("nothing", "run-1"))
    client.send(STRANGE, {"a": STRANGE})
    client.request(STRANGE)
    client.post(b"{")

    by_method = {name: counted(client, method=name) for name in ("tools/list", "tools/call", "other", "invalid")}
    assert by_method == {"tools/list": 3, "tools/call": 2, "other": 1, "invalid": 1}
    assert counted(client, tool="scenario_status", outcome="error", error_kind="not_found") == 1
    assert counted(client, tool="", outcome="error", error_kind="method_not_found") == 2
    told = samples(client.get("/metrics").body.decode())
    assert {value for _, labels in told for _, value in labels if set(value) & set(STRANGE[4:])} == set()
    totals = {labels: value for (name, labels), value in told.items() if name.endswith("_duration_seconds_count")}
    whole = {
        labels - {("le", "+Inf")}: value
        for (name, labels), value in told.items()
        if name.endswith("_bucket") and ("le", "+Inf") in labels
    }
    assert whole == totals


def test_there_are_no_metrics_unless_they_are_asked_for(serve, client_of):
    assert client_of(serve()).get("/metrics").status == 404


def test_a_provider_that_rests_is_named_and_the_server_stays_ready(serve, client_of, tmp_path):
    server = serve({"server": {"metrics": True}, "providers": [as_program(tmp_path, "program", 1000)]})
    client = client_of(server)
    context = {**documents.run_of("run-1"), "scenario_id": "s", "stage_id": "open", "trigger_id": "t"}

    def asked(check):
        query = {"provider_id": "program", "check_id": check}
        arguments = {"query": query, "context": {**context, "trigger_time": documents.at()}}
        return client.call("evidence_query", arguments)["result"]["error"]

    def told_of():
        """Let the program die once more, which makes its rest longer, and ask at once."""
        asked("dies")
        return client.get("/readyz")

    before = client.get("/readyz")
    wait_until(lambda: told_of().json == {"status": "ready", "circuits": {"program": "open"}})
    resting = client.get("/readyz").status
    wait_until(lambda: asked("good") is None)

    assert (before.json, resting) == ({"status": "ready"}, 200)
    assert client.get("/readyz").json == {"status": "ready"}
    gauges = samples(client.get("/metrics").body.decode())
    states = {dict(labels)["state"]: value for (name, labels), value in gauges.items() if name.endswith("_circuit")}
    assert (states["closed"], sum(states.values())) == (1, 1)


def test_a_server_whose_file_is_gone_is_alive_and_not_ready(serve, client_of):
    server = serve(sqlite("gate.db"))
    client = client_of(server)
    client.call("scenario_define", {"spec": documents.two_stages()})

    (server.folder / "gate.db").rename(server.folder / "elsewhere.db")

    assert (client.get("/readyz").status, client.get("/readyz").json) == (503, {"status": "not_ready"})
    assert client.get("/healthz").status == 200
    assert "error" in client.send("scenario_start", documents.start("tea", "run-1")).json


def test_every_request_is_in_the_audit_once_in_its_order_under_the_id_that_its_caller_was_told(serve, client_of):
    server = serve({"server": {"auth": {"mode": "bearer_token", "bearer_tokens": ["token-1"]}, "max_body_bytes": 5000}})
    known, stranger = client_of(server, token="token-1"), client_of(server, token="token-2")
    answers = [
        known.post(LIST),
        stranger.post(LIST),
        known.post(b"{"),
        known.post(LIST, {"x-correlation-id": "corr-1"}),
        known.post(LIST, {"x-correlation-id": "a b"}),
        known.post(LIST + b" " * 5000),
        known.send("no_such_tool", {}),
        known.send("scenario_define", {}),
        known.send("scenario_define", {"spec": documents.two_stages() | {"namespace_id": 1}}),
        known.request("ping"),
        known.request("resources/list"),
    ]
    raw_exchange(server.port, b"GET /nothing HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n")
    server.stop()

    events = [json.loads(line) for line in (server.folder / "audit.jsonl").read_text(encoding="utf-8").splitlines()]
    requests = [event for event in events if event["event"] == "mcp_request"]
    told = [answer.headers["x-server-correlation-id"] for answer in answers]
    assert [event["server_correlation_id"] for event in requests] == told
    named = [event["unsafe_client_correlation_id"] for event in requests]
    assert [name for name in named if name is not None] == ["corr-1"]
    outcomes = ["Ok" if answer.status == 200 and "result" in answer.json else "Error" for answer in answers]
    assert [event["outcome"] for event in requests] == outcomes
    first = events[0]["sequence"]
    assert [event["sequence"] for event in events] == list(range(first, first + len(events)))
    assert all(event["timestamp_ms"] > 1_700_000_000_000 for event in events)


def test_what_is_in_effect_is_shown_as_a_configuration_that_shows_the_same(tmp_path):
    laid_out = decision_gate("init", ".", "--preset", "default-recommended", folder=tmp_path)
    valid = decision_gate("config", "validate", folder=tmp_path)
    shown = decision_gate("config", "show", folder=tmp_path)
    (tmp_path / "shown.toml").write_text(shown.stdout, encoding="utf-8")
    again = decision_gate("config", "show", "--config", "shown.toml", folder=tmp_path)

    assert [ended.returncode for ended in (laid_out, valid, shown, again)] == [0] * 4, again.stderr
    assert tomllib.loads(again.stdout) == tomllib.loads(shown.stdout)


def test_a_token_that_stands_in_a_configuration_is_not_shown(tmp_path):
    decision_gate("init", ".", "--preset", "hardened", folder=tmp_path)
    [token] = tomllib.loads((tmp_path / "decision-gate.toml").read_text(encoding="utf-8"))["server"]["auth"][
        "bearer_tokens"
    ]

    shown = decision_gate("config", "show", folder=tmp_path)

    assert (shown.returncode, token in shown.stdout + shown.stderr) == (0, False)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"server": {"max_body_byte": 1}}, "max_body_bytes"),
        ({"server": {"bind": "0.0.0.0:4000"}}, "non-loopback bind disallowed without auth policy"),
        ({"namespace": {"allow_default": True}}, "namespace.allow_default requires namespace.default_tenants"),
        ({"run_state_store": {"type": "sqlite"}}, "sqlite run_state_store requires path"),
        ({"providers": [{"name": "time", "type": "mcp", "command": ["x"], "capabilities_path": "x"}]}, "reserved"),
    ],
)
def test_a_configuration_that_cannot_work_is_refused_before_it_is_served(tmp_path, plugins, monkeypatch, changes, text):
    for name, value in plugins.items():
        monkeypatch.setenv(name, value)
    config = configuration(scripted("script.json", "facts"), {"server": {"bind": "127.0.0.1:4000"}}, changes)
    (tmp_path / "decision-gate.toml").write_text(config, encoding="utf-8")

    validated = decision_gate("config", "validate", folder=tmp_path)
    served = decision_gate("serve", folder=tmp_path)

    assert (validated.returncode, served.returncode) == (1, 1)
    assert text in validated.stderr + validated.stdout
    assert text in served.stderr
