"""Everything that can be asked of a deployment about one tenant: each tool, resource and route, with what it takes.

The tables here name the members of requests; what there is to ask comes from the server. A tool, a template or a member
that is not in a table fails the test that meets it.
"""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import attrs
from harness import documents

from deployment.admin_api import filled
from deployment.deployment import Tenant

Wire = dict[str, Any]
Path = tuple[str | int, ...]
NUMBERS = ("tenant_id", "default_tenant_id", "namespace_id")


@attrs.frozen(kw_only=True)
class Things:
    """What is in a tenant, by name and number; or what is nowhere."""

    tenant_id: int
    namespace_id: int
    org_id: int = 1
    scenario: str
    run: str
    schema: str
    principal_id: str
    key_id: str

    @classmethod
    def of(cls, tenant: Tenant, mark: str, **more: Any) -> "Things":  # noqa: ANN401 - numbers and names
        """Name things of a tenant with a mark."""
        return cls(
            **tenant.place,
            scenario=f"scenario-{mark}",
            run=f"run-{mark}",
            schema=f"schema-{mark}",
            principal_id=tenant.principal_id,
            key_id=tenant.key_id,
            **more,
        )

    def unnamed(self, text: str) -> str:
        """Return a text in which nothing tells these things from others."""
        for value in sorted((str(value) for value in attrs.astuple(self)), key=len, reverse=True):
            text = text.replace(value, "·") if len(value) > 1 else text
        return text


def tools(about: Things) -> dict[str, Wire]:
    """Return the arguments of every tool, about things that are there or not."""
    place = {"tenant_id": about.tenant_id, "namespace_id": about.namespace_id}
    run = (about.scenario, about.run)
    spec = documents.two_stages(about.scenario) | {
        "default_tenant_id": about.tenant_id,
        "namespace_id": about.namespace_id,
    }
    shape = {"schema_id": about.schema, "version": "1"}
    return {
        "scenario_define": {"spec": spec},
        "scenario_start": documents.start(*run, **place),
        "scenario_status": documents.status(*run, **place),
        "scenario_next": documents.step(*run, "trigger-1", **place),
        "scenario_submit": _moved(documents.submission(*run, "submission-1", {"a": 1}), place),
        "scenario_trigger": documents.tick(*run, "tick-1", **place),
        "evidence_query": {
            "query": {"provider_id": "facts", "check_id": "ready"},
            "context": {
                **place,
                "run_id": about.run,
                "scenario_id": about.scenario,
                "stage_id": "open",
                "trigger_id": "trigger-1",
                "trigger_time": documents.at(),
            },
        },
        "runpack_export": documents.export(*run, about.run, **place),
        "runpack_verify": {"runpack_dir": about.run, "manifest_path": "manifest.json"},
        "providers_list": {},
        "provider_contract_get": {"provider_id": "time"},
        "provider_check_schema_get": {"provider_id": "time", "check_id": "after"},
        "schemas_register": {"record": {**place, **shape, "schema": _SCHEMA, "created_at": documents.at()}},
        "schemas_list": place,
        "schemas_get": {**place, **shape},
        "scenarios_list": place,
        "precheck": {**place, "scenario_id": about.scenario, "data_shape": shape, "payload": {"ready": True}},
        "decision_gate_docs_search": {"query": "gate"},
    }


_SCHEMA = {"type": "object", "properties": {"ready": {"type": "boolean"}}, "additionalProperties": False}


def _moved(arguments: Wire, place: Mapping[str, int]) -> Wire:
    return arguments | {"request": arguments["request"] | place}


def places(arguments: Any, under: Path = ()) -> Iterator[Path]:  # noqa: ANN401 - a wire value
    """Yield where arguments name a tenant or a namespace, however deep."""
    items = arguments.items() if isinstance(arguments, dict) else enumerate(arguments)
    for name, value in items:
        if name in NUMBERS:
            yield (*under, name)
        elif isinstance(value, (dict, list)):
            yield from places(value, (*under, name))


def with_number(arguments: Wire, place: Path, about: Things) -> Wire:
    """Return arguments that name another tenant or namespace in one place, and are the same in all others."""
    changed = copy.deepcopy(arguments)
    inner: Any = changed
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = about.namespace_id if place[-1] == "namespace_id" else about.tenant_id
    return changed


def without(arguments: Wire, place: Path) -> Wire:
    """Return arguments that leave out one place."""
    changed = copy.deepcopy(arguments)
    inner: Any = changed
    for name in place[:-1]:
        inner = inner[name]
    del inner[place[-1]]
    return changed


def resource(template: str, about: Things) -> str:
    """Return the address of a resource. Raise ``KeyError`` when the template has a name that nothing here has."""
    names = {
        "tenant_id": about.tenant_id,
        "namespace_id": about.namespace_id,
        "scenario_id": about.scenario,
        "run_id": about.run,
    }
    return template.format_map(names)


def members(schema: Mapping[str, Any], about: Things) -> Wire:
    """Return what administration takes, by the schema of a request: every member that names something, and the rest."""
    known: Wire = {
        "tenant_id": about.tenant_id,
        "namespace_id": about.namespace_id,
        "org_id": about.org_id,
        "principal_id": about.principal_id,
        "key_id": about.key_id,
        "namespaces": [about.namespace_id],
        "tools": ["scenario_status"],
        "roles": ["NamespaceReader"],
        "charge": f"{about.tenant_id}/tool_calls/x",
        "org": "acme",
        "tenant": "new",
        "namespace": "new",
        "name": "new",
        "label": "new",
        "reason": "none",
        "correction_id": "case-1",
        "legal_hold": True,
        "spanning": False,
        "units": 1,
        "expires_in_s": 60,
        "retain_days": 1,
        "state": "suspended",
        "overlap": "now",
        "environment": "live",
        "metric": "tool_calls",
        "period": "month",
        "limit": 5,
        "cursor": "",
        "policy_class": "prod",
    }
    return {name: known[name] for name in schema["properties"] if name not in ("cursor", "policy_class")}


@attrs.frozen(kw_only=True)
class Route:
    """One request of the administration: its operation, how and where it is sent, and what with."""

    operation: str
    verb: str
    path: str
    value: Wire


def routes(description: Mapping[str, Any], about: Things) -> list[Route]:
    """Return a request for every operation that the server describes."""
    found = []
    for path, operations in description["paths"].items():
        for verb, operation in operations.items():
            parameters = [item for item in operation["parameters"] if item["in"] != "header"]
            schema = {"properties": {item["name"]: item["schema"] for item in parameters}}
            if "requestBody" in operation:
                body = operation["requestBody"]["content"]["application/json"]["schema"]
                schema["properties"] |= body["properties"]
            value = members(schema, about)
            in_path = {item["name"]: value.pop(item["name"]) for item in parameters if item["in"] == "path"}
            found.append(
                Route(
                    operation=operation["operationId"],
                    verb=verb.upper(),
                    path=filled(path.removeprefix("/admin/v1"), in_path),
                    value=value,
                )
            )
    return found
