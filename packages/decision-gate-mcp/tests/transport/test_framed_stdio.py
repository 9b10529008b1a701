"""``Content-Length`` frames (contract §1.2)."""

import io

import pytest

from decision_gate.core.json import parse
from decision_gate.mcp.correlation import server_correlation_ids
from decision_gate.mcp.testing import open_test_server
from decision_gate.mcp.transport.framed_stdio import FramingError, read_frame, serve_frames, write_frame

MAX = 100


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Length: 2\r\n\r\n{}",
        b"Content-Length: 2\n\n{}",
        b"Content-Length:2\r\nContent-Type: x\r\n\r\n{}",
        b"X-Other: 1\r\nContent-Length: 99\r\nContent-Length:  +2 \r\n \r\n{}",
    ],
)
def test_a_frame_is_read_by_its_last_length(raw):
    assert read_frame(io.BytesIO(raw), MAX) == b"{}"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "stdio closed"),
        (b"Content-Length: 2", "stdio read failed"),
        (b"\r\n{}", "missing content length"),
        (b"content-length: 2\r\n\r\n{}", "missing content length"),
        (b"Content-Length: x\r\n\r\n", "invalid content length"),
        (b"Content-Length: -1\r\n\r\n", "invalid content length"),
        (b"Content-Length: \r\n\r\n", "invalid content length"),
        (b"Content-Length: ++2\r\n\r\n{}", "invalid content length"),
        (b"Content-Length: 18446744073709551616\r\n\r\n", "invalid content length"),
        (b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", "invalid content length"),
        (b"Content-Length: 18446744073709551615\r\n\r\n", "payload too large"),
        (b"Content-Length: 101\r\n\r\n", "payload too large"),
        (b"X-Other: \xff\r\nContent-Length: 2\r\n\r\n{}", "stdio read failed"),
        (b"Content-Length: 3\r\n\r\n{}", "stdio read failed"),
    ],
)
def test_every_framing_problem_ends_the_session(raw, message):
    with pytest.raises(FramingError) as refused:
        read_frame(io.BytesIO(raw), MAX)

    assert str(refused.value) == f"transport error: {message}"


def test_a_frame_that_nobody_reads_ends_the_session():
    stream = io.BytesIO()
    stream.close()

    with pytest.raises(FramingError) as refused:
        write_frame(stream, b"{}")

    assert str(refused.value) == "transport error: stdio write failed"


def frames(raw):
    stream = io.BytesIO(raw)
    found = []
    while stream.tell() < len(raw):
        found.append(parse(read_frame(stream, 1_000_000)))
    return found


def test_requests_are_answered_one_by_one_as_the_local_caller_until_the_input_ends():
    source = io.BytesIO()
    write_frame(source, b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}')
    write_frame(source, b'{"jsonrpc":"2.0","method":"tools/list"}')
    source.seek(0)
    sink = io.BytesIO()
    with open_test_server() as server:
        with pytest.raises(FramingError) as ended:
            serve_frames(server.host.pipeline, (source, sink), server_correlation_ids(), 1_000_000)
        principals = [event.members["subject"] for event in server.sink.named("mcp_tool_authz")]

    first, second = frames(sink.getvalue())
    assert str(ended.value) == "transport error: stdio closed"
    assert "result" in first
    assert (second["id"], second["error"]["code"]) == (None, -32600)
    assert principals == ["stdio"]
