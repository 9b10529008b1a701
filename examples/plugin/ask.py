"""Ask the server with Acme's seams, over stdio: may it be deployed now, and during the freeze?"""

import asyncio
import json
import os
import subprocess

from mcp import Client, StdioServerParameters

GATE = StdioServerParameters(command="decision-gate", args=["serve"], env={"PYTHONPATH": os.environ["PYTHONPATH"]})
RUN = {"tenant_id": 1, "namespace_id": 2, "run_id": "deploy-1"}
FREEZE_MS = 2_113_430_400_000


async def main(spec: dict) -> None:
    """Define the scenario, and ask as two tenants and at two times."""
    async with Client(GATE) as gate:
        await gate.call_tool("scenario_define", {"spec": spec})
        for tenant in (2, 1):
            config = {**RUN, "tenant_id": tenant, "scenario_id": "deploy", "dispatch_targets": [], "policy_tags": []}
            started = await gate.call_tool(
                "scenario_start", {"scenario_id": "deploy", "run_config": config, "issue_entry_packets": False}
            )
            print(f"tenant {tenant}:", "refused" if started.is_error else "started")
        for when, time in (("during the freeze", {"kind": "unix_millis", "value": FREEZE_MS}), ("now", None)):
            request = {**RUN, "agent_id": "acme", "trigger_id": when, **({"time": time} if time else {})}
            answer = await gate.call_tool("scenario_next", {"scenario_id": "deploy", "request": request})
            print(f"{when}:", answer.structured_content["decision"]["outcome"]["kind"])


if __name__ == "__main__":
    wire = subprocess.run(["decision-gate", "scenario", "normalize", "deploy.yaml"], capture_output=True, check=True)
    asyncio.run(main(json.loads(wire.stdout)))
