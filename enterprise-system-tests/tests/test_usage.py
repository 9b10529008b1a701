"""Usage: what a tour costs, what refusals cost, who pays, and that nothing is done unmetered (contract §4.4)."""

import sqlite3

import pytest
from deployment import administration, surfaces
from deployment.admin_api import AdminClient
from deployment.surfaces import Things
from harness import documents
from harness.race import together
from harness.rpc import Client

UNAUTHORIZED = (403, -32003, "unauthorized", "unauthorized")
TOUR = ("scenario_define", "scenario_start", "schemas_register", "scenario_next", "evidence_query", "runpack_export")
STORM = 16


def used(estate, tenant):
    """Return the counters of a tenant, its namespaces together."""
    own = AdminClient(estate.server.admin_port, tenant.key)
    items = own.pages(f"/tenants/{tenant.tenant_id}/usage", 200)
    return {item["metric"]: item["used"] for item in items if item["namespace_id"] is None}


def limit(estate, tenant, metric, units, **more):
    estate.boss.do("PUT", f"/tenants/{tenant.tenant_id}/quotas", {"metric": metric, "units": units, **more})


def tour(client, about):
    arguments = surfaces.tools(about)
    for tool in TOUR:
        client.call(tool, arguments[tool])
    return arguments


def test_a_tour_of_the_tools_moves_every_counter(estate):
    tenant = estate.tenant("tour")
    about = Things.of(tenant, "tour")

    with Client(estate.server.port, token=tenant.key) as client:
        arguments = tour(client, about)

    counters = used(estate, tenant)
    assert counters.pop("storage_bytes") >= len(documents.text(arguments["schemas_register"]["record"]["schema"]))
    assert counters == {
        "tool_calls": len(TOUR),
        "runs_started": 1,
        "evidence_queries": 2,
        "runpack_exports": 1,
        "schemas_written": 1,
        "registry_entries": 1,
    }


def test_the_id_of_a_request_means_nothing_and_an_idempotency_key_makes_a_storm_one_call(estate):
    """Contract §4.2 P1-11, architecture §4: clients count 1, 2, 3 again."""
    tenant = estate.tenant("storm")
    start = documents.call("scenario_start", documents.start("wheel", "run-1", **tenant.place), id=7)
    listing = documents.call("scenarios_list", tenant.place, id=7)
    with Client(estate.server.port, token=tenant.key) as client:
        client.call("scenario_define", {"spec": tenant.owned(documents.for_ever())})
    before = used(estate, tenant)

    def send(body, headers):
        with Client(estate.server.port, token=tenant.key) as client:
            return client.post(body, headers).status

    plain = together([lambda: send(listing, {})] * STORM)
    keyed = together([lambda: send(listing, {"idempotency-key": "the same"})] * STORM)
    started = together([lambda: send(start, {"idempotency-key": "a run"})] * STORM)

    after = used(estate, tenant)
    assert plain == keyed == [200] * STORM
    assert 200 in started
    assert after["tool_calls"] - before["tool_calls"] == STORM + 1 + 1
    assert after["runs_started"] == 1


def test_a_refused_registration_leaves_nothing_behind_and_is_not_billed(estate):
    tenant = estate.tenant("refused")
    about = Things.of(tenant, "refused")
    limit(estate, tenant, "schemas_written", 0)

    with Client(estate.server.port, token=tenant.key) as client:
        refused = client.send("schemas_register", surfaces.tools(about)["schemas_register"])
        listed = client.call("schemas_list", tenant.place)

    assert refused.error == UNAUTHORIZED
    assert listed["items"] == []
    assert set(used(estate, tenant)) == {"tool_calls"}


