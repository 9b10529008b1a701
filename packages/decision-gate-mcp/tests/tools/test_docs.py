"""Documentation on the wire (contract §1.10, §2.18, §10.2)."""

import pytest

from decision_gate.mcp.docs.catalogue import built_in_documents
from decision_gate.mcp.testing import RpcError, open_test_server

TOOL = "decision_gate_docs_search"
SECURITY = "decision-gate://docs/security"


def refusal(server, method, params=None, **given):
    with pytest.raises(RpcError) as refused:
        server.request(method, params, **given)
    return refused.value.code, refused.value.status, refused.value.message


def called(arguments):
    return {"name": TOOL, "arguments": arguments}


def test_hits_name_their_documents_and_ranks(server):
    answer = server.call(TOOL, {"query": "trust lanes", "max_sections": 2})

    assert [section["rank"] for section in answer["sections"]] == [0, 1]
    first = answer["sections"][0]
    reference = {name: first[name] for name in ("doc_id", "doc_title", "doc_role")}
    assert reference in answer["docs_covered"]
    assert first["heading"] == "Trust lanes"


def test_a_negative_number_of_sections_is_refused_and_a_large_one_clamped(server):
    assert refusal(server, "tools/call", called({"query": "gate", "max_sections": -1}))[0] == -32602
    assert len(server.call(TOOL, {"query": "gate", "max_sections": 2**32 - 1})["sections"]) == 10


def test_every_document_is_a_resource(server):
    listed = server.request("resources/list", {"anything": 1})["resources"]

    assert [entry["uri"] for entry in listed] == [document.uri for document in built_in_documents()]
    assert {tuple(entry) for entry in listed} == {("uri", "name", "description", "mimeType")}
    for entry in listed:
        [read] = server.request("resources/read", {"uri": entry["uri"]})["contents"]
        assert (read["uri"], read["mimeType"]) == (entry["uri"], "text/markdown")
        assert read["text"].startswith(f"# {entry['name']}")


def test_the_uri_may_stand_in_arguments(server):
    inner = server.request("resources/read", {"arguments": {"uri": SECURITY}})

    assert inner == server.request("resources/read", {"uri": SECURITY})


@pytest.mark.parametrize(
    ("params", "text"),
    [
        (None, "resources.read requires uri"),
        ({}, "resources.read requires uri"),
        ({"uri": 1}, "resources.read requires uri"),
        ({"uri": "file:///etc/passwd"}, "resource uri must start with decision-gate://docs/"),
        ({"uri": "decision-gate://docs/none"}, "unknown resource uri: decision-gate://docs/none"),
    ],
)
def test_what_is_no_document_is_refused(server, params, text):
    assert refusal(server, "resources/read", params) == (-32602, 400, text)


@pytest.mark.parametrize("switch", ["enabled", "enable_resources"])
def test_resources_can_be_switched_off(switch):
    with open_test_server(f"[docs]\n{switch} = false\n") as server:
        for method in ("resources/list", "resources/read"):
            assert refusal(server, method) == (-32601, 400, "method not found")


@pytest.mark.parametrize("switch", ["enabled", "enable_search"])
@pytest.mark.parametrize("mode", ["filter", "passthrough"])
def test_search_can_be_switched_off(switch, mode):
    with open_test_server(f'[docs]\n{switch} = false\n[server.tools]\nmode = "{mode}"\n') as server:
        assert TOOL not in [tool["name"] for tool in server.request("tools/list")["tools"]]
        assert refusal(server, "tools/call", called({"query": ""})) == (-32601, 400, "unknown tool")


BEARER = """
[server]
transport = "http"
bind = "127.0.0.1:0"
[server.auth]
mode = "bearer_token"
bearer_tokens = ["secret"]
"""


def test_resources_need_a_caller_but_their_uri_is_looked_at_first():
    with open_test_server(BEARER) as server:
        for method, params in (("resources/list", None), ("resources/read", {"uri": SECURITY})):
            assert refusal(server, method, params) == (-32001, 401, "unauthenticated")
            server.request(method, params, auth_header="Bearer secret")
        assert refusal(server, "resources/read", {"uri": "x"})[0] == -32602


def test_a_searcher_needs_to_be_allowed_the_tool():
    toml = f'[server.auth]\nallowed_tools = ["precheck"]\n[server.tools]\ndenylist = ["{TOOL}"]\n'
    with open_test_server(toml) as hidden:
        assert refusal(hidden, "tools/call", called({"query": ""}))[0] == -32003
        hidden.request("resources/list")
