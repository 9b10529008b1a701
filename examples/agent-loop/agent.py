"""An agent that works until the gate says that it is done, and learns from each hold what is missing.

A real agent would put the hold into its context and let the model decide what to do; this one has a list of drafts.
"""

import asyncio
import subprocess
import sys
from pathlib import Path

from mcp import Client, StdioServerParameters

GATE = StdioServerParameters(command="decision-gate", args=["serve"])
RUN = {"tenant_id": 1, "namespace_id": 1, "run_id": "incident-42"}
SCENARIO = "summary-of-incident"
DRAFTS = (
    "At 09:12 Maple Bakery could not log in.\n",
    "At 09:12 one customer could not log in for 14 minutes.\n",
    "At 09:12 one customer could not log in for 14 minutes.\nCause: an expired certificate, renewed by hand.\n",
)


async def main() -> None:
    """Start a run, and go on working as long as the gate holds."""
    drafts = iter(DRAFTS)
    async with Client(GATE) as gate:
        start = {"scenario_id": SCENARIO, "dispatch_targets": [], "policy_tags": [], **RUN}
        await call(gate, "scenario_start", scenario_id=SCENARIO, run_config=start, issue_entry_packets=False)
        while True:
            answer = await call(
                gate, "scenario_next", scenario_id=SCENARIO, request={"agent_id": "agent", **RUN}, feedback="trace"
            )
            outcome = answer["decision"]["outcome"]
            if outcome["kind"] == "advance":
                print(f"advance: {outcome['from_stage']} is behind us, now {outcome['to_stage']}")
                continue
            if outcome["kind"] != "hold":
                print(outcome["kind"])
                break
            print("hold:", ", ".join(missing(answer["feedback"])))
            work(next(drafts))
        pack = await call(
            gate,
            "runpack_export",
            scenario_id=SCENARIO,
            **RUN,
            output_dir="runpacks/incident-42",
            include_verification=True,
        )
        print("proof:", pack["report"]["status"])


def missing(feedback: dict) -> list[str]:
    """Name the conditions that are not true, and whether they are false or not known."""
    return [
        f"{entry['condition_id']} is {entry['status']}"
        for gate in feedback["gate_evaluations"]
        for entry in gate["trace"]
        if gate["status"] != "True" and entry["status"] != "True"
    ]


def work(draft: str) -> None:
    """Write another draft, and let the environment look at it."""
    Path("work/summary.txt").write_text(draft, encoding="utf-8")
    subprocess.run([sys.executable, "checks.py"], check=True)


async def call(gate: Client, tool: str, **arguments: object) -> dict:
    """Call a tool and return its result; a refusal ends the agent."""
    result = await gate.call_tool(tool, arguments)
    if result.is_error:
        raise SystemExit(f"{tool}: {result.structured_content or result.content}")
    return result.structured_content


if __name__ == "__main__":
    asyncio.run(main())
