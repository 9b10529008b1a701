"""Tenants do not meet: nobody acts where no grant says so, and every attempt is kept."""

from deployment import administration
from harness import documents

UNAUTHORIZED = (403, -32003, "unauthorized", "unauthorized")


def test_a_call_for_a_tenant_without_a_grant_is_refused_and_kept_in_the_deployments_log(deployment, client_of):
    own, strange = deployment.boss, deployment.provision("strange")
    client = client_of(deployment.serve(), token=own.key)
    client.call("scenario_define", {"spec": own.owned(documents.two_stages())})
    place = strange.place

    refused = [
        client.send("scenario_define", {"spec": strange.owned(documents.two_stages("x"))}),
        client.send("scenario_start", documents.start("tea", "run-1", **place)),
        client.send("scenario_next", documents.step("tea", "run-1", "t", **place)),
        client.send("scenario_status", documents.status("tea", "run-1", **place)),
        client.send("scenarios_list", place),
        client.send("runpack_export", documents.export("tea", "run-1", "x", **place)),
    ]

    assert [answer.error for answer in refused] == [UNAUTHORIZED] * len(refused)
    kept = [event for event in administration.audited(deployment, "deployment") if event["event"] == "tenant_authz"]
    assert [event["tenant_id"] for event in kept] == [str(strange.tenant_id)] * len(refused)
    assert administration.usage(deployment, strange.tenant_id).billed == {}
