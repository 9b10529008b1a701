"""From an empty folder to a served deployment, and back from a backup: the commands as people run them."""

import stat
import time

import httpx

from decision_gate.core.json import parse

REVOCATION_S = 5.0


def rpc(gate, key, tool, arguments):
    """Call one tool over /rpc and return the status and the answer."""
    envelope = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
    answer = httpx.post(f"{gate}/rpc", json=envelope, headers={"Authorization": f"Bearer {key}"}, timeout=30)
    return answer.status_code, answer.json()


def listed(gate, key):
    envelope = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    answer = httpx.post(f"{gate}/rpc", json=envelope, headers={"Authorization": f"Bearer {key}"}, timeout=30)
    return {tool["name"] for tool in answer.json()["result"]["tools"]}


def test_bootstrapped_deployment_serves_provisions_and_keeps_tenants_apart(cloud, deployment):
    folder, made = deployment
    boss = {"Authorization": f"Bearer {made['key']}", "Idempotency-Key": "first"}

    with cloud.serving(folder) as (gate, admin):
        first = httpx.post(f"{admin}/provision", json={"org": "acme", "tenant": "pay"}, headers=boss, timeout=30)
        again = httpx.post(f"{admin}/provision", json={"org": "acme", "tenant": "pay"}, headers=boss, timeout=30)
        pay = first.json()
        place = {"tenant_id": pay["tenant"]["tenant_id"], "namespace_id": pay["namespace"]["namespace_id"]}
        own = rpc(gate, pay["key"], "scenarios_list", place)
        foreign = rpc(gate, made["key"], "scenarios_list", place)
        unknown = rpc(gate, pay["key"], "scenarios_list", {**place, "namespace_id": place["namespace_id"] - 1})
        issued = cloud.run(
            *("key", "issue", "--dir", folder, "--tenant-id", place["tenant_id"], "--json"),
            *("--principal-id", pay["principal"]["principal_id"], "--label", "agent", "--tools", "scenario_next"),
        )
        narrowed = parse(issued.stdout)["key"]
        sees = [listed(gate, key) for key in (pay["key"], narrowed)]

    assert (first.status_code, again.json()) == (200, pay)
    assert own == (200, {"jsonrpc": "2.0", "id": 1, "result": own[1]["result"]})
    assert [answer[0] for answer in (foreign, unknown)] == [403, 403]
    assert [any(name.startswith("admin_") for name in names) for names in sees] == [True, False]


def test_no_key_is_in_anything_that_the_deployment_wrote(cloud, deployment):
    """Contract §4.6 AU-4: canary keys, right and wrong ones, in no file and no output."""
    folder, made = deployment
    canary = "dgk_live_CANARYcanary_" + "Z" * 43 + "000000"

    with cloud.serving(folder) as (gate, admin):
        rpc(gate, made["key"], "providers_list", {})
        rpc(gate, canary, "providers_list", {})
        httpx.get(f"{admin}/orgs", headers={"Authorization": f"Bearer {canary}"}, timeout=30)
        httpx.get(f"{admin}/orgs", headers={"Authorization": f"Bearer {made['key']}"}, timeout=30)
        shown = cloud.run("key", "list", "--dir", folder, "--tenant-id", made["tenant"]["tenant_id"])

    written = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file()) + shown.stdout.encode()
    for secret in (made["key"].split("_")[3][:43], "Z" * 43):
        assert secret.encode() not in written
        assert secret.encode().hex().encode() not in written
    assert made["api_key"]["prefix"] in shown.stdout


def test_files_of_a_bootstrap_are_for_their_owner_and_a_second_one_changes_nothing(cloud, deployment):
    folder, _ = deployment
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".db"}

    again = cloud.run("bootstrap", "--dir", "gate")

    assert again.returncode == 1
    assert "made before" in again.stderr
    assert {path: path.read_bytes() for path in before} == before
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder / "keys").iterdir()}
    assert modes == {"sealing.key": 0o600, "audit.pem": 0o600}


