"""Tenants do not meet: nobody acts where no grant says so, and every attempt is kept."""

from deployment import administration
from harness import documents

UNAUTHORIZED = (403, -32003, "unauthorized", "unauthorized")
STRANGE = 43
DEPLOYMENT = 0


def test_a_call_for_a_tenant_without_a_grant_is_refused_and_kept_in_the_deployments_chain(serve, client_of, database):
    client = client_of(serve(database.plugged()))
    client.call("scenario_define", {"spec": documents.two_stages()})

    refused = [
        client.send("scenario_define", {"spec": documents.two_stages("x") | {"default_tenant_id": STRANGE}}),
        client.send("scenario_start", documents.start("tea", "run-1", tenant_id=STRANGE)),
        client.send("scenario_next", documents.step("tea", "run-1", "t", tenant_id=STRANGE)),
        client.send("scenario_status", documents.status("tea", "run-1", tenant_id=STRANGE)),
        client.send("scenarios_list", {"tenant_id": STRANGE, "namespace_id": documents.NAMESPACE}),
        client.send("runpack_export", documents.export("tea", "run-1", "runpacks/x", tenant_id=STRANGE)),
    ]

    assert [answer.error for answer in refused] == [UNAUTHORIZED] * len(refused)
    kept = [event for event in administration.audited(database, DEPLOYMENT) if event["event"] == "tenant_authz"]
    assert [event["tenant_id"] for event in kept] == [str(STRANGE)] * len(refused)
    assert administration.usage(database, STRANGE).billed == {}


def test_a_tenant_without_a_scenario_of_its_own_does_not_see_that_of_another(serve, client_of, database):
    administration.grant(database, tenant=STRANGE)
    client = client_of(serve(database.plugged()))
    client.call("scenario_define", {"spec": documents.two_stages()})
    client.call("scenario_start", documents.start("tea", "run-1"))
    place = {"tenant_id": STRANGE, "namespace_id": documents.NAMESPACE}

    assert client.call("scenarios_list", place)["items"] == []
    started = client.send("scenario_start", documents.start("tea", "run-1", tenant_id=STRANGE))
    asked = client.send("scenario_status", documents.status("tea", "run-1", tenant_id=STRANGE))

    assert [answer.error[3] for answer in (started, asked)] == ["scenario not defined"] * 2
