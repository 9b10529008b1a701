"""Provisioning by a command that is killed again and again: all of it or nothing, and one key (contract §4.2 P1-1)."""

import contextlib
import os
import subprocess

from harness.rpc import Client

KILLED_AFTER_S = (0.5, 0.8, 1.1)


def test_a_provisioning_that_is_killed_and_repeated_makes_one_tenant_with_one_key(estate):
    commands, boss = estate.deployment.commands, estate.boss
    wanted = ("tenant", "provision", "--org", "killed", "--tenant", "once", "--idempotency-key", "once")
    line = commands.line(*wanted, "--dir", estate.deployment.folder)
    found = []
    for seconds in KILLED_AFTER_S:
        with subprocess.Popen(
            line, env=os.environ | commands.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(seconds)
            process.kill()
        found.append(sorted(tenant["name"] for tenant in boss.pages("/tenants", 200) if tenant["name"] == "once"))

    made, again = (estate.deployment.cloud_json(*wanted) for _ in range(2))

    tenants = [tenant for tenant in boss.pages("/tenants", 200) if tenant["name"] == "once"]
    path = f"/tenants/{made['tenant']['tenant_id']}"
    assert all(names in ([], ["once"]) for names in found)
    assert made == again
    assert tenants == [made["tenant"]]
    assert [boss.do("GET", f"{path}/{what}")["items"] for what in ("namespaces", "principals")] == [
        [made["namespace"]],
        [made["principal"]],
    ]
    assert len(boss.pages(f"{path}/keys", 200)) == 1
    with Client(estate.server.port, token=made["key"]) as client:
        assert client.send("providers_list", {}).status == 200
