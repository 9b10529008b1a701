"""Providers outside the server as a configuration opens them, and the signature policy over all (contract §7.7)."""

import sys

import pytest

from decision_gate.core.errors import ConfigurationError
from decision_gate.core.model import EvidenceContext, EvidenceQuery, JsonEvidence
from decision_gate.core.ports import ProviderFailure
from decision_gate.core.timestamps import UnixMillis
from decision_gate.mcp.config import parse_config
from decision_gate.mcp.config.pluggable import PluginsTable
from decision_gate.mcp.evidence.circuit import Circuit
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
CHILD = """
import sys
length = int(sys.stdin.buffer.readline().split(b":")[1])
sys.stdin.buffer.readline()
sys.stdin.buffer.read(length)
body = b'{"result": {"content": [{"type": "json", "json": {"value": {"kind": "json", "value": 5}}}]}}'
sys.stdout.buffer.write(b"Content-Length: %d\\r\\n\\r\\n%b" % (len(body), body))
sys.stdout.flush()
"""
NOW = EvidenceQuery(provider_id="time", check_id="now")
UNSIGNED = ProviderFailure(message="missing evidence signature")


def opened(text):
    offers = offers_of(PluginsTable())
    return open_evidence(parse_config(text.encode(), lambda _plugins: offers.settings_of), offers)


def test_a_command_is_started_and_asked(tmp_path):
    program = tmp_path / "provider.py"
    program.write_text(CHILD, encoding="utf-8")
    text = f"""
    [[providers]]
    name = "ext"
    type = "mcp"
    command = ['{sys.executable}', '{program}']
    capabilities_path = "unread.json"
    """

    with opened(text) as evidence:
        [answer] = evidence.collect([EvidenceQuery(provider_id="ext", check_id="v")], CONTEXT)

    assert answer.value == JsonEvidence(value=5)


def test_a_command_has_a_circuit_and_providers_that_are_always_asked_have_none(tmp_path):
    program = tmp_path / "provider.py"
    program.write_text("", encoding="utf-8")
    text = f"""
    [[providers]]
    name = "time"
    type = "builtin"
    [[providers]]
    name = "ext"
    type = "mcp"
    command = ['{sys.executable}', '{program}']
    capabilities_path = "unread.json"
    """

    with opened(text) as evidence:
        before = evidence.circuits()
        evidence.collect([EvidenceQuery(provider_id="ext", check_id="v")], CONTEXT)
        after = evidence.circuits()

    assert (before, after) == ({"ext": Circuit.CLOSED}, {"ext": Circuit.OPEN})


def test_a_command_that_cannot_run_stops_the_start():
    text = "[[providers]]\nname = 'ext'\ntype = 'mcp'\ncommand = ['/no/such']\ncapabilities_path = 'x'\n"

    with pytest.raises(ConfigurationError) as failure, opened(text):
        pass

    assert failure.value.code == "provider_not_started"


@pytest.fixture
def key(tmp_path):
    path = tmp_path / "key"
    path.write_bytes(bytes(32))
    return path


def test_the_default_policy_holds_for_every_provider_that_has_none_of_its_own(key):
    text = f"""
    [trust]
    default_policy = {{ require_signature = {{ keys = ['{key}'] }} }}
    [[providers]]
    name = "time"
    type = "builtin"
    """

    with opened(text) as evidence:
        assert evidence.collect([NOW], CONTEXT) == [UNSIGNED]


def test_the_policy_of_a_provider_goes_before_the_default(key):
    text = f"""
    [trust]
    default_policy = {{ require_signature = {{ keys = ['{key}'] }} }}
    [[providers]]
    name = "time"
    type = "builtin"
    trust = "audit"
    """

    with opened(text) as evidence:
        [answer] = evidence.collect([NOW], CONTEXT)

    assert answer.value == JsonEvidence(value=7)
