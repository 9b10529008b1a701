"""A deployment with a run, a schema, a run pack, a ledger and an audit log, and its backup; made once."""

from contextlib import chdir
from pathlib import Path

import attrs
import pytest

from decision_gate.enterprise.admin.actor import console_actor
from decision_gate.enterprise.admin.opening import open_administration
from decision_gate.enterprise.admin.provisioning import Bootstrap
from decision_gate.enterprise.admin.service import AdminService
from decision_gate.enterprise.admin.use_cases import BY_NAME
from decision_gate.enterprise.backup import Deployment, Manifest, deployment_of, make_backup
from decision_gate.enterprise.cli.deployment import admin_settings
from decision_gate.enterprise.cli.laying_out import lay_out
from decision_gate.enterprise.host import open_server
from decision_gate.enterprise.testing.offers import offers_of_project
from decision_gate.mcp.config import parse_config
from decision_gate.mcp.testing import RecordingMeter, RecordingSink, TestServer

NOW = {"kind": "unix_millis", "value": 1_760_000_000_000}


def offers():
    return offers_of_project(Path(__file__).parents[2] / "pyproject.toml")


def work(call, tenant, namespace):
    """Define a scenario, drive a run to its end, register a schema, export the run."""
    place = {"tenant_id": tenant, "namespace_id": namespace}
    spec = {
        "scenario_id": "release",
        "namespace_id": namespace,
        "default_tenant_id": tenant,
        "spec_version": "1",
        "stages": [
            {
                "stage_id": "wait",
                "entry_packets": [],
                "gates": [{"gate_id": "late", "requirement": {"Condition": "late"}}],
                "advance_to": {"kind": "terminal"},
                "timeout": None,
                "on_timeout": "fail",
            }
        ],
        "conditions": [
            {
                "condition_id": "late",
                "query": {"provider_id": "time", "check_id": "after", "params": {"timestamp": 1}},
                "comparator": "equals",
                "expected": True,
                "policy_tags": [],
            }
        ],
        "policies": [],
        "schemas": [],
    }
    call("scenario_define", {"spec": spec})
    run = {**place, "run_id": "run-1", "scenario_id": "release", "dispatch_targets": [], "policy_tags": []}
    call(
        "scenario_start",
        {"scenario_id": "release", "run_config": run, "started_at": NOW, "issue_entry_packets": False},
    )
    request = {**place, "run_id": "run-1", "trigger_id": "t-1", "agent_id": "a", "time": NOW, "correlation_id": None}
    call("scenario_next", {"scenario_id": "release", "request": request})
    record = {
        **place,
        "schema_id": "shape",
        "version": "1",
        "schema": {"type": "object"},
        "created_at": NOW,
        "description": None,
    }
    call("schemas_register", {"record": record})
    export = {
        **place,
        "scenario_id": "release",
        "run_id": "run-1",
        "generated_at": NOW,
        "output_dir": "runpacks/run-1",
        "manifest_name": None,
        "include_verification": False,
    }
    call("runpack_export", export)


@attrs.frozen(kw_only=True)
class Made:
    """A deployment, its backup, and the manifest of that."""

    deployment: Deployment
    backup: Path
    manifest: Manifest


@pytest.fixture(scope="session")
def backed_up(tmp_path_factory):
    """Both, for tests that change neither."""
    folder = tmp_path_factory.mktemp("gate")
    lay_out(folder, "gate.example")
    path = folder / "decision-gate.toml"
    # A trigger of a test has a time of its own.
    text = path.read_text(encoding="utf-8").replace('source = "bounded"', 'source = "server"')
    path.write_text(text, encoding="utf-8")
    with chdir(folder):
        config = parse_config(path.read_bytes(), lambda _: offers().settings_of)
        with open_server(config, offers=offers()) as host:
            with open_administration(admin_settings(config)) as (database, means):
                service = AdminService(database=database, sink=host.sink, means=means)
                made = service.perform(BY_NAME["deployment.bootstrap"], Bootstrap(), console_actor("me"))
            server = TestServer(host=host, clock=host.clock, sink=RecordingSink(), meter=RecordingMeter())

            def call(tool, arguments):
                return server.call(tool, arguments, auth_header=f"Bearer {made['key']}")

            work(call, made["tenant"]["tenant_id"], made["namespace"]["namespace_id"])
        deployment = deployment_of(folder, Path("decision-gate.toml"), config)
        target = tmp_path_factory.mktemp("backups") / "b"
        manifest = make_backup(deployment, target, at_ms=0, with_keys=False)
    return Made(deployment=deployment, backup=target, manifest=manifest)
