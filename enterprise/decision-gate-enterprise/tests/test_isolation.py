"""Who may act where, over every tool and resource, with keys and grants of a real directory (contract §4.3 AZ-2).

The table names each tool with arguments about tenant 7, namespace 12; everything else is derived from it. A tool that
is missing from the table fails the suite.
"""

import copy

import pytest

from decision_gate.core.json import parse
from decision_gate.mcp.hooks.request import Dialect, RequestContext
from decision_gate.mcp.refusals import Refusal
from decision_gate.mcp.testing import RpcError, calls
from decision_gate.mcp.tool_names import TOOL_NAMES

OWN, OTHER, NAMESPACE, ELSEWHERE = 7, 8, 12, 13
TABLE = {
    "scenario_define": calls.define(),
    "scenario_start": calls.start(),
    "scenario_status": calls.status(),
    "scenario_next": calls.ask(),
    "scenario_submit": calls.submit(),
    "scenario_trigger": calls.trigger(),
    "evidence_query": calls.evidence(),
    "runpack_export": calls.export("runpacks/a"),
    "runpack_verify": {"runpack_dir": "runpacks/a", "manifest_path": "manifest.json"},
    "providers_list": {},
    "provider_contract_get": {"provider_id": "time"},
    "provider_check_schema_get": {"provider_id": "time", "check_id": "after"},
    "schemas_register": calls.shape(),
    "schemas_list": calls.listing(),
    "schemas_get": calls.shape_name(),
    "scenarios_list": calls.listing(),
    "precheck": calls.precheck({"window_open": True}),
    "decision_gate_docs_search": {"query": "gate"},
}
PLACED = [name for name, arguments in TABLE.items() if "'tenant_id': 7" in repr(arguments) or name == "scenario_define"]
UNPLACED = [name for name in TABLE if name not in PLACED]


def moved(arguments, tenant_id=OWN, namespace_id=NAMESPACE):
    """Return arguments about another place: every tenant and namespace in them, however deep."""
    changed = copy.deepcopy(arguments)

    def walk(value):
        if isinstance(value, list):
            for item in value:
                walk(item)
        elif isinstance(value, dict):
            for name in value:
                if name in ("tenant_id", "default_tenant_id"):
                    value[name] = tenant_id
                elif name == "namespace_id":
                    value[name] = namespace_id
                else:
                    walk(value[name])

    walk(changed)
    return changed


def test_table_names_every_tool():
    assert set(TABLE) == set(TOOL_NAMES)
    assert UNPLACED == [
        "runpack_verify",
        "providers_list",
        "provider_contract_get",
        "provider_check_schema_get",
        "decision_gate_docs_search",
    ]


def test_nobody_reaches_another_tenant_or_an_unknown_namespace_with_any_tool(world):
    world, _ = world
    outcomes = {
        name: {
            "own": world.outcome("anna", name, arguments),
            "other tenant": world.outcome("anna", name, moved(arguments, tenant_id=OTHER)),
            "unknown tenant": world.outcome("anna", name, moved(arguments, tenant_id=99)),
            "unknown namespace": world.outcome("anna", name, moved(arguments, namespace_id=99)),
            "stranger": world.outcome("otto", name, arguments),
            "of two, held to one": world.outcome("both, one tenant", name, moved(arguments, tenant_id=OTHER)),
            "of two, spanning": world.outcome("both, spanning", name, moved(arguments, tenant_id=OTHER)),
            "ungranted": world.outcome("ungranted", name, arguments),
            "invented": world.outcome("invented", name, arguments),
        }
        for name, arguments in TABLE.items()
        if name in PLACED
    }

    expected = {
        "own": "allowed",
        "other tenant": "403 unauthorized",
        "unknown tenant": "403 unauthorized",
        "unknown namespace": "403 unauthorized",
        "stranger": "403 unauthorized",
        "of two, held to one": "403 unauthorized",
        "of two, spanning": "allowed",
        "ungranted": "403 unauthorized",
        "invented": "401 unauthenticated",
    }
    assert outcomes == {name: expected for name in PLACED}  # noqa: C420 - a dict for each, as found


def test_tool_that_names_no_tenant_is_judged_where_its_caller_is_billed(world):
    """Deviation X7; a caller of several tenants has to name one, which these tools cannot."""
    world, _ = world
    outcomes = {
        name: (world.outcome("anna", name, TABLE[name]), world.outcome("both, spanning", name, TABLE[name]))
        for name in UNPLACED
    }

    assert outcomes == dict.fromkeys(UNPLACED, ("allowed", "403 unauthorized"))


