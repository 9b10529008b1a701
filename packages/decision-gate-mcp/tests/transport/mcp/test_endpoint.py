"""``/mcp`` at the level of HTTP messages, as clients of both eras and attackers send them (deviations X2, X3, X13)."""

import subprocess
import sys

import httpx
import pytest

from decision_gate.core.json import plain
from decision_gate.mcp.testing.calls import listing
from decision_gate.mcp.testing.mcp_http import (
    HTTP_SERVER,
    META,
    ORIGIN,
    message_of,
    modern_body,
    modern_headers,
    modern_post,
    post,
)
from decision_gate.mcp.transport.shares import ShareName

LIST = {"name": "scenarios_list", "arguments": listing()}
BEARER = HTTP_SERVER + '[server.auth]\nmode = "bearer_token"\nbearer_tokens = ["right-token"]\n'
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": "i",
    "method": "initialize",
    "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
}


def refused(response):
    error = message_of(response)["error"]
    return response.status_code, error["code"], error["data"]["kind"]


def test_a_modern_call_is_one_json_answer_with_the_correlation_ids(served):
    response = served.ask("tools/call", LIST, {"x-correlation-id": "mine-1"})

    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.headers["x-correlation-id"] == "mine-1"
    assert response.headers["x-server-correlation-id"].startswith("dg-")
    assert "mcp-session-id" not in response.headers
    result = message_of(response)["result"]
    assert result["structuredContent"] == {"items": [], "next_token": None}
    assert result["content"] == [{"type": "text", "text": '{"items":[],"next_token":null}'}]
    assert (result["isError"], result["resultType"]) == (False, "complete")


def test_a_legacy_client_needs_no_session(served):
    call = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": LIST}
    version = {"mcp-protocol-version": "2025-11-25"}

    opened, noted, called = served.send(
        post(INITIALIZE),
        post({"jsonrpc": "2.0", "method": "notifications/initialized"}, version),
        post(call, version),
    )

    assert message_of(opened)["result"]["protocolVersion"] == "2025-11-25"
    assert "mcp-session-id" not in opened.headers
    assert noted.status_code == 202
    assert message_of(called)["result"]["structuredContent"] == {"items": [], "next_token": None}


@pytest.mark.parametrize("version", ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])
def test_every_handshake_version_is_spoken(served, version):
    asked = INITIALIZE | {"params": INITIALIZE["params"] | {"protocolVersion": version}}

    (response,) = served.send(post(asked))

    assert message_of(response)["result"]["protocolVersion"] == version


def test_clients_older_than_structured_content_get_text_alone(served):
    call = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": LIST}

    (response,) = served.send(post(call, {"mcp-protocol-version": "2025-03-26"}))

    assert message_of(response)["result"] == {
        "content": [{"type": "text", "text": '{"items":[],"next_token":null}'}],
        "isError": False,
    }


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_there_are_no_sessions_to_stream_or_end(served, method):
    (response,) = served.send(httpx.Request(method, f"{ORIGIN}/mcp", headers={"accept": "text/event-stream"}))

    assert response.status_code == 405
    assert response.headers["allow"] == "POST"


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "http://127.0.0.1:4000.evil.example",
        "http://localhost.evil.example",
        "HTTP://127.0.0.1:4000",
        "http://127.0.0.1:4001",
    ],
)
def test_a_page_that_is_not_listed_is_refused_and_told_which_key_lists_it(served, origin):
    response = served.ask("tools/list", headers={"origin": origin})

    assert refused(response) == (403, -32600, "unauthorized")
    assert message_of(response)["error"]["data"]["hint"] == "origin is not in server.allowed_origins"
    assert [event.members["kind"] for event in served.server.sink.named("security_audit")] == ["forbidden_origin"]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:4000", ""])
def test_a_rebound_host_name_is_refused(served, host):
    assert refused(served.ask("tools/list", headers={"host": host})) == (403, -32600, "unauthorized")


def test_a_listed_origin_may_call(serving):
    served = serving(HTTP_SERVER.replace("[server]", f'[server]\nallowed_origins = ["{ORIGIN}"]'))

    assert served.ask("tools/list", headers={"origin": ORIGIN}).status_code == 200


@pytest.mark.parametrize(
    "arguments",
    [
        b'{"tenant_id":7,"tenant_id":7}',
        b'{"tenant_id":NaN}',
        b'{"tenant_id":-Infinity}',
        b'{"tenant_id":1e400}',
        b'{"tenant_id":"\\ud800"}',
        b"[" * 200 + b"]" * 200,
    ],
)
@pytest.mark.parametrize("era", ["modern", "legacy"])
def test_what_two_readers_could_read_differently_is_refused_before_the_sdk(served, arguments, era):
    body = plain(modern_body("tools/call", {"name": "scenarios_list", "arguments": "*"})).replace(b'"*"', arguments)
    headers = modern_headers("tools/call", "scenarios_list") if era == "modern" else {}

    assert refused(served.send(post(body, headers))[0]) == (400, -32700, "invalid_request")


def test_a_body_over_the_limit_is_refused(serving):
    served = serving(HTTP_SERVER.replace("[server]", "[server]\nmax_body_bytes = 1000"))

    assert refused(served.ask("tools/call", {"name": "x" * 1000, "arguments": {}})) == (
        413,
        -32600,
        "request_too_large",
    )


@pytest.mark.parametrize(
    "headers", [{"mcp-method": "tools/list"}, {"mcp-name": "scenario_next"}, {"mcp-protocol-version": "2030-01-01"}]
)
def test_headers_that_contradict_the_body_are_refused(served, headers):
    response = served.ask("tools/call", LIST, headers)

    assert (response.status_code, message_of(response)["error"]["code"]) == (400, -32020)


