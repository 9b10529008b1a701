"""A call of ``/mcp``, beside the official SDK with a tool that returns its arguments.

Ours goes through the same SDK and then through guards, audit and a tool: what the SDK costs is in both.
"""

import statistics
from collections.abc import Iterator

from benching import Outcome, Result, Skipped, Unit, peer_module, scratch
from benching.servers import Server, free_port, post, program_of, running, serving
from benching.steps import SETTINGS, timed
from decision_gate.core.json import JsonValue, plain

VERSION = "2026-07-28"
CLIENTS = 16
EACH = 6
ROUNDS = 11


def bench_call() -> Iterator[Outcome]:
    if peer_module("mcp") is None:
        yield Skipped(case="/mcp tools/call", reason="the SDK is not installed")
        return
    port = free_port()
    with (
        scratch() as folder,
        serving(folder, SETTINGS) as server,
        running([*program_of("sdk_echo_server"), str(port)], port, folder) as echo,
    ):
        ours, theirs = _call("/mcp", "providers_list", {}), _call("/mcp/", "echo", {"provider_id": "time"})
        taken = [(_cpu(server, ours), _cpu(echo, theirs)) for _ in range(ROUNDS + 1)][1:]
    yield Result(
        case="/mcp tools/call: server CPU a call",
        unit=Unit.NANOSECONDS,
        ours=statistics.median(mine for mine, _ in taken),
        peer="the SDK's own echo",
        peers=statistics.median(echoed for _, echoed in taken),
        ratio=statistics.median(mine / echoed for mine, echoed in taken),
        rounds=ROUNDS,
    )


def _cpu(server: Server, call: bytes) -> float:
    return timed(server, [[call] * EACH] * CLIENTS)[1]


def _call(path: str, tool: str, arguments: dict[str, JsonValue]) -> bytes:
    meta: JsonValue = {
        "io.modelcontextprotocol/protocolVersion": VERSION,
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    call: JsonValue = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": tool, "arguments": arguments, "_meta": meta},
    }
    headers = {
        "Accept": "application/json, text/event-stream",
        "mcp-protocol-version": VERSION,
        "mcp-method": "tools/call",
        "mcp-name": tool,
    }
    return post(path, plain(call), headers)