def test_agent_works_in_its_namespace_and_defines_nothing(world):
    world, _ = world
    world.outcome("anna", "scenario_define", TABLE["scenario_define"])
    denied = "403 unauthorized"

    assert {name: world.outcome("agent", name, arguments) for name, arguments in TABLE.items()} == {
        **dict.fromkeys(TABLE, "allowed"),
        **dict.fromkeys(("scenario_define", "evidence_query", "runpack_export", "schemas_register"), denied),
        # A tick moves the clock: that takes a role of its own (deviation X14), the registry one of its own too.
        **dict.fromkeys(("scenario_trigger", "schemas_list", "schemas_get"), denied),
    }
    assert world.outcome("agent", "scenario_status", moved(calls.status(), namespace_id=ELSEWHERE)) == denied


@pytest.mark.parametrize("state", ["suspended", "closing"])
def test_tenant_that_is_not_active_is_refused_every_tool_and_its_data_stays(world, state):
    """Contract §4.7 TL-1."""
    world, do = world
    world.outcome("anna", "scenario_define", TABLE["scenario_define"])
    world.outcome("anna", "scenario_start", TABLE["scenario_start"])

    do("tenant.set-state", tenant_id=OWN, state=state)
    refused = {name: world.outcome("anna", name, arguments) for name, arguments in TABLE.items()}
    do("tenant.set-state", tenant_id=OWN, state="active")

    assert refused == dict.fromkeys(TABLE, "403 unauthorized")
    assert world.outcome("anna", "scenario_status", TABLE["scenario_status"]) == "allowed"
    status = world.server.call("scenario_status", TABLE["scenario_status"], auth_header=f"Bearer {world.keys['anna']}")
    assert status["run_id"] == "run-a"


def test_resource_of_a_run_is_refused_like_the_tool_that_tells_the_same(world):
    world, _ = world
    world.outcome("anna", "scenario_define", TABLE["scenario_define"])
    world.outcome("anna", "scenario_start", TABLE["scenario_start"])
    mcp = world.server.host.mcp
    uri = "decision-gate://runs/7/12/ship-it/run-a"

    def read(who):
        request = RequestContext(
            transport="http",
            peer_ip="127.0.0.1",
            auth_header=f"Bearer {world.keys[who]}",
            server_correlation_id=f"dg-{who}",
        )
        admitted = mcp.admit(b'{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{}}', request)
        if isinstance(admitted, Refusal):
            return admitted.wire.kind
        assert admitted.request.dialect is Dialect.MCP
        found = mcp.read(uri, admitted.request, 0)
        return found.wire.kind if isinstance(found, Refusal) else parse(found[0].text)["run_id"]

    assert {who: read(who) for who in ("anna", "otto", "ungranted", "invented")} == {
        "anna": "run-a",
        "otto": "unauthorized",
        "ungranted": "unauthorized",
        "invented": "unauthenticated",
    }


def test_tools_of_administration_exist_for_administrators_alone(world):
    world, _ = world
    server = world.server

    def listed(who):
        answer = server.request("tools/list", auth_header=f"Bearer {world.keys[who]}")
        return any(tool["name"].startswith("admin_") for tool in answer["tools"])

    with pytest.raises(RpcError) as hidden:
        server.call("admin_key_list", {"tenant_id": OWN}, auth_header=f"Bearer {world.keys['agent']}")
    own = server.call("admin_key_list", {"tenant_id": OWN}, auth_header=f"Bearer {world.keys['anna']}")

    assert [listed("anna"), listed("agent")] == [True, False]
    assert hidden.value.status == 403
    assert len(own["items"]) == 5
    assert world.outcome("anna", "admin_key_list", {"tenant_id": OTHER}) == "403 unauthorized"
    assert world.outcome("anna", "admin_org_list", {}) == "403 unauthorized"


def test_definition_that_names_no_tenant_belongs_to_the_one_it_is_billed_to(world):
    """Deviation S8: the namespace is looked for there too."""
    world, _ = world
    unowned = calls.define(default_tenant_id=None)

    defined = world.outcome("anna", "scenario_define", unowned)
    listed = world.server.call("scenarios_list", calls.listing(), auth_header=f"Bearer {world.keys['anna']}")

    assert defined == "allowed"
    assert [item["scenario_id"] for item in listed["items"]] == ["ship-it"]
    assert world.outcome("both, spanning", "scenario_define", unowned) == "403 unauthorized"
