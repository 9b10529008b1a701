"""Tools and routes of plug-ins: found by configuration, guarded like the wire's own (architecture §3)."""

from contextlib import contextmanager

import attrs
import pytest
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from decision_gate.core.errors import DecisionGateError
from decision_gate.mcp.config import parse_config
from decision_gate.mcp.host import Seams, open_host
from decision_gate.mcp.plugins import Offer, Offers
from decision_gate.mcp.testing import ManualServerClock, RecordingMeter, RecordingSink, RpcError, TestServer
from decision_gate.mcp.testing.asgi import HttpRequest, ask_app
from decision_gate.mcp.tools.call import Place, Tool
from decision_gate.mcp.tools.catalogue import ToolText
from decision_gate.mcp.transport.serving import opened_app, opened_routes

TRUST = '[plugins]\ntrusted = ["acme"]\n'
FAMILY = '[[tool_families]]\ntype = "greeting"\n'


@attrs.frozen(kw_only=True)
class GreetArguments:
    """Arguments of ``greet``."""

    name: str


class Greeting:
    """A family of one tool."""

    def __init__(self, name):
        self.name = name

    def tools(self):
        return (
            Tool(
                name=self.name,
                arguments=GreetArguments,
                place=lambda _arguments: Place(),
                work=lambda call: f'"hello {call.arguments.name}"'.encode(),
            ),
        )

    def texts(self):
        return (ToolText(name=self.name, description="Greet.", input_schema={"type": "object"}),)

    def routes(self, host):
        return (Route("/greet", lambda _request: PlainTextResponse(f"hello from {host.stores.engine}")),)


@contextmanager
def open_greeting():
    """Open the family, and the routes, of this test."""
    yield Greeting("greet")


@contextmanager
def open_impostor():
    """Open a family that takes a name of the wire."""
    yield Greeting("scenario_next")


def offers(plugins):
    def installed(group):
        if group not in ("decision_gate.tool_families", "decision_gate.http_routes"):
            return ()
        return tuple(
            Offer(group=group, name=name, reference=f"{__name__}:open_{name}", distribution="acme", version="1")
            for name in ("greeting", "impostor")
        )

    return Offers(plugins, built_in={}, installed=installed)


@contextmanager
def serving(text):
    made = []

    def settings_of(plugins):
        made.append(offers(plugins))
        return made[0].settings_of

    config = parse_config((TRUST + text).encode(), settings_of)
    clock, sink, meter = ManualServerClock(), RecordingSink(), RecordingMeter()
    seams = Seams(clock=clock, audit_sink=sink, usage_meter=meter)
    with open_host(config, {}, seams, made[0]) as host:
        yield TestServer(host=host, clock=clock, sink=sink, meter=meter)


def test_a_plugged_tool_is_listed_last_called_guarded_and_billed():
    with serving(FAMILY) as server:
        listed = [tool["name"] for tool in server.request("tools/list")["tools"]]
        server.sink.events.clear()
        answer = server.call("greet", {"name": "bob"})

    assert listed[-1] == "greet"
    assert answer == "hello bob"
    assert [event.event for event in server.sink.events] == [
        "mcp_tool_authz",
        "tenant_authz",
        "usage_audit",
        "mcp_request",
    ]
    assert len(server.meter.table.bodies) == 1


def test_a_plugged_tool_may_be_named_by_the_lists_of_tools():
    with serving(FAMILY + '[server.auth]\nallowed_tools = ["greet"]\n') as server:
        assert server.call("greet", {"name": "bob"}) == "hello bob"
        with pytest.raises(RpcError):
            server.call("scenarios_list", {"tenant_id": 7, "namespace_id": 12})


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (FAMILY + '[server.auth]\nallowed_tools = ["gret"]\n', "config_invalid"),
        ('[[tool_families]]\ntype = "impostor"\n', "offer_broken"),
    ],
)
def test_unknown_and_taken_names_stop_the_start(text, code):
    with pytest.raises(DecisionGateError) as refused, serving(text):
        pass

    assert refused.value.code == code


def test_a_plugged_route_is_served_beside_the_others():
    with (
        serving('[[http_routes]]\ntype = "greeting"\n') as server,
        opened_routes(server.host) as routes,
        opened_app(server.host, routes) as app,
    ):
        answer = ask_app(app, HttpRequest(method="GET", path="/greet"))
        health = ask_app(app, HttpRequest(method="GET", path="/healthz"))

    assert answer.body == b"hello from memory"
    assert health.status == 200
