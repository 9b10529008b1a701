"""One pair of streams for two dialects and two eras (deviation W1, X13)."""

import os
import threading
from contextlib import contextmanager, suppress

import pytest

from decision_gate.core.json import parse, plain
from decision_gate.mcp.testing import open_test_server
from decision_gate.mcp.testing.calls import TIME_PROVIDER, listing
from decision_gate.mcp.testing.mcp_http import modern_body
from decision_gate.mcp.tools.router import Router
from decision_gate.mcp.transport.framed_stdio import FramingError
from decision_gate.mcp.transport.standard_streams import Wire, lines
from decision_gate.mcp.transport.stdio import serve_wire

WAIT_SECONDS = 60
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": "i",
    "method": "initialize",
    "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
}
INITIALIZED = {"jsonrpc": "2.0", "method": "notifications/initialized"}
LIST = {"name": "scenarios_list", "arguments": listing()}


@contextmanager
def pipes():
    """Make the two ends of a wire and close whatever is left open."""
    ends = [*os.pipe(), *os.pipe()]
    try:
        yield ends
    finally:
        for end in ends:
            with suppress(OSError):
                os.close(end)


def spoken(toml, raw):
    """Let a server read the whole of ``raw``; return what it wrote, how it ended, and its test server."""
    ended = []
    with open_test_server(toml) as server, pipes() as (their_end, our_in, our_out, their_out):
        wire = Wire(input_fd=their_end, output_fd=their_out)

        def serve():
            try:
                serve_wire(server.host, wire)
            except FramingError as error:
                ended.append(str(error))
            finally:
                os.close(their_out)

        session = threading.Thread(target=serve, daemon=True)
        session.start()
        writer = threading.Thread(target=lambda: (os.write(our_in, raw), os.close(our_in)), daemon=True)
        writer.start()
        written = b""
        while chunk := os.read(our_out, 65_536):
            written += chunk
        session.join(WAIT_SECONDS)
        assert not session.is_alive()
    return written, ended, server


def conversation(*messages, toml=TIME_PROVIDER):
    raw = b"".join((message if isinstance(message, bytes) else plain(message)) + b"\n" for message in messages)
    written, ended, server = spoken(toml, raw)
    assert ended == []
    return [parse(line) for line in written.splitlines()], server


def by_id(answers):
    return {answer["id"]: answer for answer in answers}


