"""``cloud serve`` does not start with a hole in it: it names each and how to mend it (contract §4.10 IN-4)."""

import pytest

OPEN = {
    "tenant_authorizer": None,
    "usage_meter": None,
    "audit_sink": None,
    "time": {"source": "caller"},
    "runpacks": {"per_tenant": False},
}
HOLES = {
    "open": (
        OPEN,
        (
            'every caller may use every tenant: set [tenant_authorizer] type = "grants"',
            'nothing is counted or limited: set [usage_meter] type = "ledger"',
            'the audit can be changed unnoticed: set [audit_sink] type = "hash_chain"',
            'callers say what time it is: set [time] source = "bounded" or "server"',
            "tenants share the folders of run packs: set [runpacks] per_tenant = true",
        ),
    ),
    "ledger in memory": (
        {"usage_meter": {"path": ":memory:"}},
        ("the ledger is gone with the process: set path of [usage_meter] to the file of [run_state_store]",),
    ),
    "riders without a table": (
        {"schema_registry": None},
        (
            "the store of data shapes keeps no usage: let it live in the database of the runs",
            "the store of data shapes keeps no audit: let it live in the database of the runs",
        ),
    ),
}


def test_a_bootstrapped_deployment_tells_no_tenant_the_counts_of_all(maker):
    assert maker.template["server"].get("metrics", False) is False


@pytest.mark.parametrize("hole", HOLES)
@pytest.mark.parametrize("estate", ["sqlite"], indirect=True)
def test_a_server_with_a_hole_is_refused_by_its_name_and_how_to_mend_it(estate, hole):
    deployment, (changes, named) = estate.deployment, HOLES[hole]
    text = deployment.served(changes).replace("<admin-port>", "4001").replace("<port>", "4000")
    (deployment.folder / "hole.toml").write_text(text, encoding="utf-8")

    refused = deployment.commands.done("serve", "--dir", deployment.folder, "--config", "hole.toml")

    assert refused.returncode == 1
    assert [point for point in named if point not in refused.stderr] == []
    assert refused.stderr.startswith("Refusing to serve: not fit for production: ")
