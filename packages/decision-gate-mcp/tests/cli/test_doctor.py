"""``doctor``: healthy servers are found healthy, every fault is found, and each comes with what to do."""

import contextlib
import http.server
import threading

import pytest

from decision_gate.mcp.cli.doctor.installation import installation_findings
from decision_gate.mcp.testing.ports import reserved_port

BEARER = '[server.auth]\nmode = "bearer_token"\nbearer_tokens = [{ env = "GATE" }]\n'


@pytest.fixture
def port():
    with reserved_port() as reserved:
        yield reserved


@pytest.fixture
def examined(cli, tmp_path, monkeypatch, port):
    """Return a function that writes a configuration, examines it, and returns exit code and findings."""
    monkeypatch.chdir(tmp_path)

    def examine(text, *options):
        (tmp_path / "decision-gate.toml").write_text(text.replace("<port>", str(port)), encoding="utf-8")
        ran = cli("doctor", "--json", *options)
        return ran.code, ran.json["findings"]

    return examine


HTTP = '[server]\ntransport = "http"\nbind = "127.0.0.1:<port>"\n'


def levels(findings):
    return {finding["level"] for finding in findings}


def said(findings, level):
    return [finding["said"] for finding in findings if finding["level"] == level]


def test_a_folder_that_init_laid_out_is_healthy(cli, tmp_path, monkeypatch, port):
    monkeypatch.chdir(tmp_path)
    cli("init")
    config = tmp_path / "decision-gate.toml"
    config.write_text(config.read_text(encoding="utf-8").replace("4000", str(port)), encoding="utf-8")

    ran = cli("doctor")

    assert ran.code == 0, ran.out
    assert "failed" not in ran.out
    assert "warning" not in ran.out
    assert "/mcp speaks 2026-07-28" in ran.out


def test_a_server_with_tokens_is_asked_as_a_stranger_and_as_a_caller(examined, monkeypatch):
    monkeypatch.setenv("GATE", "a-token-of-this-test")
    limits = "[server.limits.rate_limit]\n[time]\nsource = 'bounded'\n"

    code, findings = examined(HTTP + BEARER + limits)

    assert code == 0, findings
    assert said(findings, "failed") == []
    assert "a caller without credentials is refused" in said(findings, "ok")
    assert "a caller with a token may call 18 tools" in said(findings, "ok")
    assert said(findings, "warning") == [
        "run_state_store is in memory: nothing survives a restart",
        "schema_registry is in memory: nothing survives a restart",
        "there are none, so no scenario can ask anything",
    ]


def test_a_server_that_clients_start_is_started_and_spoken_to(examined):
    code, findings = examined("")

    assert code == 0
    assert said(findings, "ok")[-3:] == [
        "serve starts and answers on stdio",
        "stdio speaks 2026-07-28",
        "stdio speaks 2025-11-25",
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[server]\nmax_body_bytes = 0", "max_body_bytes must be greater than zero"),
        (HTTP + BEARER, "server.auth.bearer_tokens[0]: environment variable GATE is not set"),
        (HTTP + BEARER.replace('{ env = "GATE" }', '"dg-hardened-demo-token"'), "is the demo token of a preset"),
        (
            HTTP.replace("127.0.0.1", "0.0.0.0") + BEARER,  # noqa: S104 - only configured
            "Refusing to bind to non-loopback address",
        ),
        (
            HTTP + '[[providers]]\nname = "json"\ntype = "builtin"\nconfig = { root = "gone", root_id = "r" }',
            "is no folder",
        ),
        (HTTP + '[run_state_store]\ntype = "sqlite"\npath = "."', "serve does not start"),
    ],
)
def test_what_keeps_a_server_from_working_is_found_with_what_to_do(examined, text, fault):
    code, findings = examined(text)

    found = [finding for finding in findings if finding["level"] == "failed" and fault in finding["said"]]
    assert code == 1
    assert len(found) == 1, findings
    assert found[0]["fix"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HTTP, "run_state_store is in memory: nothing survives a restart"),
        (HTTP, "there are none, so no scenario can ask anything"),
        (HTTP + "[dev]\npermissive = true", "asserted evidence opens gates"),
        (HTTP + "[validation]\nstrict = false\nallow_permissive = true", "comparators are not checked against types"),
        (HTTP + "[server.audit]\nenabled = false", "nothing is written"),
        (HTTP + BEARER + "[time]\nsource = 'caller'", "callers with tokens say what time it is, and may lie"),
    ],
)
def test_what_works_and_should_not_stay_so_is_a_warning(examined, text, told):
    _, findings = examined(text, "--no-start")

    assert told in said(findings, "warning")


def test_no_server_is_started_unless_it_may_be(examined):
    code, findings = examined(HTTP, "--no-start")

    assert code == 1
    assert said(findings, "failed")[0].startswith("nothing answers at 127.0.0.1:")


class Yes(http.server.BaseHTTPRequestHandler):
    """Says yes to everything, as a server does whose checks are all gone."""

    def do_GET(self):
        self.answer(b'{"status":"ok"}')

    def do_POST(self):
        self.answer(b'{"jsonrpc":"2.0","id":1,"result":{}}')

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments):
        """Say nothing."""


@contextlib.contextmanager
def answering(port):
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), Yes) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join(30)


def test_a_server_that_says_yes_to_everything_fails_at_every_check(examined, monkeypatch, port):
    monkeypatch.setenv("GATE", "a-token-of-this-test")

    with answering(port):
        code, findings = examined(HTTP + BEARER)

    assert code == 1
    assert [finding["subject"] for finding in findings if finding["level"] == "failed"] == [
        "callers",
        "strangers",
        "limits",
        "mcp",
        "mcp",
    ]


def test_a_regular_package_of_the_namespaces_name_is_found(tmp_path):
    (tmp_path / "decision_gate").mkdir()
    (tmp_path / "decision_gate" / "__init__.py").write_text("", encoding="utf-8")

    found = [finding for finding in installation_findings([str(tmp_path)]) if finding.subject == "namespace"]

    assert [finding.level.value for finding in found] == ["failed"]
    assert str(tmp_path / "decision_gate") in found[0].said
