"""``provider``: what can be asked, of the open server and of one that is configured."""

import contextlib
import http.server
import threading

import pytest

FACTS = """\
{"provider_id": "facts", "name": "Facts", "description": "Says what is so.", "transport": "mcp",
 "config_schema": {"type": "object"},
 "checks": [{"check_id": "is", "description": "Whether it is.", "determinism": "external", "params_required": false,
  "params_schema": {"type": "object"}, "result_schema": {"type": "boolean"}, "allowed_comparators": ["equals"],
  "anchor_types": [], "content_types": ["application/json"], "examples": []}], "notes": []}
"""
CONFIG = """\
[[providers]]
name = "time"
type = "builtin"
[[providers]]
name = "facts"
type = "mcp"
command = ["is-not-started"]
capabilities_path = "facts.json"
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_built_in_providers_are_listed_by_name(cli, folder):
    del folder
    listed = cli("provider", "list").json["providers"]

    assert [entry["provider_id"] for entry in listed] == ["env", "http", "json", "report", "time"]
    assert {entry["transport"] for entry in listed} == {"builtin"}
    assert listed[-1]["checks"] == ["after", "before", "now"]


def test_the_providers_of_a_configuration_are_listed_without_being_started(cli, folder):
    (folder / "facts.json").write_text(FACTS, encoding="utf-8")
    (folder / "decision-gate.toml").write_text(CONFIG, encoding="utf-8")

    ran = cli("provider", "list", "--config", "decision-gate.toml")
    text = cli("provider", "list", "--config", "decision-gate.toml", "--format", "text")

    assert ran.json == {
        "providers": [
            {"provider_id": "facts", "transport": "mcp", "checks": ["is"]},
            {"provider_id": "time", "transport": "builtin", "checks": ["after", "before", "now"]},
        ]
    }
    assert text.out == "facts: is\ntime: after, before, now\n"


@contextlib.contextmanager
def ready(body):
    """Serve one body at every path, and yield the port."""

    class Ready(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments):
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ready) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join(60)


@pytest.mark.parametrize(
    ("body", "state"),
    [(b'{"status":"ready"}', "closed"), (b'{"status":"ready","circuits":{"facts":"open"}}', "open")],
)
def test_a_running_server_is_asked_which_programs_rest(cli, folder, body, state):
    """Deviation X9."""
    (folder / "facts.json").write_text(FACTS, encoding="utf-8")
    with ready(body) as port:
        server = f'[server]\ntransport = "http"\nbind = "127.0.0.1:{port}"\n'
        (folder / "decision-gate.toml").write_text(server + CONFIG, encoding="utf-8")

        listed = cli("provider", "list", "--live").json["providers"]
        text = cli("provider", "list", "--live", "--format", "text")

    assert [entry.get("circuit") for entry in listed] == [state, None]
    assert text.out == f"facts [{state}]: is\ntime: after, before, now\n"


def test_nobody_to_ask_is_told(cli, folder):
    (folder / "facts.json").write_text(FACTS, encoding="utf-8")
    (folder / "decision-gate.toml").write_text(CONFIG, encoding="utf-8")

    ran = cli("provider", "list", "--live")

    assert (ran.code, ran.out) == (1, "")
    assert "no server of this configuration answers here" in ran.err


def test_a_contract_that_cannot_be_had_is_told(cli, folder):
    (folder / "decision-gate.toml").write_text(CONFIG, encoding="utf-8")

    ran = cli("provider", "list", "--config", "decision-gate.toml")

    assert (ran.code, ran.out) == (1, "")
    assert "facts.json" in ran.err


def test_one_question_is_answered_as_a_scenario_would_see_it(cli, folder):
    (folder / "a.json").write_text('{"b": [1, 2]}', encoding="utf-8")

    ran = cli("provider", "query", "json", "path", "--param", 'file="a.json"', "--param", 'jsonpath="$.b"')

    assert ran.json == [1, 2]


def test_a_contract_and_one_check_are_shown_as_the_server_shows_them(cli, folder):
    del folder
    contract = cli("provider", "contract", "get", "--provider", "time").json
    check = cli("provider", "check-schema", "get", "--provider", "time", "--check-id", "after").json

    assert (contract["provider_id"], contract["source"], contract["version"]) == ("time", "builtin", None)
    assert check["contract_hash"] == contract["contract_hash"]
    assert check["check_id"] == "after"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--provider", "time"), "provider discovery denied"),
        (("--provider", "facts"), "provider_missing: provider not registered: facts"),
    ],
)
def test_what_the_discovery_lists_hide_is_refused(cli, folder, arguments, said):
    (folder / "decision-gate.toml").write_text('[provider_discovery]\ndenylist = ["time"]\n', encoding="utf-8")

    ran = cli("provider", "contract", "get", *arguments)

    assert (ran.code, ran.out, ran.err) == (1, "", f"{said}\n")


@pytest.mark.parametrize(("limit", "code", "said"), [(93, 1, "(94 > 93)"), (94, 0, "")])
def test_a_listing_is_as_long_as_discovery_allows(cli, folder, limit, code, said):
    providers = '[[providers]]\nname = "time"\ntype = "builtin"\n'
    discovery = f"[provider_discovery]\nmax_response_bytes = {limit}\n"
    (folder / "decision-gate.toml").write_text(discovery + providers, encoding="utf-8")

    ran = cli("provider", "list")

    assert (ran.code, ran.err) == (code, said and f"provider discovery response exceeds size limit {said}\n")


def test_the_configuration_here_is_the_one_that_is_listed(cli, folder):
    (folder / "decision-gate.toml").write_text('[[providers]]\nname = "env"\ntype = "builtin"\n', encoding="utf-8")

    assert [entry["provider_id"] for entry in cli("provider", "list").json["providers"]] == ["env"]
