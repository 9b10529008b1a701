"""Administration over HTTP and as tools: quotas and usage, roles, pages, idempotency, audit (contract §4.7 TL-1)."""

import pytest
from deployment import administration
from deployment.admin_api import AdminClient
from harness.rpc import Client

LISTINGS = ("/orgs", "/tenants", "/quotas")
IN_TENANT = ("namespaces", "principals", "grants", "keys", "quotas", "usage", "usage/rows")


@pytest.fixture(scope="module")
def tenant(estate):
    made = estate.tenant("administered")
    with Client(estate.server.port, token=made.key) as client:
        client.call("scenarios_list", made.place)
        client.call("schemas_list", made.place)
    return made


def test_quotas_are_set_by_the_deployment_seen_by_the_tenant_and_audited_with_before_and_after(estate, tenant):
    path, own = f"/tenants/{tenant.tenant_id}/quotas", AdminClient(estate.server.admin_port, tenant.key)
    wanted = {"metric": "runpack_exports", "units": 7, "period": "day"}

    first = estate.boss.do("PUT", path, wanted)
    second = estate.boss.do("PUT", path, {**wanted, "units": 8})
    refused = own.send("PUT", path, {**wanted, "units": 10**9})

    quota = {"tenant_id": tenant.tenant_id, "namespace_id": None, **wanted}
    assert (first, second) == (quota, {**quota, "units": 8})
    assert (refused.status, refused.json["error"]["code"]) == (403, "unauthorized")
    assert own.do("GET", path)["items"] == [second]
    events = [event for event in administration.audited(estate.deployment, tenant.tenant_id) if "action" in event]
    told = [
        (event["principal_id"], event["before"], event["after"]) for event in events if event["action"] == "quota.set"
    ]
    spelled = {**quota, "tenant_id": str(tenant.tenant_id)}
    assert told == [("admin", None, spelled), ("admin", spelled, {**spelled, "units": 8})]


def test_usage_over_http_is_what_the_command_line_exports(estate, tenant):
    own = AdminClient(estate.server.admin_port, tenant.key)

    shown, rows = (own.pages(f"/tenants/{tenant.tenant_id}/{what}", 1) for what in ("usage", "usage/rows"))
    exported = administration.usage(estate.deployment, tenant.tenant_id)

    assert {item["metric"]: item["used"] for item in shown if item["namespace_id"] is None} == exported.used
    assert [(row["metric"], row["key"], row["units"]) for row in rows] == [
        (row["metric"], row["key"], row["units"]) for row in exported.rows
    ]


def test_correction_is_done_once_with_its_idempotency_key_and_by_the_deployment_alone(estate, tenant):
    path, own = f"/tenants/{tenant.tenant_id}/usage/corrections", AdminClient(estate.server.admin_port, tenant.key)
    rows = own.pages(f"/tenants/{tenant.tenant_id}/usage/rows", 200)
    charge = next(row["key"] for row in rows if row["metric"] == "tool_calls" and row["units"] == 1)
    wanted = {"metric": "tool_calls", "charge": charge, "units": 1, "correction_id": "case-1", "reason": "an outage"}

    refused = own.send("POST", path, wanted)
    answers = [estate.boss.send("POST", path, wanted, idempotency_key="correct-once") for _ in range(2)]
    reused = estate.boss.send("POST", path, {**wanted, "correction_id": "case-2"}, idempotency_key="correct-once")
    again = estate.boss.send("POST", path, {**wanted, "correction_id": "case-3"})

    assert refused.status == 403
    assert [(answer.status, answer.json["is_new"]) for answer in answers] == [(200, True)] * 2
    assert (reused.status, reused.json["error"]["code"]) == (409, "idempotency_conflict")
    assert (again.status, again.json["error"]["code"]) == (409, "over_corrected")
    taken = [row for row in own.pages(f"/tenants/{tenant.tenant_id}/usage/rows", 200) if row["units"] < 0]
    assert [(row["reference"], row["units"]) for row in taken] == [(charge, -1)]


@pytest.mark.parametrize("path", [*LISTINGS, *IN_TENANT])
def test_pages_of_one_item_are_together_what_one_page_of_all_is(estate, tenant, path):
    whole = path if path in LISTINGS else f"/tenants/{tenant.tenant_id}/{path}"

    assert estate.boss.pages(whole, 1) == estate.boss.do("GET", whole, {"limit": 200})["items"]


@pytest.mark.parametrize(
    "asked", [{"limit": 0}, {"limit": 201}, {"limit": "x"}, {"cursor": "no cursor"}, {"page": 2}], ids=str
)
def test_what_is_no_page_is_refused(estate, asked):
    answer = estate.boss.send("GET", "/tenants", asked)

    assert (answer.status, answer.json["error"]["code"]) == (400, "invalid_request")


def test_tools_of_administration_do_what_the_routes_do_and_are_there_for_administrators_alone(estate, tenant):
    own = AdminClient(estate.server.admin_port, tenant.key)
    issued = own.do(
        "POST",
        f"/tenants/{tenant.tenant_id}/keys",
        {"principal_id": tenant.principal_id, "label": "agent", "tools": ["scenarios_list"]},
    )
    described = own.send("GET", "/openapi.json").json
    operations = {
        "admin_" + operation["operationId"].replace(".", "_").replace("-", "_")
        for methods in described["paths"].values()
        for operation in methods.values()
    }
    with (
        Client(estate.server.port, token=tenant.key) as admin,
        Client(estate.server.port, token=issued["key"]) as agent,
    ):
        listed = [names(client) for client in (admin, agent)]
        quotas = admin.call("admin_quota_list", {"tenant_id": tenant.tenant_id})
        hidden = agent.send("admin_quota_list", {"tenant_id": tenant.tenant_id})

    assert {name for name in listed[0] if name.startswith("admin_")} == operations
    assert [name for name in listed[1] if name.startswith("admin_")] == []
    assert quotas == own.do("GET", f"/tenants/{tenant.tenant_id}/quotas")
    assert hidden.status in (400, 403)


def names(client):
    return {tool["name"] for tool in client.request("tools/list").json["result"]["tools"]}
