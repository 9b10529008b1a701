"""A configuration becomes a server, and fails closed when it cannot (contract §3.6, architecture §3)."""

import sys
from contextlib import contextmanager

import attrs
import pytest

from decision_gate.core.errors import DecisionGateError
from decision_gate.mcp.config import parse_config
from decision_gate.mcp.config.root import Config
from decision_gate.mcp.config.stores import RunStateStoreTable, StoreType
from decision_gate.mcp.hooks.usage_meter import NoMeter
from decision_gate.mcp.host import Seams, open_host
from decision_gate.mcp.opening.built_in import offers_of
from decision_gate.mcp.plugins import Offer, Offers
from decision_gate.mcp.testing import RecordingSink, open_test_server

CLOSED = []


@contextmanager
def open_meter():
    """Open a meter that tells when it is closed."""
    yield NoMeter()
    CLOSED.append("meter")


@contextmanager
def open_half():
    """Open something that is half a meter."""
    yield type("Half", (), {"metrics": frozenset()})()


def offers(config_plugins):
    def installed(group):
        if group != "decision_gate.usage_meters":
            return ()
        return tuple(
            Offer(group=group, name=name, reference=f"{__name__}:open_{name}", distribution="acme", version="2")
            for name in ("meter", "half")
        )

    return Offers(config_plugins, built_in={}, installed=installed)


def opened(text, seams=None):
    made = []

    def settings_of(plugins):
        made.append(offers(plugins))
        return made[0].settings_of

    config = parse_config(text.encode(), settings_of)
    return open_host(config, {}, seams, made[0])


def refusal(context):
    with pytest.raises(DecisionGateError) as refused, context:
        pass
    return refused.value.code


def test_the_start_is_audited_with_every_plugged_offer_and_its_version():
    sink = RecordingSink()
    text = '[plugins]\ntrusted = ["acme"]\n[usage_meter]\ntype = "meter"\n'
    CLOSED.clear()

    with opened(text, Seams(audit_sink=sink)):
        [event] = sink.events

    assert event.event == "server_started"
    assert event.members["plugins"] == {"decision_gate.usage_meters:meter": "acme 2"}
    assert event.members["posture"] == {
        "transport": "stdio",
        "auth": "local_only",
        "time": "caller",
        "dev_permissive": False,
    }
    assert CLOSED == ["meter"]


def test_dev_permissive_mode_is_a_security_event_at_start():
    with open_test_server("[dev]\npermissive = true\n") as server:
        [event] = server.sink.named("security_audit")

    assert event.members == {
        "timestamp_ms": 1_760_000_000_000,
        "unsafe_client_correlation_id": None,
        "server_correlation_id": None,
        "kind": "dev_permissive_enabled",
        "message": "dev-permissive mode enabled",
        "dev_permissive": True,
        "namespace_authority": "dg_registry",
    }


def test_a_plugged_object_without_the_members_of_its_contract_stops_the_start():
    assert refusal(opened('[plugins]\ntrusted = ["acme"]\n[usage_meter]\ntype = "half"\n')) == "offer_broken"


def test_a_configuration_that_was_never_a_file_is_checked_too():
    config = Config(run_state_store=RunStateStoreTable(type=StoreType.SQLITE))

    assert refusal(open_host(config, {})) == "config_invalid"


BEARER = '[server]\ntransport = "http"\nbind = "127.0.0.1:1"\n[server.auth]\nmode = "bearer_token"\n'


@pytest.mark.parametrize(
    ("environment", "code"),
    [({}, "secret_unavailable"), ({"TOKEN": " padded "}, "config_invalid"), ({"TOKEN": "x" * 257}, "config_invalid")],
)
def test_a_token_by_reference_is_held_to_the_rules_when_the_server_is_built(environment, code):
    text = BEARER + 'bearer_tokens = [{ env = "TOKEN" }]\n'
    config = parse_config(text.encode(), lambda plugins: offers_of(plugins).settings_of)
    config.check()

    assert refusal(open_host(config, environment)) == code


def test_an_object_store_without_its_extra_stops_the_start_instead_of_writing_elsewhere(monkeypatch):
    monkeypatch.setitem(sys.modules, "boto3", None)
    monkeypatch.delitem(sys.modules, "decision_gate.mcp.runpacks.object_store", raising=False)
    text = '[runpack_storage]\ntype = "object_store"\nprovider = "s3"\nbucket = "b"\n'
    config = parse_config(text.encode(), lambda plugins: offers_of(plugins).settings_of)

    assert refusal(open_host(config, {})) == "offer_broken"


def test_an_assetcore_authority_is_opened_and_denies_while_it_cannot_be_asked():
    text = (
        '[namespace.authority]\nmode = "assetcore_http"\n'
        'assetcore = { base_url = "http://127.0.0.1:1", connect_timeout_ms = 100, request_timeout_ms = 500 }\n'
    )
    with open_test_server(text) as server:
        reply = server.send(
            b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"scenarios_list",'
            b'"arguments":{"tenant_id":7,"namespace_id":12}}}'
        )
        [event] = server.sink.named("guard_denial")

    assert reply.status == 403
    assert event.members["guard"] == "namespace"


def test_readiness_asks_runs_shapes_and_scenarios_in_this_order():
    asked = []

    def ready(name):
        return type("Store", (), {"ready": lambda _self: asked.append(name)})()

    with open_test_server() as server:
        stores = attrs.evolve(
            server.host.stores, runs=ready("runs"), shapes=ready("shapes"), scenarios=ready("scenarios")
        )
        for check in attrs.evolve(server.host, stores=stores).ready_checks():
            check()

    assert asked == ["runs", "shapes", "scenarios"]
