"""The published schema accepts whatever the loader accepts, and its bounds are those of the checks (contract §3.4)."""

import tomllib

import jsonschema_rs
import pytest

from decision_gate.core.errors import DecisionGateError
from decision_gate.mcp.config.root import Config
from decision_gate.mcp.config.table import Table, keys_of
from decision_gate.mcp.config_view.schema import config_schema

HTTP = '[server]\ntransport = "http"\nbind = "127.0.0.1:4000"\n'
STORAGE = "[runpack_storage]\ntype = 'object_store'\nprovider = 's3'\nbucket = 'b'\n"
MCP = "[[providers]]\nname = 'p'\ntype = 'mcp'\ncapabilities_path = 'c'\n"
TIME = "[[providers]]\nname = 'time'\ntype = 'builtin'\n"
STATIC = "[policy]\nengine = 'static'\n[[policy.static.rules]]\n"
SCHEMA = jsonschema_rs.validator_for(config_schema())


def accepts(text):
    return SCHEMA.is_valid(tomllib.loads(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        # What the reference's own schema refuses, because its conditions hold for absent keys.
        "[server]\n",
        "[server.auth]\n",
        "[policy]\n",
        "[namespace.authority]\n",
        "[run_state_store]\n",
        "[runpacks]\n",
        MCP + "command = ['x']\nallow_insecure_http = false",
        STORAGE + "allow_http = false",
        HTTP,
        HTTP + "[server.auth]\nbearer_tokens = ['a', { env = 'B' }, { file = 'c' }]\nmode = 'bearer_token'",
        HTTP + "[server.limits.rate_limit]\n[server.tls]\ncert_path = 'a'\nkey_path = 'b'",
        "[trust]\ndefault_policy = { require_signature = { keys = ['k'] } }",
        "[run_state_store]\ntype = 'sqlite'\npath = 'x'",
        "[audit_sink]\ntype = 'file'\npath = 'x'",
        STORAGE + "endpoint = ' http://x '\nallow_http = true",
        STATIC + "effect = 'deny'\ntargets = [{ target_kind = 'external', system = 's' }]",
        MCP + "url = 'http://x'\nallow_insecure_http = true",
        TIME + "config = { allow_logical = false }",
        "[namespace.authority]\nmode = 'assetcore_http'\nassetcore = { base_url = 'x' }",
    ],
)
def test_what_the_loader_accepts_is_accepted(parsed, text):
    parsed(text).check()

    assert accepts(text)


@pytest.mark.parametrize(
    "text",
    [
        "[server]\ntransport = 'http'",
        "[server.tls]\ncert_path = 'a'\nkey_path = 'b'",
        HTTP + "[server.auth]\nmode = 'bearer_token'",
        HTTP + "[server.auth]\nmode = 'mtls'\nmtls_subjects = []",
        HTTP + "[[server.auth.principals]]\nsubject = 's'\nprofile = 'agent'\nallowed_tools = ['precheck']",
        "[namespace]\nallow_default = true",
        "[namespace.authority]\nmode = 'assetcore_http'",
        "[namespace.authority.assetcore]\nbase_url = 'x'",
        "[validation]\nstrict = false",
        "[policy]\nengine = 'static'",
        "[policy.static]\n",
        "[policy]\nengine = 'static'\nstatic = { default = 'error' }",
        STATIC + "effect = 'error'\nstage_ids = ['s']",
        STATIC + "effect = 'deny'\ntargets = [{ target_kind = 'external' }]",
        STATIC + "effect = 'deny'\ntargets = [{ target_kind = 'external', target_id = 'x', system = 's' }]",
        STATIC + "effect = 'deny'\ntargets = [{ target_kind = 'agent', system = 'x' }]",
        "[run_state_store]\npath = 'x'",
        "[schema_registry]\ntype = 'sqlite'",
        "[audit_sink]\ntype = 'file'\nfile = 'x'",
        "[usage_meter]\ntype = 'none'\nrate = 1",
        STORAGE + "endpoint = 'x'",
        STORAGE + "endpoint = 'http://x'",
        "[[providers]]\nname = 'clock'\ntype = 'builtin'",
        TIME + "url = 'https://x'",
        TIME + "config = { allow_logicl = true }",
        MCP,
        MCP.replace("capabilities_path = 'c'\n", "url = 'https://x'\n"),
        MCP + "url = 'https://x'\nconfig = {}",
        MCP + "url = 'http://x'",
        MCP.replace("'p'", "'time'") + "url = 'https://x'",
    ],
)
def test_what_the_loader_refuses_for_two_keys_together_is_refused(parsed, text):
    if "logicl" not in text:  # read when the provider is opened
        with pytest.raises(DecisionGateError):
            parsed(text).check()

    assert not accepts(text)


BASES = {
    "namespace.authority.assetcore": "[namespace.authority]\nmode = 'assetcore_http'\n"
    "[namespace.authority.assetcore]\nbase_url = 'x'\n",
    "schema_registry": "[schema_registry]\ntype = 'sqlite'\npath = 'x'\n",
}


def bounded_numbers(of=Config, path=""):
    """Yield each number of the tables that has bounds of its own: the text of its table, its name and both bounds."""
    for entry in keys_of(of):
        inner = f"{path}.{entry.name}" if path else entry.name
        own = getattr(entry.kind, "own", None)
        if isinstance(entry.kind, Table) or own is not None:
            yield from bounded_numbers(own or entry.kind.of, inner)
        low, high = getattr(entry.kind, "low", None), getattr(entry.kind, "high", None)
        if low is not None:
            yield BASES.get(path, f"[{path}]\n"), entry.name, low, high


@pytest.mark.parametrize(("table", "name", "low", "high"), list(bounded_numbers()))
def test_the_bounds_of_a_number_are_those_that_its_check_holds(parsed, table, name, low, high):
    for value in (low, high or low):
        parsed(f"{table}{name} = {value}").check()
        assert accepts(f"{table}{name} = {value}")

    for value in (low - 1, *([high + 1] if high else ())):
        with pytest.raises(DecisionGateError):
            parsed(f"{table}{name} = {value}").check()
        assert not accepts(f"{table}{name} = {value}")
