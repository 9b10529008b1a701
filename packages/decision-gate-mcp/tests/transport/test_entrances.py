"""What holds at every entrance alike: ``/rpc``, ``/mcp``, lines and frames of standard input (deviations X3, X13)."""

import contextlib
import io
import os
import subprocess
import sys
import threading

import httpx
import pytest

from decision_gate.core.json import parse, plain
from decision_gate.mcp.hooks.audit_sink import StreamSink
from decision_gate.mcp.host import Seams
from decision_gate.mcp.testing import open_test_server
from decision_gate.mcp.testing.calls import ask, define, listing, start
from decision_gate.mcp.testing.mcp_http import (
    HTTP_SERVER,
    META,
    ORIGIN,
    message_of,
    modern_body,
    modern_headers,
    open_mcp_server,
    post,
)
from decision_gate.mcp.transport.framed_stdio import FramingError
from decision_gate.mcp.transport.standard_streams import Wire
from decision_gate.mcp.transport.stdio import serve_wire

BOUND = 60
LIST = {"name": "scenarios_list", "arguments": listing()}
AGENT = HTTP_SERVER + '[[server.auth.principals]]\nsubject = "loopback"\nprofile = "agent"\n'

AMBIGUOUS = [
    b'{"tenant_id":7,"tenant_id":8,"namespace_id":12}',
    b'{"tenant_id":7,"namespace_id":12,"limit":NaN}',
    b'{"tenant_id":7,"namespace_id":12,"limit":Infinity}',
    b'{"tenant_id":7,"namespace_id":12,"limit":1e400}',
    b'{"tenant_id":7,"namespace_id":12,"cursor":"\\ud800"}',
    b'{"tenant_id":7,"namespace_id":12,"cursor":"\xff"}',
    b'{"tenant_id":7,"namespace_id":12,"cursor":"\x01"}',
    b'{"tenant_id":7,"namespace_id":12,}',
    b'{"tenant_id":07,"namespace_id":12}',
    b"{'tenant_id':7,'namespace_id':12}",
    b'{"tenant_id":7,"namespace_id":12/**/}',
    b"[" * 200 + b"]" * 200,
]


def with_arguments(body, arguments):
    return plain(body).replace(b'"*"', arguments)


def over_rpc(arguments):
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "scenarios_list", "arguments": "*"}}
    with open_mcp_server() as served:
        [answer] = served.send(httpx.Request("POST", f"{ORIGIN}/rpc", content=with_arguments(body, arguments)))
        return answer.json(), served.server.sink


def over_mcp(arguments):
    body = modern_body("tools/call", {"name": "scenarios_list", "arguments": "*"})
    with open_mcp_server() as served:
        headers = modern_headers("tools/call", "scenarios_list")
        [answer] = served.send(post(with_arguments(body, arguments), headers))
        return message_of(answer), served.server.sink


def over_lines(arguments):
    body = modern_body("tools/call", {"name": "scenarios_list", "arguments": "*"})
    written, sink = piped(with_arguments(body, arguments) + b"\n")
    return parse(written), sink


def over_frames(arguments):
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "scenarios_list", "arguments": "*"}}
    text = with_arguments(body, arguments)
    written, sink = piped(b"Content-Length: %d\r\n\r\n%b" % (len(text), text))
    return parse(written.partition(b"\r\n\r\n")[2]), sink


def piped(raw):
    """Let a server read *raw* from standard input to its end; return what it wrote, and its audit."""
    (their_in, our_out), (our_in, their_out) = os.pipe(), os.pipe()
    with open_test_server("") as server:
        os.write(our_out, raw)
        os.close(our_out)

        def serve():
            try:
                with contextlib.suppress(FramingError):  # what the end of the input is to frames
                    serve_wire(server.host, Wire(input_fd=their_in, output_fd=their_out))
            finally:
                os.close(their_out)

        session = threading.Thread(target=serve, daemon=True)
        session.start()
        written = b""
        while chunk := os.read(our_in, 65_536):
            written += chunk
        session.join(BOUND)
        os.close(our_in)
        os.close(their_in)
    return written, server.sink


