"""Standard input and output: MCP line by line, or ``Content-Length`` frames of ``/rpc`` (deviation W1).

What comes first decides: a JSON message begins with a brace, a frame with the name of a header. Nobody has to configure
which client comes.
"""

import io
from typing import BinaryIO, cast

from decision_gate.mcp.correlation import server_correlation_ids
from decision_gate.mcp.host import Host
from decision_gate.mcp.transport.framed_stdio import serve_frames
from decision_gate.mcp.transport.standard_streams import RestOf, Sink, Wire, claimed_streams


def serve_stdio(host: Host) -> None:
    """Serve the process's standard streams until the input ends.

    Raises:
        FramingError: A session of frames is over, one way or the other.
    """
    with claimed_streams() as wire:
        serve_wire(host, wire)


def serve_wire(host: Host, wire: Wire) -> None:
    """Serve one pair of streams; see ``serve_stdio``."""
    first = wire.read()
    server = host.config.server
    if first[:1].isalpha() or not server.mcp.enabled:
        reader, writer = io.BufferedReader(RestOf(first, wire)), io.BufferedWriter(Sink(wire))
        serve_frames(
            host.pipeline,
            (cast("BinaryIO", reader), cast("BinaryIO", writer)),
            server_correlation_ids(),
            server.max_body_bytes,
        )
        return
    # Imported here: the SDK costs a second, and frames need none of it.
    from decision_gate.mcp.transport.mcp.lines import serve_lines  # noqa: PLC0415 - lazy

    serve_lines(host, first, wire)
