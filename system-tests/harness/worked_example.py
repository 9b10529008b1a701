"""The worked example of contract §15 over the wire; its files are data that the core ships with its test suites."""

import json
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from harness.rpc import Client, RpcError

FILES: Traversable = files("decision_gate.core") / "testing" / "vectors" / "worked_example"
PROVIDERS = ("ci", "board", "clock")
ARTIFACTS = (
    "scenario_spec",
    "triggers",
    "gate_evals",
    "decisions",
    "packets",
    "submissions",
    "tool_calls",
    "verifier_report",
)
RUN = {"tenant_id": 42, "namespace_id": 7, "run_id": "run-2025-10"}

_TOOLS = {"start": "scenario_start", "trigger": "scenario_trigger", "submit": "scenario_submit"} | {
    "next": "scenario_next",
    "status": "scenario_status",
}


def document(name: str) -> Any:  # noqa: ANN401 - a wire value
    """Return what one file of the example holds."""
    return json.loads((FILES / name).read_bytes())


def script() -> dict[str, Any]:
    """Return the script of the example's providers: which trigger meets which state."""
    calls = document("calls.json")["calls"]
    states = {
        call["request"]["trigger_id"]: call["provider_state"]
        for call in calls
        if call["call"] in ("trigger", "next") and call.get("provider_state")
    }
    return {"answers": document("provider_states.json"), "states": states}


def arguments(scenario_id: str, call: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of the tool that makes one call of the example."""
    if call["call"] == "start":
        return {
            "scenario_id": scenario_id,
            "run_config": call["run_config"],
            "started_at": call["started_at"],
            "issue_entry_packets": call["dispatch_initial"],
        }
    member = "trigger" if call["call"] == "trigger" else "request"
    return {"scenario_id": scenario_id, member: call["request"]}


def play(client: Client) -> list[Any]:
    """Define the scenario and make every call but the export; return the answers, or what they were refused with."""
    scenario_id = client.call("scenario_define", {"spec": document("spec.json")})["scenario_id"]
    answers: list[Any] = []
    for call in document("calls.json")["calls"]:
        if call["call"] not in _TOOLS:
            continue
        try:
            answers.append(client.call(_TOOLS[call["call"]], arguments(scenario_id, call)))
        except RpcError as refused:
            answers.append({"error": refused.message})
    return answers


def export(client: Client, folder: Path) -> Any:  # noqa: ANN401 - a wire value
    """Export the run pack as the example does."""
    return client.call(
        "runpack_export",
        {
            "scenario_id": "harbor-release",
            **RUN,
            "output_dir": str(folder),
            "generated_at": {"kind": "unix_millis", "value": 1_760_000_009_000},
            "include_verification": True,
        },
    )


def differences(answers: list[Any], folder: Path) -> list[str]:
    """Name every answer and every byte of the pack that is not as the contract says; none is right."""
    calls = [call for call in document("calls.json")["calls"] if call["call"] in _TOOLS]
    found = [
        f"call {number}: {answer}"
        for number, (call, answer) in enumerate(zip(calls, answers, strict=True), 1)
        if not _is_as_told(call, answer)
    ]
    paths = ["manifest.json", *(f"artifacts/{name}.json" for name in ARTIFACTS)]
    found += [path for path in paths if (folder / path).read_bytes() != (FILES / path).read_bytes()]
    expected = {folder / path for path in paths}
    found += [f"{path} is extra" for path in folder.rglob("*") if path.is_file() and path not in expected]
    return found


def _is_as_told(call: dict[str, Any], answer: dict[str, Any]) -> bool:
    if "error" in call:
        return answer == {"error": call["error"]}
    if call["call"] not in ("trigger", "next"):
        return "error" not in answer
    packets = [packet["envelope"]["packet_id"] for packet in answer["packets"]]
    told = (call["outcome"], call["status"], call["packets"])
    return (answer["decision"]["outcome"], answer["status"], packets) == told
