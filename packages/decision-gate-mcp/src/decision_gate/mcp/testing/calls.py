"""The worked calls of contract §2: one scenario, and the arguments of each tool about it."""

import copy
from typing import Final

from decision_gate.core.json import JsonValue

TIME_PROVIDER: Final = '[[providers]]\nname = "time"\ntype = "builtin"\n'
"""The configuration that the scenario needs."""

SPEC: Final[dict[str, JsonValue]] = {
    "scenario_id": "ship-it",
    "namespace_id": 12,
    "spec_version": "3",
    "stages": [
        {
            "stage_id": "verify",
            "entry_packets": [
                {
                    "packet_id": "brief",
                    "schema_id": "brief-schema",
                    "content_type": "application/json",
                    "visibility_labels": ["team"],
                    "policy_tags": ["ops"],
                    "expiry": None,
                    "payload": {"kind": "json", "value": {"note": "check the window"}},
                }
            ],
            "gates": [{"gate_id": "g-window", "requirement": {"Condition": "window_open"}}],
            "advance_to": {"kind": "terminal"},
            "timeout": None,
            "on_timeout": "fail",
        }
    ],
    "conditions": [
        {
            "condition_id": "window_open",
            "query": {"provider_id": "time", "check_id": "after", "params": {"timestamp": 1000}},
            "comparator": "equals",
            "expected": True,
            "policy_tags": [],
        }
    ],
    "policies": [],
    "schemas": [],
    "default_tenant_id": 7,
}
"""A stage whose gate opens after time 1000."""

SPEC_HASH: Final = "3fda758195db98dd6e3bb9bbce9b2139ebd642405b315c8ffefae72003c1687c"
"""Its hash, as contract §2.1 prints it."""


def at(value: int) -> dict[str, JsonValue]:
    """Return a time in Unix milliseconds."""
    return {"kind": "unix_millis", "value": value}


def define(**changes: JsonValue) -> dict[str, JsonValue]:
    """Return the arguments of ``scenario_define``."""
    return {"spec": copy.deepcopy(SPEC) | changes}


def start(run_id: str = "run-a", *, issue: bool = True, **changes: JsonValue) -> dict[str, JsonValue]:
    """Return the arguments of ``scenario_start``."""
    config: dict[str, JsonValue] = {
        "tenant_id": 7,
        "namespace_id": 12,
        "run_id": run_id,
        "scenario_id": "ship-it",
        "dispatch_targets": [{"kind": "agent", "agent_id": "bot-1"}],
        "policy_tags": [],
    }
    return {
        "scenario_id": "ship-it",
        "run_config": config | changes,
        "started_at": at(4000),
        "issue_entry_packets": issue,
    }


def status(run_id: str = "run-a") -> dict[str, JsonValue]:
    """Return the arguments of ``scenario_status``."""
    return _request(run_id, requested_at=at(4500))


def ask(trigger_id: str = "poll-1", time: int = 5000, run_id: str = "run-a") -> dict[str, JsonValue]:
    """Return the arguments of ``scenario_next``; the gate is open after time 1000."""
    return _request(run_id, trigger_id=trigger_id, agent_id="bot-1", time=at(time))


def submit(submission_id: str = "sub-1", value: JsonValue = "ok") -> dict[str, JsonValue]:
    """Return the arguments of ``scenario_submit``."""
    return _request(
        "run-a",
        submission_id=submission_id,
        payload={"kind": "json", "value": {"sbom": value}},
        content_type="application/json",
        submitted_at=at(4600),
    )


def trigger(
    trigger_id: str = "cron-1", kind: str = "tick", time: int = 500, run_id: str = "run-a"
) -> dict[str, JsonValue]:
    """Return the arguments of ``scenario_trigger``; the gate is closed at time 500."""
    event: dict[str, JsonValue] = {
        "trigger_id": trigger_id,
        "tenant_id": 7,
        "namespace_id": 12,
        "run_id": run_id,
        "kind": kind,
        "time": at(time),
        "source_id": "cron",
    }
    return {"scenario_id": "ship-it", "trigger": event}


def listing(**changes: JsonValue) -> dict[str, JsonValue]:
    """Return the arguments of ``scenarios_list``."""
    arguments: dict[str, JsonValue] = {"tenant_id": 7, "namespace_id": 12}
    return arguments | changes


def export(output_dir: str | None, **changes: JsonValue) -> dict[str, JsonValue]:
    """Return the arguments of ``runpack_export``."""
    arguments: dict[str, JsonValue] = {
        "scenario_id": "ship-it",
        "tenant_id": 7,
        "namespace_id": 12,
        "run_id": "run-a",
        "output_dir": output_dir,
        "generated_at": at(9000),
        "include_verification": False,
    }
    return arguments | changes


SHAPE: Final[dict[str, JsonValue]] = {
    "type": "object",
    "properties": {"window_open": {"type": "boolean"}},
    "required": ["window_open"],
    "additionalProperties": False,
}
"""A data shape for the scenario's only condition."""


def evidence(
    provider_id: str = "time", check_id: str = "after", params: JsonValue = None, **context: JsonValue
) -> dict[str, JsonValue]:
    """Return the arguments of ``evidence_query``; ``params`` default to those of the scenario's condition."""
    query: dict[str, JsonValue] = {"provider_id": provider_id, "check_id": check_id}
    query["params"] = {"timestamp": 1000} if params is None else params
    return {
        "query": query,
        "context": {
            "tenant_id": 7,
            "namespace_id": 12,
            "run_id": "run-a",
            "scenario_id": "ship-it",
            "stage_id": "verify",
            "trigger_id": "t",
            "trigger_time": at(5000),
            **context,
        },
    }


def shape(version: str = "2", schema: JsonValue = None, **changes: JsonValue) -> dict[str, JsonValue]:
    """Return the arguments of ``schemas_register``."""
    record: dict[str, JsonValue] = {
        "tenant_id": 7,
        "namespace_id": 12,
        "schema_id": "deploy-facts",
        "version": version,
        "schema": copy.deepcopy(SHAPE) if schema is None else schema,
        "description": None,
        "created_at": at(100),
    }
    return {"record": record | changes}


def shape_name(version: str = "2") -> dict[str, JsonValue]:
    """Return the arguments of ``schemas_get``."""
    return {"tenant_id": 7, "namespace_id": 12, "schema_id": "deploy-facts", "version": version}


def precheck(payload: JsonValue, **changes: JsonValue) -> dict[str, JsonValue]:
    """Return the arguments of ``precheck`` of the defined scenario."""
    arguments: dict[str, JsonValue] = {
        "tenant_id": 7,
        "namespace_id": 12,
        "scenario_id": "ship-it",
        "data_shape": {"schema_id": "deploy-facts", "version": "2"},
        "payload": payload,
    }
    return arguments | changes


def _request(run_id: str, **members: JsonValue) -> dict[str, JsonValue]:
    named: dict[str, JsonValue] = {"tenant_id": 7, "namespace_id": 12, "run_id": run_id}
    return {"scenario_id": "ship-it", "request": named | members}
