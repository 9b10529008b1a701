"""What ``/readyz`` and ``/metrics`` tell of providers that rest (deviation X9)."""

from decision_gate.core.json import parse
from decision_gate.core.ports import ProviderFailure
from decision_gate.mcp.evidence.circuit import Circuit
from decision_gate.mcp.host import Seams
from decision_gate.mcp.testing import open_test_server
from decision_gate.mcp.testing.asgi import HttpRequest, ask_app
from decision_gate.mcp.transport.serving import opened_app

SERVER = '[server]\ntransport = "http"\nbind = "127.0.0.1:4000"\nmetrics = true\n'


class Resting:
    """Evidence of three programs, two of which failed."""

    def circuits(self):
        return {"a": Circuit.CLOSED, "b": Circuit.OPEN, 'c"\n': Circuit.HALF_OPEN}

    def missing(self, _queries):
        return None

    def collect(self, queries, _context):
        return [ProviderFailure(message="resting") for _query in queries]


def answered(path):
    """Return what a server with this evidence answers to anybody."""
    with open_test_server(SERVER, Seams(evidence=Resting())) as server, opened_app(server.host) as app:
        return ask_app(app, HttpRequest(method="GET", path=path))


def test_a_server_whose_providers_rest_is_ready_and_says_which():
    """Deviation X9; while all circuits are closed the body is the bare one of contract §1.5."""
    answer = answered("/readyz")

    assert (answer.status, parse(answer.body)) == (
        200,
        {"status": "ready", "circuits": {"b": "open", 'c"\n': "half_open"}},
    )


def test_metrics_tell_the_state_of_every_circuit():
    answer = answered("/metrics")

    told = [line for line in answer.body.decode().splitlines() if "circuit" in line]
    assert told[0].startswith("# HELP decision_gate_provider_circuit ")
    assert told[1:] == [
        "# TYPE decision_gate_provider_circuit gauge",
        'decision_gate_provider_circuit{provider="a",state="closed"} 1',
        'decision_gate_provider_circuit{provider="a",state="open"} 0',
        'decision_gate_provider_circuit{provider="a",state="half_open"} 0',
        'decision_gate_provider_circuit{provider="b",state="closed"} 0',
        'decision_gate_provider_circuit{provider="b",state="open"} 1',
        'decision_gate_provider_circuit{provider="b",state="half_open"} 0',
        'decision_gate_provider_circuit{provider="c\\"\\n",state="closed"} 0',
        'decision_gate_provider_circuit{provider="c\\"\\n",state="open"} 0',
        'decision_gate_provider_circuit{provider="c\\"\\n",state="half_open"} 1',
    ]
