"""Whatever bytes arrive at ``/rpc``: one documented JSON-RPC reply, and never the inside of the server."""

import copy
import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision_gate.core.json import plain
from decision_gate.mcp.error_map import published_errors
from decision_gate.mcp.testing import open_test_server
from decision_gate.mcp.testing.calls import TIME_PROVIDER, ask, define, listing, start, status, submit, trigger
from decision_gate.mcp.tool_names import TOOL_NAMES
from decision_gate.mcp.transport.openapi import openapi_document

CALLS = {
    "scenario_define": define(),
    "scenario_start": start(),
    "scenario_status": status(),
    "scenario_next": ask(),
    "scenario_submit": submit(),
    "scenario_trigger": trigger(),
    "scenarios_list": listing(),
}
STATUSES = {200, 400, 401, 403, 413, 429, 503}
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)
MEMBERS = st.fixed_dictionaries(
    {},
    optional={
        "jsonrpc": st.sampled_from(["2.0", "1.0", 2.0, None]) | VALUES,
        "id": VALUES,
        "method": st.sampled_from(["tools/list", "tools/call", "initialize", "ping", ""]) | VALUES,
        "params": st.fixed_dictionaries(
            {}, optional={"name": st.sampled_from(TOOL_NAMES) | VALUES, "arguments": VALUES, "other": VALUES}
        )
        | VALUES,
        "extra": VALUES,
    },
)


def places(value, path=()):
    """Yield the path of every value within a value, itself included."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in inner:
        yield from places(member, (*path, key))


def replaced(value, path, new):
    if not path:
        return new
    value = copy.copy(value)
    value[path[0]] = replaced(value[path[0]], path[1:], new)
    return value


@st.composite
def spoiled_calls(draw):
    """Make a call that is right but for one value, whose place may be anywhere."""
    tool = draw(st.sampled_from(sorted(CALLS)))
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": CALLS[tool]}}
    return replaced(call, draw(st.sampled_from(list(places(call)))), draw(VALUES))


@pytest.fixture(scope="module")
def server():
    with open_test_server(TIME_PROVIDER) as opened:
        yield opened


ERROR = jsonschema.Draft202012Validator(openapi_document()["components"]["schemas"]["Error"])
CODES = {(row.code, row.kind) for row in published_errors().values()}


def demand_one_documented_reply(reply):
    answer = json.loads(reply.body)
    assert reply.status in STATUSES
    assert b"Traceback" not in reply.body
    assert b'File "' not in reply.body
    if "result" in answer:
        assert (reply.status, set(answer)) == (200, {"jsonrpc", "id", "result"})
        return
    ERROR.validate(answer)
    error = answer["error"]
    assert (error["code"], error["data"]["kind"]) in CODES
    assert error["data"]["kind"] not in ("internal", "serialization")
    assert reply.status != 503 or error["data"]["retryable"]


@given(MEMBERS | VALUES)
def test_any_envelope_has_one_documented_reply(server, envelope):
    demand_one_documented_reply(server.send(json.dumps(envelope).encode("utf-8", "surrogatepass")))


@given(spoiled_calls())
def test_a_call_that_is_wrong_in_one_place_has_one_documented_reply(server, call):
    demand_one_documented_reply(server.send(json.dumps(call).encode("utf-8", "surrogatepass")))


@given(st.binary(max_size=200) | st.tuples(spoiled_calls(), st.integers(0, 500), st.binary(max_size=3)))
def test_any_bytes_have_one_documented_reply(server, sent):
    if not isinstance(sent, bytes):
        call, at, other = sent
        whole = plain({"call": json.dumps(call)}) if at % 7 == 0 else json.dumps(call).encode()
        sent = whole[:at] + other + whole[at + len(other) :]

    demand_one_documented_reply(server.send(sent))
