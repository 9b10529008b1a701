"""Scenarios and requests as they go over the wire."""

import json
from typing import Any

TENANT, NAMESPACE = 42, 7
NOW = 1_760_000_000_000
"""A time of triggers, in Unix milliseconds."""

Wire = dict[str, Any]


def at(milliseconds: int = 0) -> Wire:
    """Return a moment, *milliseconds* after ``NOW``."""
    return {"kind": "unix_millis", "value": NOW + milliseconds}


def condition(name: str, **changes: Any) -> Wire:  # noqa: ANN401 - wire values
    """Return a condition that wants check *name* of provider ``facts`` to be ``true``."""
    query = {"provider_id": "facts", "check_id": name}
    return {"condition_id": name, "query": query, "comparator": "equals", "expected": True, "policy_tags": []} | changes


def stage(name: str, advance: Wire | None = None, *gates: str, **changes: Any) -> Wire:  # noqa: ANN401 - wire values
    """Return a stage whose gates are one condition each; terminal unless told."""
    return {
        "stage_id": name,
        "entry_packets": [],
        "gates": [{"gate_id": f"{name}-{gate}", "requirement": {"Condition": gate}} for gate in gates],
        "advance_to": advance or {"kind": "terminal"},
        "timeout": None,
        "on_timeout": "fail",
        **changes,
    }


def scenario(name: str, stages: list[Wire], *conditions: Wire, **changes: Any) -> Wire:  # noqa: ANN401 - wire values
    """Return a scenario of ``TENANT`` and ``NAMESPACE``."""
    return {
        "scenario_id": name,
        "namespace_id": NAMESPACE,
        "spec_version": "1",
        "stages": stages,
        "conditions": list(conditions),
        "policies": [],
        "schemas": [],
        "default_tenant_id": TENANT,
        **changes,
    }


def two_stages(name: str = "tea") -> Wire:
    """Return a scenario that passes from ``open`` to ``done`` once check ``ready`` is true, and then is complete."""
    fixed = {"kind": "fixed", "stage_id": "done"}
    return scenario(name, [stage("open", fixed, "ready"), stage("done")], condition("ready"))


def for_ever(name: str = "wheel") -> Wire:
    """Return a scenario that passes from ``a`` to ``b`` and back at every trigger, without end."""
    there, back = {"kind": "fixed", "stage_id": "b"}, {"kind": "fixed", "stage_id": "a"}
    return scenario(name, [stage("a", there, "ready"), stage("b", back, "ready")], condition("ready"))


def _answer(value: object) -> Wire:
    return {"result": {"value": {"kind": "json", "value": value}, "content_type": "application/json"}}


_YES, _NO = _answer(value=True), _answer(value=False)


SCRIPT: Wire = {
    "answers": {
        "ready": {"facts/ready": _YES, "facts/other": _YES},
        "not-yet": {"facts/ready": _NO, "facts/other": _YES},
        "silent": {"facts/ready": {"failure": "nobody at home"}, "facts/other": _YES},
    },
    "states": {"too-early": "not-yet", "in-the-dark": "silent"},
    "otherwise": "ready",
}
"""What provider ``facts`` says: ready, but to the triggers ``too-early`` and ``in-the-dark``."""


def run_of(run_id: str, tenant_id: int = TENANT, namespace_id: int = NAMESPACE) -> Wire:
    """Return the members by which most requests name a run."""
    return {"tenant_id": tenant_id, "namespace_id": namespace_id, "run_id": run_id}


def start(scenario_id: str, run_id: str, **changes: Any) -> Wire:  # noqa: ANN401 - wire values
    """Return the arguments of ``scenario_start``; *changes* are of the run configuration."""
    config = {**run_of(run_id), "scenario_id": scenario_id, "dispatch_targets": [], "policy_tags": [], **changes}
    return {"scenario_id": scenario_id, "run_config": config, "started_at": at(), "issue_entry_packets": False}


def step(scenario_id: str, run_id: str, trigger_id: str, time: int = 0, **changes: Any) -> Wire:  # noqa: ANN401 - wire values
    """Return the arguments of ``scenario_next``; *changes* are of the request."""
    request = {**run_of(run_id), "trigger_id": trigger_id, "agent_id": "agent", "time": at(time), **changes}
    return {"scenario_id": scenario_id, "request": request}


def status(scenario_id: str, run_id: str, **changes: Any) -> Wire:  # noqa: ANN401 - wire values
    """Return the arguments of ``scenario_status``."""
    return {"scenario_id": scenario_id, "request": {**run_of(run_id), "requested_at": at(), **changes}}


def submission(scenario_id: str, run_id: str, submission_id: str, value: Any) -> Wire:  # noqa: ANN401 - wire values
    """Return the arguments of ``scenario_submit`` with a JSON payload."""
    request = {
        **run_of(run_id),
        "submission_id": submission_id,
        "payload": {"kind": "json", "value": value},
        "content_type": "application/json",
        "submitted_at": at(),
    }
    return {"scenario_id": scenario_id, "request": request}


def tick(scenario_id: str, run_id: str, trigger_id: str, time: int = 0, **changes: Any) -> Wire:  # noqa: ANN401 - wire values
    """Return the arguments of ``scenario_trigger`` with a tick; *changes* are of the trigger."""
    trigger = {
        **run_of(run_id),
        "trigger_id": trigger_id,
        "kind": "tick",
        "time": at(time),
        "source_id": "clock",
        **changes,
    }
    return {"scenario_id": scenario_id, "trigger": trigger}


def export(scenario_id: str, run_id: str, folder: str, **changes: Any) -> Wire:  # noqa: ANN401 - wire values
    """Return the arguments of ``runpack_export``, with verification."""
    return {
        "scenario_id": scenario_id,
        **run_of(run_id),
        "output_dir": folder,
        "generated_at": at(),
        "include_verification": True,
        **changes,
    }


def text(value: object) -> str:
    """Return the JSON text of a value, as others would write it."""
    return json.dumps(value)  # noqa: TID251 - what is ours must be read whoever wrote it


def envelope(method: str, params: object, **members: object) -> bytes:
    """Return the bytes of a request; *members* replace those of the envelope."""
    return text({"jsonrpc": "2.0", "id": 1, "method": method, "params": params} | members).encode()


def call(tool: str, arguments: object, **members: object) -> bytes:
    """Return the bytes of a tool call."""
    return envelope("tools/call", {"name": tool, "arguments": arguments}, **members)
