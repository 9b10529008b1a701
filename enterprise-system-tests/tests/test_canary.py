"""Marked keys, tokens and payloads are in no output of a deployment (contract §4.6 AU-4)."""

import pytest
from deployment import administration, surfaces
from deployment.admin_api import AdminClient
from deployment.surfaces import Things
from harness import documents
from harness.rpc import Client

INVENTED = "dgk_live_CANARYcanary_" + "Z" * 43 + "000000"
TOKEN = "canary-token-7f3b"
PAYLOAD = "canary-payload-91ac"


@pytest.mark.parametrize("estate", ["sqlite"], indirect=True)
def test_no_key_token_or_payload_is_in_what_a_deployment_tells_or_keeps(estate, tmp_path):
    tenant, server, deployment = estate.tenant("canary"), estate.server, estate.deployment
    about, told = Things.of(tenant, "canary"), []
    arguments = surfaces.tools(about) | {
        "scenario_submit": documents.submission(about.scenario, about.run, "s", {"secret": PAYLOAD})
    }
    arguments["scenario_submit"]["request"] |= tenant.place
    loop = ("scenario_define", "scenario_start", "scenario_submit", "scenario_next", "runpack_export")
    with Client(server.port, token=tenant.key) as client:
        told += [client.send(tool, arguments[tool]).body for tool in loop if tool != "scenario_submit"]
        client.call("scenario_submit", arguments["scenario_submit"])
    for key in (tenant.key, INVENTED, TOKEN, tenant.key[:-1] + "x"):
        with Client(server.port, token=key) as client:
            told += [client.send("scenarios_list", tenant.place).body, client.get("/metrics").body]
            told.append(client.send("scenarios_list", {**tenant.place, "tenant_id": 1}).body)
        told.append(AdminClient(server.admin_port, key).send("GET", f"/tenants/{tenant.tenant_id}/keys").body)
    administration.exported(deployment, tenant.tenant_id, tmp_path / "log")
    deployment.cloud("usage", "export", tmp_path / "usage", "--tenant", tenant.tenant_id)
    deployment.cloud("backup", tmp_path / "backup")

    outputs = [b"".join(told), *contents(tmp_path), *contents(deployment.folder)]
    secrets = [tenant.key.split("_")[3][:43], "Z" * 43, TOKEN]
    assert [secret for secret in secrets if any(secret.encode() in output for output in outputs)] == []
    logs = [*contents(tmp_path / "log"), *contents(tmp_path / "usage"), *contents(deployment.folder, "*.log")]
    assert len(logs) > 4
    assert not any(PAYLOAD.encode() in output for output in logs)


def contents(folder, pattern="*"):
    return [path.read_bytes() for path in folder.rglob(pattern) if path.is_file()]