@pytest.mark.parametrize("entrance", [over_rpc, over_mcp, over_lines, over_frames])
@pytest.mark.parametrize("arguments", AMBIGUOUS)
def test_what_two_readers_could_read_apart_is_refused_at_every_entrance(entrance, arguments):
    answer, sink = entrance(arguments)

    [told] = sink.named("mcp_request")
    assert "result" not in answer
    assert answer["error"]["code"] in {-32600, -32700}
    assert (told.members["outcome"], told.members["tool"]) == ("Error", None)


@pytest.mark.parametrize("entrance", [over_rpc, over_mcp, over_lines, over_frames])
def test_what_everybody_reads_alike_is_answered_at_every_entrance(entrance):
    answer, _ = entrance(b'{"tenant_id":7,"namespace_id":12,"cursor":"\\u00e9","limit":5}')

    assert "error" not in answer


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_what_a_form_of_a_web_page_can_send_is_no_message(content_type):
    """A page may send these without asking first; what it sends to ``/rpc`` comes with an Origin, and is refused."""
    with open_mcp_server() as served:
        headers = {**modern_headers("tools/call", "scenarios_list"), "content-type": content_type}
        [answer] = served.send(post(modern_body("tools/call", LIST), headers))
        calls = served.server.sink.named("mcp_tool_authz")

    assert answer.status_code in {400, 415}
    assert calls == []


def test_lists_that_depend_on_who_asks_are_for_nobody_elses_cache():
    scopes, tools = {}, []
    for config in (HTTP_SERVER, AGENT):
        with open_mcp_server(config) as served:
            for method in ("server/discover", "tools/list", "resources/list", "resources/templates/list"):
                result = message_of(served.ask(method))["result"]
                scopes.setdefault(method, set()).add(result["cacheScope"])
                if method == "tools/list":
                    tools.append(len(result["tools"]))

    assert tools[0] != tools[1]
    assert scopes == {
        "server/discover": {"public"},
        "tools/list": {"private"},
        "resources/list": {"private"},
        "resources/templates/list": {"private"},
    }


def test_what_a_client_says_of_itself_gives_it_nothing():
    """Client info, metadata and idempotency keys name nobody; the guards never look at them."""
    claims = {
        **META,
        "io.modelcontextprotocol/clientInfo": {"name": "admin", "version": "TenantAdmin"},
        "principal": "TenantAdmin",
        "roles": ["TenantAdmin"],
    }
    with open_mcp_server(AGENT) as served:
        body = modern_body("tools/call", {"name": "scenario_define", "arguments": define()})
        body["params"]["_meta"] = claims
        headers = {**modern_headers("tools/call", "scenario_define"), "x-decision-gate-client-subject": "CN=admin"}
        [answer] = served.send(post(body, headers))
        [denied] = served.server.sink.named("mcp_tool_authz")

    message = message_of(answer)
    assert message.get("result", {}).get("isError", "error" in message)
    assert denied.members["decision"] == "deny"


def test_text_of_a_client_forges_no_line_of_the_audit():
    forged = 'x"}\n{"event":"mcp_tool_authz","decision":"allow"}\r\n\u2028\x85'
    stream = io.BytesIO()
    with open_test_server(HTTP_SERVER, Seams(audit_sink=StreamSink(stream))) as server:
        server.call("scenario_define", define())
        server.call("scenario_start", start())
        asked = ask("poll", 5000)
        server.call("scenario_next", {**asked, "request": {**asked["request"], "agent_id": forged}})

    lines = [parse(line) for line in stream.getvalue().split(b"\n")[:-1]]
    assert [line["sequence"] for line in lines] == list(range(1, len(lines) + 1))
    assert [line["agent_id"] for line in lines if line.get("agent_id") is not None] == [forged]
    assert stream.getvalue().count(b"\r") == 0


def test_whatever_else_prints_in_a_server_on_standard_output_goes_to_standard_error():
    program = (
        "import os, subprocess, sys\n"
        "from decision_gate.mcp.transport.standard_streams import claimed_streams\n"
        "with claimed_streams() as wire:\n"
        "    print('stray', flush=True)\n"
        "    os.write(1, b'stray\\n')\n"
        "    subprocess.run([sys.executable, '-c', 'print(\"stray\")'], check=True)\n"
        "    wire.write(b'meant')\n"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, timeout=BOUND)

    assert (done.stdout, done.stderr.split()) == (b"meant", [b"stray"] * 3)
