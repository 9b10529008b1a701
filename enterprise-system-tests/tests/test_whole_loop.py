"""Two tenants, one made by the command line and one over HTTP, run the whole loop under the same names."""

import json
import shutil

import pytest
from deployment import administration, surfaces
from deployment.admin_api import AdminClient
from deployment.surfaces import Things
from harness import documents
from harness.rpc import Client

LOOP = (
    "scenario_define",
    "scenario_start",
    "schemas_register",
    "scenario_submit",
    "scenario_next",
    "scenario_status",
    "runpack_export",
    "runpack_verify",
)
EACH = 3


@pytest.fixture(scope="module")
def tenants(estate):
    """Two tenants that did the same, one of them more often."""
    made = [estate.deployment.provision("by command"), estate.tenant("by http", org="another")]
    for count, tenant in enumerate(made, start=1):
        with Client(estate.server.port, token=tenant.key) as client:
            for number in range(count):
                answers = {tool: client.call(tool, arguments) for tool, arguments in calls_of(tenant, number)}
                assert answers["scenario_next"]["status"] == "completed"
                assert answers["runpack_verify"]["status"] == "pass"
    return made


def calls_of(tenant, number):
    """Yield the calls of one run: it passes from its first stage to its last one, and is complete."""
    about = Things.of(tenant, str(number))
    arguments = surfaces.tools(about)
    for tool in LOOP:
        yield tool, arguments[tool]
        if tool == "scenario_next":
            yield tool, documents.step(about.scenario, about.run, "trigger-2", **tenant.place)


def test_each_sees_its_own_and_can_neither_see_nor_count_nor_name_what_the_other_has(estate, tenants):
    seen = []
    for tenant in tenants:
        with Client(estate.server.port, token=tenant.key) as client:
            listed = [client.call(tool, tenant.place)["items"] for tool in ("scenarios_list", "schemas_list")]
        own = AdminClient(estate.server.admin_port, tenant.key)
        path = f"/tenants/{tenant.tenant_id}"
        used = {
            item["metric"]: item["used"]
            for item in own.pages(f"{path}/usage", 200)
            if item["namespace_id"] is None and item["metric"] != "storage_bytes"
        }
        counted = [len(own.pages(f"{path}/{what}", 200)) for what in ("namespaces", "principals", "keys", "grants")]
        refused = [own.send("GET", where).status for where in ("/orgs", "/tenants", "/quotas")]
        seen.append(([[*(item.get("scenario_id") or item["schema_id"] for item in each)] for each in listed], used))
        assert counted == [1, 1, 1, 1]
        assert refused == [403] * 3

    assert seen == [
        (
            [[f"scenario-{number}" for number in range(count)], [f"schema-{number}" for number in range(count)]],
            {
                "tool_calls": count * (len(LOOP) + 1) + 2,
                "runs_started": count,
                "evidence_queries": count,
                "runpack_exports": count,
                "schemas_written": count,
                "registry_entries": count,
            },
        )
        for count in (1, 2)
    ]


def test_the_log_of_the_run_verifies_anywhere_and_each_tampered_copy_is_named(estate, tenants, tmp_path):
    """Contract §4.6 AU-1, AU-2; every kind of damage is shown by the distribution's own tests."""
    log = tmp_path / "log"
    lines = administration.exported(estate.deployment, tenants[1].tenant_id, log)
    keys = tmp_path / "keys.txt"
    keys.write_text(estate.deployment.cloud("audit", "keys"), encoding="utf-8")

    def verified(folder):
        done = estate.deployment.commands.done("audit", "verify", folder, "--keys", keys, "--json")
        (report,) = json.loads(done.stdout)["logs"]
        return done.returncode, [(found["damage"], found["index"]) for found in report["findings"]]

    def tampered(name, change):
        copy = tmp_path / name
        shutil.copytree(log, copy)
        found = (copy / "events.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
        (copy / "events.jsonl").write_text("".join(change(found)), encoding="utf-8")
        return verified(copy)

    kinds = [line["body"]["event"] for line in lines]
    assert all({"hash", "prev_hash", "payload"} <= set(line) and line["hash"] for line in lines)
    assert (kinds[0], kinds.count("runpack_exported"), len(kinds) > EACH * 2) == ("admin_change", 2, True)
    assert verified(log) == (0, [])
    outcomes = {
        "edited": tampered(
            "edited", lambda found: [*found[:2], found[2].replace('"timestamp', '"timeStamp'), *found[3:]]
        ),
        "cut": tampered("cut", lambda found: found[:-1]),
        "swapped": tampered("swapped", lambda found: [found[1], found[0], *found[2:]]),
    }
    assert {name: code for name, (code, _) in outcomes.items()} == dict.fromkeys(outcomes, 1)
    assert [name for name, (_, findings) in outcomes.items() if not findings] == []
    assert 2 in [index for _, index in outcomes["edited"][1]]
