"""The official client, both eras, over HTTP and standard input: from an agent's first call to its proof."""

import asyncio
import sys

import httpx2
import pytest
from mcp import StdioServerParameters
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from decision_gate.mcp.testing.calls import TIME_PROVIDER, define
from decision_gate.mcp.testing.mcp_http import HTTP_SERVER, ORIGIN, open_mcp_server

WAIT_SECONDS = 120
RUN = {"tenant_id": 7, "namespace_id": 12, "run_id": "run-a"}
SERVE = "import sys; from decision_gate.mcp.cli.main import run; sys.exit(run(['serve', '--config', sys.argv[1]]))"
VERSIONS = {"auto": "2026-07-28", "legacy": "2025-11-25"}


async def loop_of_an_agent(client, pack):
    """Define, start, ask, export, verify, and fail once; return what each step came to."""
    tools = [tool.name for tool in (await client.list_tools()).tools]
    await client.call_tool("scenario_define", define())
    await client.call_tool("scenario_start", {"scenario_id": "ship-it", "run_config": RUN})
    asked = await client.call_tool("scenario_next", {"scenario_id": "ship-it", "request": RUN | {"agent_id": "bot"}})
    await client.call_tool("runpack_export", {"scenario_id": "ship-it", "output_dir": pack} | RUN)
    verified = await client.call_tool("runpack_verify", {"runpack_dir": pack, "manifest_path": "manifest.json"})
    failed = await client.call_tool("scenario_status", {"scenario_id": "none", "request": RUN})
    with pytest.raises(MCPError) as unknown:
        await client.call_tool("none", {})
    return {
        "tools": tools[:4],
        "status": asked.structured_content["status"],
        "verified": verified.structured_content["status"],
        "failed": (failed.is_error, failed.structured_content["error"]["kind"]),
        "unknown": unknown.value.error.code,
    }


DONE = {
    "tools": ["scenario_define", "scenario_start", "scenario_status", "scenario_next"],
    "status": "completed",
    "verified": "pass",
    "failed": (True, "not_found"),
    "unknown": -32602,
}


@pytest.mark.parametrize("mode", VERSIONS)
def test_an_agent_reaches_its_proof_over_http(mode, tmp_path):
    async def converse(app):
        transport = httpx2.ASGITransport(app=app, client=("127.0.0.1", 5000))
        async with httpx2.AsyncClient(transport=transport) as http:
            connection = streamable_http_client(f"{ORIGIN}/mcp", http_client=http)
            async with Client(connection, mode=mode) as client:
                return client.protocol_version, await loop_of_an_agent(client, str(tmp_path / "pack"))

    with open_mcp_server(HTTP_SERVER) as served:
        outcome = asyncio.run(asyncio.wait_for(converse(served.app), WAIT_SECONDS))

    assert outcome == (VERSIONS[mode], DONE)


@pytest.mark.parametrize("mode", VERSIONS)
def test_an_agent_reaches_its_proof_over_standard_input(mode, tmp_path):
    config = tmp_path / "decision-gate.toml"
    config.write_text(TIME_PROVIDER + "[server.audit]\nenabled = false\n", encoding="utf-8")
    server = StdioServerParameters(command=sys.executable, args=["-c", SERVE, str(config)], cwd=tmp_path)

    async def converse():
        async with Client(server, mode=mode) as client:
            return client.protocol_version, await loop_of_an_agent(client, str(tmp_path / "runpacks/pack"))

    outcome = asyncio.run(asyncio.wait_for(converse(), WAIT_SECONDS))

    assert outcome == (VERSIONS[mode], DONE)
