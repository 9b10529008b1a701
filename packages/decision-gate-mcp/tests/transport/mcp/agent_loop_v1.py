"""What an agent does, through the first line of the Python client; it runs in an environment of its own.

usage: python agent_loop_v1.py URL|JSON-command-line JSON-plan; prints the outcome as JSON.
"""

import asyncio
import json
import sys

from mcp import ClientSession, McpError, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamablehttp_client


async def outcome(session, plan):
    await session.initialize()
    tools = [tool.name for tool in (await session.list_tools()).tools]
    answers = []
    for name, arguments in plan["calls"]:
        answer = await session.call_tool(name, arguments)
        answers.append([answer.isError, answer.structuredContent])
    unknown = None
    try:
        await session.call_tool("none", {})
    except McpError as error:
        unknown = error.error.code
    read = await session.read_resource(plan["uri"])
    return {"tools": tools, "answers": answers, "unknown": unknown, "read": read.contents[0].text}


async def main(target, plan):
    if target.startswith("http"):
        async with streamablehttp_client(target) as (reading, writing, _), ClientSession(reading, writing) as session:
            return await outcome(session, plan)
    command = json.loads(target)
    server = StdioServerParameters(command=command[0], args=command[1:], cwd=plan["cwd"])
    async with stdio_client(server) as (reading, writing), ClientSession(reading, writing) as session:
        return await outcome(session, plan)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(main(sys.argv[1], json.loads(sys.argv[2])))))
