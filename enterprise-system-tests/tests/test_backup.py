"""A backup that is made while the deployment serves: verified, damaged, restored elsewhere (contract §4.5 ST-3)."""

import json

import pytest
from deployment import surfaces
from deployment.surfaces import Things
from harness.rpc import Client


@pytest.mark.parametrize("estate", ["sqlite"], indirect=True)
def test_a_backup_verifies_names_one_flipped_byte_and_is_restored_whole(estate, tmp_path):
    tenant, commands = estate.tenant("backed up"), estate.deployment.commands
    about = Things.of(tenant, "kept")
    with Client(estate.server.port, token=tenant.key) as client:
        for tool in ("scenario_define", "scenario_start", "schemas_register", "runpack_export"):
            client.call(tool, surfaces.tools(about)[tool])
    backup, elsewhere = tmp_path / "backup", tmp_path / "elsewhere"

    made = json.loads(commands.run("backup", backup, "--dir", estate.deployment.folder, "--with-keys", "--json"))
    restored = json.loads(commands.run("restore", backup, "--dir", elsewhere, "--json"))
    verified = json.loads(commands.run("verify", "--dir", elsewhere, "--json"))
    pack = next((backup / "runpacks" / str(tenant.tenant_id)).rglob("scenario_spec.json"))
    flipped = bytearray(pack.read_bytes())
    flipped[0] ^= 1
    pack.write_bytes(flipped)
    damaged = commands.done("verify", "--dir", backup, "--json")
    refused = commands.done("restore", backup, "--dir", tmp_path / "third")

    assert made["is_sound"]
    assert restored["has_keys"]
    counted = {name: verified[name] for name in ("runs", "scenarios", "data_shapes", "runpacks", "logs")}
    assert verified["is_sound"], verified["problems"]
    assert all(count >= 1 for count in counted.values())
    assert counted == {name: made[name] for name in counted}
    assert (damaged.returncode, refused.returncode) == (1, 1)
    assert pack.relative_to(backup).as_posix() in [found["place"] for found in json.loads(damaged.stdout)["problems"]]
    assert not (tmp_path / "third").exists()
