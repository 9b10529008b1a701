"""Somebody else's distribution, installed beside the server, replaces three of its seams (``examples/plugin``)."""

import shutil

import pytest
from harness import documents
from harness.command import decision_gate
from harness.config import configuration
from harness.plugin import ROOT
from harness.rpc import Client
from harness.server import Server, running

EXAMPLE = ROOT / "examples/plugin"
FREEZE_MS = 2_113_430_400_000
UNAUTHORIZED = (403, -32003, "unauthorized", "unauthorized")
SEAMS = {
    "providers": [{"name": "calendar", "type": "acme_calendar", "config": {"path": "freezes.json"}}],
    "tenant_authorizer": {"type": "acme_teams", "path": "teams.json"},
    "audit_sink": {"type": "acme_lines", "path": "audit.log"},
    "server": {"audit": {"path": None}},
}


def scenario():
    query = {"provider_id": "calendar", "check_id": "frozen"}
    thawed = documents.condition("thawed", query=query, expected=False)
    return documents.scenario("deploy", [documents.stage("deploy", None, "thawed")], thawed)


@pytest.fixture
def folder(tmp_path):
    """A folder with the example's calendar, in which its teams have a caller of this machine act for one tenant."""
    shutil.copy(EXAMPLE / "freezes.json", tmp_path)
    (tmp_path / "teams.json").write_text(f'{{"loopback": [{documents.TENANT}]}}', encoding="utf-8")
    return tmp_path


def test_evidence_tenants_and_audit_are_those_of_the_plug_in(folder, plugins):
    config = configuration(SEAMS, {"plugins": {"trusted": ["acme-gate"]}})
    with running(Server(folder=folder, config=config, environment=plugins)) as server, Client(server.port) as client:
        client.call("scenario_define", {"spec": scenario()})
        refused = client.send("scenario_start", documents.start("deploy", "run-1", tenant_id=43))
        client.call("scenario_start", documents.start("deploy", "run-1"))
        outcomes = [
            client.call("scenario_next", documents.step("deploy", "run-1", f"t-{time}", time))["decision"]["outcome"]
            for time in (FREEZE_MS - documents.NOW, 0)
        ]

    assert refused.error == UNAUTHORIZED
    assert [outcome["kind"] for outcome in outcomes] == ["hold", "complete"]
    assert "acme_teams: loopback is in no team of tenant 43" in (folder / "audit.log").read_text(encoding="utf-8")


def test_nothing_of_it_is_used_unless_the_configuration_trusts_it(folder, plugins, monkeypatch):
    for name, value in plugins.items():
        monkeypatch.setenv(name, value)
    (folder / "decision-gate.toml").write_text(
        configuration(SEAMS, {"plugins": None}).replace("<port>", "1"), encoding="utf-8"
    )

    refused = decision_gate("config", "validate", folder=folder)

    assert refused.returncode == 1
    assert "is offered by acme-gate, which plugins.trusted does not name" in refused.stderr
