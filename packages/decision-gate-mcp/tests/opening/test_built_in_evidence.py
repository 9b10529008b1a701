"""The built-in providers as a configuration opens them: all at once, each as it should be asked (deviation S7)."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from decision_gate.core.errors import ConfigurationError
from decision_gate.core.model import EvidenceContext, EvidenceQuery, JsonEvidence
from decision_gate.core.ports import ProviderFailure
from decision_gate.core.timestamps import UnixMillis
from decision_gate.mcp.config import parse_config
from decision_gate.mcp.config.pluggable import PluginsTable
from decision_gate.mcp.opening.built_in import offers_of
from decision_gate.mcp.opening.evidence import open_evidence

CONTEXT = EvidenceContext(
    tenant_id=1,
    namespace_id=1,
    run_id="run",
    scenario_id="scenario",
    stage_id="stage",
    trigger_id="trigger",
    trigger_time=UnixMillis(7),
)
TOGETHER = 10
BOUND = 60


class Handler(BaseHTTPRequestHandler):
    """Answers when as many are asking as are awaited."""

    def do_GET(self):
        self.server.meeting.wait(BOUND)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_details):
        """Say nothing."""


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.meeting = threading.Barrier(TOGETHER)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.meeting.abort()
        server.shutdown()
        thread.join(BOUND)


def opened(text):
    offers = offers_of(PluginsTable())
    return open_evidence(parse_config(text.encode(), lambda _plugins: offers.settings_of), offers)


def http(**settings):
    rest = "".join(f"{name} = {value}\n" for name, value in settings.items())
    return (
        '[[providers]]\nname = "http"\ntype = "builtin"\n'
        f'[providers.config]\nallow_http = true\nallowed_hosts = ["127.0.0.1"]\n{rest}'
    )


def ask(server):
    url = f"http://127.0.0.1:{server.server_port}/"
    return EvidenceQuery(provider_id="http", check_id="status", params={"url": url})


def test_ten_questions_of_a_step_are_asked_at_the_same_time(server):
    with opened(http(timeout_ms=BOUND * 1000)) as evidence:
        answers = evidence.collect([ask(server)] * TOGETHER, CONTEXT)

    assert [answer.value for answer in answers] == [JsonEvidence(value=204)] * TOGETHER


def test_a_request_that_takes_too_long_is_told_as_what_it_is(server):
    with opened(http(timeout_ms=50)) as evidence:
        answers = evidence.collect([ask(server)], CONTEXT)

    assert answers == [ProviderFailure(message="http request failed")]


def test_every_built_in_provider_answers(tmp_path):
    (tmp_path / "junit.xml").write_text("<testsuite><testcase name='a'/></testsuite>", encoding="utf-8")
    (tmp_path / "a.json").write_text("3", encoding="utf-8")
    root = f'root = "{tmp_path}"\nroot_id = "files"\n'
    text = "".join(
        f'[[providers]]\nname = "{name}"\ntype = "builtin"\n' + (f"[providers.config]\n{config}" if config else "")
        for name, config in (
            ("time", ""),
            ("env", 'overrides = { NAME = "word" }\n'),
            ("json", root),
            ("report", root),
        )
    )
    queries = [
        EvidenceQuery(provider_id="report", check_id="tests.total", params={"file": "junit.xml"}),
        EvidenceQuery(provider_id="time", check_id="now"),
        EvidenceQuery(provider_id="env", check_id="get", params={"key": "NAME"}),
        EvidenceQuery(provider_id="json", check_id="path", params={"file": "a.json"}),
    ]

    with opened(text) as evidence:
        assert evidence.missing(queries) is None
        values = [answer.value.value for answer in evidence.collect(queries, CONTEXT)]

    assert values == [1, 7, "word", 3]


@pytest.mark.parametrize("name", ["json", "report"])
def test_a_provider_of_files_needs_its_root(name):
    with pytest.raises(ConfigurationError) as caught, opened(f'[[providers]]\nname = "{name}"\ntype = "builtin"\n'):
        pass

    assert caught.value.code == "rooted_files_invalid"