def test_interrupted_bootstrap_is_run_again(cloud):
    """Killed after the keys, before the configuration; and again after the files, before the database."""
    folder = cloud.folder / "gate"
    (folder / "keys").mkdir(parents=True)
    (folder / "keys" / "sealing.key").write_text("kept\n", encoding="utf-8")

    made = cloud.run("bootstrap", "--dir", "gate", "--json")

    assert made.returncode == 0, made.stderr
    assert (folder / "keys" / "sealing.key").read_text(encoding="utf-8") == "kept\n"
    assert sorted(name.rpartition("/")[2] for name in parse(made.stdout)["written"]) == [
        "audit.pem",
        "decision-gate.toml",
    ]


def test_lost_administrator_key_is_recovered_at_the_console(cloud, deployment):
    folder, made = deployment

    recovered = parse(cloud.run("key", "recover", "--dir", folder, "--json").stdout)
    revoked = cloud.run(
        *("key", "revoke", "--dir", folder, "--tenant-id", made["tenant"]["tenant_id"]),
        *("--key-id", made["api_key"]["key_id"]),
    )
    with cloud.serving(folder) as (_, admin):
        answers = [
            httpx.get(f"{admin}/orgs", headers={"Authorization": f"Bearer {key}"}, timeout=30).status_code
            for key in (made["key"], recovered["key"])
        ]

    assert revoked.returncode == 0, revoked.stderr
    assert answers == [401, 200]


def test_open_configuration_is_refused_with_what_is_missing_and_how_to_mend_it(cloud):
    (cloud.folder / "decision-gate.toml").write_text('[server]\ntransport = "stdio"\n', encoding="utf-8")

    refused = cloud.run("serve")

    assert refused.returncode == 1
    for part in ("[tenant_authorizer]", "[usage_meter]", "[audit_sink]", "[run_state_store]", "[time]"):
        assert part in refused.stderr


def test_backup_of_a_serving_deployment_is_restored_elsewhere_and_serves(cloud, deployment):
    folder, made = deployment
    elsewhere, target = cloud.folder / "elsewhere", cloud.folder / "backup"

    with cloud.serving(folder) as (gate, _):
        rpc(gate, made["key"], "providers_list", {})
        backed_up = cloud.run("backup", target, "--dir", folder, "--with-keys")
    restored = cloud.run("restore", target, "--dir", elsewhere)
    verified = cloud.run("verify", "--dir", elsewhere, "--json")
    with cloud.serving(elsewhere) as (gate, _):
        status, _ = rpc(gate, made["key"], "providers_list", {})

    assert [backed_up.returncode, restored.returncode, verified.returncode] == [0, 0, 0], backed_up.stdout
    assert parse(verified.stdout)["logs"] >= 1
    assert status == 200


def status_once_refused(ask, revoked_at):
    """Ask until the right is gone; nothing that is asked when it should be is granted, however slow the machine."""
    while True:
        asked_at = time.monotonic()
        if (status := ask()) != 200:
            return status
        assert asked_at < revoked_at + REVOCATION_S


def test_right_that_another_process_takes_away_ends_within_five_seconds(cloud, deployment):
    """Revocation by the console, refusal by the server, which has remembered what it knew of the key."""
    folder, made = deployment
    key, tenant = made["key"], made["tenant"]["tenant_id"]

    with cloud.serving(folder) as (gate, admin):
        assert rpc(gate, key, "providers_list", {})[0] == 200
        assert httpx.get(f"{admin}/orgs", headers={"Authorization": f"Bearer {key}"}, timeout=30).status_code == 200
        ended = cloud.run(
            *("key", "revoke", "--dir", folder, "--tenant-id", tenant, "--key-id", made["api_key"]["key_id"])
        )
        revoked_at = time.monotonic()
        refused = [
            status_once_refused(lambda: rpc(gate, key, "providers_list", {})[0], revoked_at),
            status_once_refused(
                lambda: httpx.get(f"{admin}/orgs", headers={"Authorization": f"Bearer {key}"}, timeout=30).status_code,
                revoked_at,
            ),
        ]

    assert ended.returncode == 0, ended.stderr
    assert refused == [401, 401]