def test_a_client_may_discover_then_shake_hands_and_speak_both_eras():
    answers, server = conversation(
        modern_body("server/discover", request_id="d"),
        INITIALIZE,
        INITIALIZED,
        {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": LIST},
        modern_body("tools/call", LIST, 2),
    )

    found = by_id(answers)
    assert found["d"]["result"]["supportedVersions"] == ["2026-07-28"]
    assert found["i"]["result"]["protocolVersion"] == "2025-11-25"
    assert found[1]["result"]["structuredContent"] == found[2]["result"]["structuredContent"]
    assert "resultType" not in found[1]["result"]
    principals = [event.members["subject"] for event in server.sink.named("mcp_tool_authz")]
    assert principals == ["stdio", "stdio"]


def test_what_was_read_is_answered_before_the_end_of_the_input_ends_the_session():
    answers, server = conversation(*(modern_body("tools/call", LIST, number) for number in range(50)))

    assert set(by_id(answers)) == set(range(50))
    assert len(server.sink.named("mcp_request")) == 50


def test_no_input_is_a_session_without_messages():
    written, ended, _ = spoken(TIME_PROVIDER, b"")

    assert (written, ended) == (b"", [])


def test_frames_speak_the_dialect_of_rpc():
    body = plain({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": LIST})
    written, ended, _ = spoken(TIME_PROVIDER, b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    head, _, answer = written.partition(b"\r\n\r\n")
    assert head == b"Content-Length: %d" % len(answer)
    assert parse(answer)["result"]["content"][0]["type"] == "json"
    assert ended == ["transport error: stdio closed"]


def test_with_mcp_switched_off_only_frames_are_read():
    _, ended, _ = spoken("[server.mcp]\nenabled = false\n", plain(INITIALIZE) + b"\n")

    assert ended == ["transport error: stdio closed"]


@pytest.mark.parametrize(
    ("line", "code", "answered_id"),
    [
        (b'{"jsonrpc":"2.0","id":7,"method":"tools/list","method":"tools/list"}', -32700, 7),
        (b'{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"x":NaN}}', -32700, 7),
        (b"{garbage", -32700, None),
        (b"\xff", -32700, None),
        (b"[" * 300, -32700, None),
        (b"[]", -32600, None),
        (b'{"jsonrpc":"2.0","id":7,"method":5}', -32600, 7),
        (b'{"jsonrpc":"2.0","id":true,"method":"tools/list"}', -32600, None),
    ],
)
def test_a_line_that_is_no_message_is_answered_and_the_session_goes_on(line, code, answered_id):
    answers, _ = conversation(line, modern_body("server/discover", request_id="after"))

    first, second = answers
    assert (first["error"]["code"], first["id"]) == (code, answered_id)
    assert second["id"] == "after"


def test_a_line_over_the_limit_is_refused_and_skipped():
    answers, _ = conversation(
        modern_body("tools/call", {"name": "x" * 200_000, "arguments": {}}),
        modern_body("server/discover", request_id="after"),
        toml="[server]\nmax_body_bytes = 1000\n",
    )

    assert [(answer["id"], answer.get("error", {}).get("data", {}).get("kind")) for answer in answers] == [
        (None, "request_too_large"),
        ("after", None),
    ]


def test_a_notification_that_is_refused_has_no_answer():
    answers, _ = conversation(b'{"jsonrpc":"2.0","method":5}', modern_body("server/discover", request_id="after"))

    assert [answer["id"] for answer in answers] == ["after"]


def test_a_cancelled_call_has_no_answer_and_is_audited_once_it_has_ended(monkeypatch):
    entered, may_end = threading.Event(), threading.Event()

    def slow(*_arguments, **_options):
        entered.set()
        may_end.wait(WAIT_SECONDS)
        return b"{}"

    def asked(*_arguments, **_options):
        assert entered.wait(WAIT_SECONDS)
        may_end.set()
        return ()

    monkeypatch.setattr(Router, "call", slow)
    monkeypatch.setattr(Router, "offered", asked)
    answers, server = conversation(
        modern_body("tools/call", LIST, "slow"),
        {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": "slow"}},
        modern_body("tools/list", request_id="after"),
    )

    assert [answer["id"] for answer in answers] == ["after"]
    methods = [event.members["method"] for event in server.sink.named("mcp_request")]
    assert sorted(methods) == ["ToolsCall", "ToolsList"]


def test_a_client_that_hangs_up_ends_the_session():
    with open_test_server(TIME_PROVIDER) as server, pipes() as (their_end, our_in, our_out, their_out):
        os.close(our_out)
        os.write(our_in, plain(modern_body("server/discover")) + b"\n")
        session = threading.Thread(
            target=serve_wire, args=(server.host, Wire(input_fd=their_end, output_fd=their_out)), daemon=True
        )
        session.start()
        session.join(WAIT_SECONDS)

        assert not session.is_alive()


@pytest.mark.parametrize("sizes", [[1] * 40, [3, 5, 9], [100]])
def test_lines_are_the_same_however_the_bytes_arrive(sizes):
    raw = b"one\n\ntoo long line\nlast"
    with pipes() as (read_end, write_end, *_):
        os.write(write_end, raw[2:])
        os.close(write_end)

        class Slow(Wire):
            def read(self):
                return os.read(self.input_fd, sizes.pop(0) if sizes else 100)

        found = list(lines(raw[:2], Slow(input_fd=read_end, output_fd=-1), 5))

    assert found == [b"one", b"", None, b"last"]