def test_an_unknown_version_is_told_the_known_ones(served):
    body = modern_body("tools/list")
    body["params"]["_meta"] = META | {"io.modelcontextprotocol/protocolVersion": "2030-01-01"}
    (response,) = served.send(post(body, modern_headers("tools/list") | {"mcp-protocol-version": "2030-01-01"}))

    error = message_of(response)["error"]
    assert (response.status_code, error["code"], error["data"]["supported"]) == (400, -32022, ["2026-07-28"])


def test_white_space_around_header_values_does_not_count(served):
    assert served.ask("tools/call", LIST, {"mcp-name": "scenarios_list \t"}).status_code == 200


@pytest.mark.parametrize("header", [{}, {"authorization": "Bearer wrong"}, {"authorization": "Basic cmlnaHQ="}])
def test_without_the_token_nothing_is_answered_but_the_challenge(serving, header):
    served = serving(BEARER)

    for request in (modern_post("server/discover", None, header), post(INITIALIZE, header)):
        (response,) = served.send(request)
        assert refused(response) == (401, -32600, "unauthenticated")
        assert response.headers["www-authenticate"] == 'Bearer realm="decision-gate"'
    denials = [event.members["decision"] for event in served.server.sink.named("mcp_tool_authz")]
    assert denials == ["deny", "deny"]


def test_with_the_token_the_caller_is_that_principal_and_is_asked_for_once(serving):
    served = serving(BEARER)

    response = served.ask("tools/call", LIST, {"authorization": "Bearer right-token"})

    assert response.status_code == 200
    (authorized,) = served.server.sink.named("mcp_tool_authz")
    assert (authorized.members["decision"], authorized.members["auth_method"]) == ("allow", "bearer_token")


@pytest.mark.parametrize(("proxies", "status"), [('["127.0.0.1"]', 200), ("[]", 401)])
def test_a_certificates_subject_counts_only_from_a_trusted_proxy(serving, proxies, status):
    auth = '[server.auth]\nmode = "mtls"\nmtls_subjects = ["CN=agent"]\n'
    served = serving(HTTP_SERVER.replace("[server]", f"[server]\ntrusted_proxies = {proxies}") + auth)

    response = served.ask("tools/call", LIST, {"x-decision-gate-client-subject": "CN=agent"})

    assert response.status_code == status


def test_a_peer_that_comes_too_often_is_told_when_to_come_again(serving):
    served = serving(HTTP_SERVER + "[server.limits.rate_limit]\nmax_requests = 1\nwindow_ms = 5000\n")

    served.ask("server/discover")
    response = served.ask("server/discover")

    assert refused(response) == (429, -32600, "rate_limited")
    assert response.headers["retry-after"] == "5"
    assert message_of(response)["error"]["data"]["retry_after_ms"] == 5000


def test_a_refused_correlation_id_is_not_echoed(served):
    response = served.ask("tools/list", headers={"x-correlation-id": "two words"})

    assert refused(response) == (400, -32600, "invalid_correlation_id")
    assert "x-correlation-id" not in response.headers


@pytest.mark.parametrize("method", ["initialize", "ping", "resources/subscribe", "no/such"])
def test_what_the_modern_era_does_not_have_is_not_found(served, method):
    response = served.ask(method, {"uri": "decision-gate://docs/x"} if "resources" in method else None)

    assert (response.status_code, message_of(response)["error"]["code"]) == (404, -32601)


def test_every_message_is_audited_once_whoever_answers_it(served):
    served.ask("server/discover")
    served.ask("tools/list")
    served.ask("tools/call", LIST)
    served.ask("no/such")
    served.send(post(b"{"))
    served.ask("tools/list", headers={"origin": "https://evil.example"})

    requests = [
        (event.members["method"], event.members["outcome"]) for event in served.server.sink.named("mcp_request")
    ]
    assert requests == [
        ("Other", "Ok"),
        ("ToolsList", "Ok"),
        ("ToolsCall", "Ok"),
        ("Other", "Error"),
        ("Invalid", "Error"),
        ("Invalid", "Error"),
    ]


def test_one_place_is_enough_for_one_message_after_the_other(serving):
    served = serving(HTTP_SERVER + "[server.limits]\nmax_inflight = 1\n")

    responses = served.send(*(modern_post("tools/list") for _ in range(3)))

    assert [response.status_code for response in responses] == [200, 200, 200]


def test_an_overloaded_server_says_when_to_come_again(serving):
    served = serving(HTTP_SERVER + "[server.limits]\nmax_inflight = 1\n")
    (endpoint,) = (route.endpoint for route in served.app.routes if route.path == "/mcp")
    endpoint.admission.admit(ShareName("peer", "127.0.0.1"))

    response = served.ask("tools/list")

    assert refused(response) == (503, -32603, "inflight_limit")
    assert response.headers["retry-after"] == "1"


def test_mcp_can_be_switched_off(serving):
    served = serving(HTTP_SERVER + "[server.mcp]\nenabled = false\n")

    assert served.ask("tools/list").status_code == 404


def test_who_speaks_only_rpc_or_frames_never_imports_the_sdk():
    code = (
        "import sys; import decision_gate.mcp.transport.serving, decision_gate.mcp.transport.stdio; "
        "print(sorted({'mcp', 'mcp_types', 'pydantic'} & sys.modules.keys()))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, timeout=120)

    assert done.stdout == b"[]\n"