def test_quotas_of_tenant_and_namespace_both_have_to_leave_room_and_other_tenants_go_on(estate):
    tenant, other = estate.tenant("scoped"), estate.tenant("unlimited")
    own = AdminClient(estate.server.admin_port, tenant.key)
    second = own.do("POST", f"/tenants/{tenant.tenant_id}/namespaces", {"name": "second"})["namespace_id"]
    limit(estate, tenant, "runs_started", 2, namespace_id=tenant.namespace_id, period="total")
    limit(estate, tenant, "runs_started", 3, period="total")
    outcomes = []

    with Client(estate.server.port, token=tenant.key) as client:
        for namespace_id in (tenant.namespace_id, second):
            place = {"tenant_id": tenant.tenant_id, "namespace_id": namespace_id}
            client.call(
                "scenario_define", {"spec": tenant.owned(documents.for_ever()) | {"namespace_id": namespace_id}}
            )
            for count in range(3):
                answer = client.send("scenario_start", documents.start("wheel", f"run-{count}", **place))
                outcomes.append(answer.status)
    with Client(estate.server.port, token=other.key) as client:
        client.call("scenario_define", {"spec": other.owned(documents.for_ever())})
        started = client.call("scenario_start", documents.start("wheel", "run-1", **other.place))

    assert outcomes == [200, 200, 403, 200, 403, 403]
    assert used(estate, tenant)["runs_started"] == 3
    assert started["status"] == "active"


def test_parallel_calls_under_one_id_cannot_evade_a_quota(estate):
    tenant = estate.tenant("evasive")
    with Client(estate.server.port, token=tenant.key) as client:
        client.call("scenario_define", {"spec": tenant.owned(documents.for_ever())})
    limit(estate, tenant, "runs_started", 5, period="total")

    def start(number):
        with Client(estate.server.port, token=tenant.key) as client:
            body = documents.call("scenario_start", documents.start("wheel", f"run-{number}", **tenant.place), id=1)
            return client.post(body).status

    outcomes = together([lambda number=number: start(number) for number in range(STORM)])

    assert sorted(outcomes) == [200] * 5 + [403] * (STORM - 5)
    assert used(estate, tenant)["runs_started"] == 5


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_with_a_ledger_that_cannot_be_written_nothing_is_done(deployment, client_of):
    """Contract §4.4 US-6."""
    own = deployment.boss
    client = client_of(deployment.serve(), token=own.key)
    client.call("scenario_define", {"spec": own.owned(documents.for_ever())})
    connection = sqlite3.connect(deployment.database.path, timeout=30)
    connection.execute("ALTER TABLE usage_ledger RENAME TO gone")
    connection.close()

    refused = client.send("scenario_start", documents.start("wheel", "run-1", **own.place))
    connection = sqlite3.connect(deployment.database.path, timeout=30)
    runs = connection.execute("SELECT count(*) FROM runs").fetchone()
    connection.execute("ALTER TABLE gone RENAME TO usage_ledger")
    connection.close()

    assert "error" in refused.json
    assert runs == (0,)
    assert client.call("scenario_start", documents.start("wheel", "run-1", **own.place))["status"] == "active"
    assert administration.usage(deployment, own.tenant_id).used["runs_started"] == 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_token_and_a_tenant_have_rates_of_their_own_which_are_no_quotas(deployment, client_of):
    """Contract §4.9 DD-1: 429 with a time to come again is protection, 403 is billing."""
    own, other = deployment.boss, deployment.provision("other")
    rates = {"type": "gcra", "per_minute": 60, "burst": 3, "tenant_per_minute": 60, "tenant_burst": 5}
    limits = {"server": {"limits": {"rate_limit": None}}, "rate_limiter": rates}
    server = deployment.serve(limits)
    admin = AdminClient(server.admin_port, own.key)
    second = admin.do(
        "POST",
        f"/tenants/{own.tenant_id}/principals",
        {"principal_id": "second", "name": "second"},
    )
    admin.do("PUT", f"/tenants/{own.tenant_id}/grants", {"principal_id": "second", "roles": ["NamespaceReader"]})
    key = deployment.cloud_json(
        "key", "issue", "--tenant-id", own.tenant_id, "--principal-id", second["principal_id"], "--label", "second"
    )["key"]

    def burst(token, tenant):
        client = client_of(server, token=token)
        return [client.send("scenarios_list", tenant.place) for _ in range(6)]

    answers = [*burst(key, own), *burst(own.key, own)]
    stranger = burst(other.key, other)

    limited = [answer for answer in answers if answer.status == 429]
    assert {answer.status for answer in answers} == {200, 429}
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in limited)
    assert {answer.error[1] for answer in limited} == {-32071}
    assert sum(answer.status == 200 for answer in answers) < 3 + 3
    assert [answer.status for answer in stranger[:3]] == [200] * 3
