"""The commands of ``cloud usage`` and ``cloud quota`` on a deployment's file."""

import json

import pytest
from click.testing import CliRunner

from decision_gate.enterprise.database import now_ms
from decision_gate.enterprise.usage import SqliteLedgerTable
from decision_gate.enterprise.usage.charge_body import charge_rider
from decision_gate.enterprise.usage.cli import quota, usage
from decision_gate.mcp.cli import configuration
from decision_gate.mcp.hooks.usage_meter import Charge, Metric
from decision_gate.mcp.opening.built_in import BUILT_IN
from decision_gate.mcp.plugins import Offer, Offers
from decision_gate.mcp.stores.sqlite import SqliteRunStore, SqliteSettings, open_database
from decision_gate.mcp.testing.usage_meters import metered_call

CONFIG = """
[run_state_store]
type = "sqlite"
path = "gate.db"
[usage_meter]
type = "ledger"
path = "gate.db"
[audit_sink]
type = "hash_chain"
log_path = "requests.log"
"""
REFERENCES = {
    "decision_gate.audit_sinks": ("hash_chain", "decision_gate.enterprise.audit:open_hash_chain"),
    "decision_gate.usage_meters": ("ledger", "decision_gate.enterprise.usage:open_ledger"),
}
CHARGE = "7/tool_calls/one"


def offers(plugins):
    """Return the look-up of plug-ins with the entry points of sink and meter, installed or not."""

    def installed(group):
        if group not in REFERENCES:
            return ()
        name, reference = REFERENCES[group]
        distribution = "decision-gate-enterprise"
        return (Offer(group=group, name=name, reference=reference, distribution=distribution, version="0.1.0"),)

    return Offers(plugins, built_in=BUILT_IN, installed=installed)


@pytest.fixture
def deployment(tmp_path):
    """A deployment in which tenant 7 was billed five calls at once."""
    folder = tmp_path / "gate"
    folder.mkdir()
    (folder / "decision-gate.toml").write_text(CONFIG, encoding="utf-8")
    charge = Charge(metric=Metric.TOOL_CALLS, units=5, operation="one")
    settings = SqliteSettings(path=folder / "gate.db")
    with open_database(settings, rider_tables=[SqliteLedgerTable()], now_ms=now_ms) as database:
        SqliteRunStore(database).record([charge_rider(metered_call(charge, tenant_id=7), 7, charge)])
    return folder


@pytest.fixture
def run(deployment, monkeypatch):
    """Run a command beside the deployment."""
    monkeypatch.chdir(deployment.parent)
    monkeypatch.setattr(configuration, "offers_of", offers)

    def command(group, *arguments, exits=0):
        done = CliRunner().invoke(group, [str(each) for each in arguments])
        assert done.exit_code == exits, done.output
        return done.output

    return command


def test_quotas_are_set_for_tenant_namespace_and_everybody_and_shown(run, deployment):
    run(quota, "set", "--dir", "gate", "--tenant", 7, "--metric", "runs_started", "--units", 3)
    run(quota, "set", "--dir", "gate", "--tenant", 7, "--namespace", 12, "--metric", "tool_calls", "--period", "day")
    run(quota, "set", "--dir", "gate", "--metric", "tool_calls", "--units", 0, "--period", "total")

    own = json.loads(run(quota, "show", "--dir", "gate", "--tenant", 7, "--json"))
    everybody = run(quota, "show", "--dir", "gate")

    named = {"tenant_id": "7", "namespace_id": None}
    assert own == {
        "items": [
            named | {"metric": "runs_started", "period": "month", "units": 3},
            named | {"namespace_id": "12", "metric": "tool_calls", "period": "day", "units": None},
        ]
    }
    assert everybody.splitlines() == [
        "tenant_id  metric      period  units",
        "every      tool_calls  total   0",
    ]
    assert (deployment / "requests.log").read_text(encoding="utf-8").count('"action":"quota.set"') == 3


def test_a_namespace_without_its_tenant_is_a_mistake(run):
    told = run(quota, "set", "--dir", "gate", "--namespace", 7, "--metric", "tool_calls", exits=2)

    assert "add --tenant" in told


def test_usage_is_shown_by_metric_and_period(run):
    told = json.loads(run(usage, "show", "--dir", "gate", "--tenant", 7, "--json"))

    used = {"metric": "tool_calls", "period": "2025-10", "used": 5}
    assert told == {"items": [{"namespace_id": None} | used, {"namespace_id": "12"} | used]}
    assert run(usage, "show", "--dir", "gate", "--tenant", 8) == "nothing\n"


def test_an_export_is_verified_elsewhere_and_a_change_is_named(run, deployment):
    assert run(usage, "export", "out", "--dir", "gate", "--tenant", 7, "--from", "2025-10-01") == "1 rows\n"
    assert run(usage, "verify", "out") == "1 rows, as the manifest says\n"

    rows = deployment.parent / "out" / "usage.jsonl"
    rows.write_bytes(rows.read_bytes().replace(b'"units":5', b'"units":4'))

    assert "is not what manifest.json says" in run(usage, "verify", "out", exits=1)
    assert run(usage, "export", "none", "--dir", "gate", "--tenant", 7, "--to", "2025-10-01") == "0 rows\n"


def test_a_correction_is_made_once_and_the_books_agree_after_it(run):
    case = ("--charge", CHARGE, "--units", 2, "--id", "case-1", "--reason", "outage")
    correction = ("correct", "--dir", "gate", "--tenant", 7, "--metric", "tool_calls", *case)

    assert run(usage, *correction) == "corrected\n"
    assert run(usage, *correction) == "was corrected before\n"

    assert json.loads(run(usage, "show", "--dir", "gate", "--tenant", 7, "--json"))["items"][0]["used"] == 3
    assert run(usage, "reconcile", "--dir", "gate") == "ledger, counters and stores agree\n"


def test_what_differs_is_named_and_fails_the_command(run, deployment):
    with open_database(SqliteSettings(path=deployment / "gate.db"), now_ms=now_ms) as database:
        database.write(lambda connection: connection.execute("UPDATE usage_counters SET used = 4").close())

    assert run(usage, "reconcile", "--dir", "gate", exits=1) == "tenant 7  tool_calls 2025-10: 5 billed, 4 counted\n"
    assert json.loads(run(usage, "reconcile", "--dir", "gate", "--json", exits=1))["agrees"] is False


def test_a_deployment_without_a_ledger_says_what_to_set(run, deployment):
    (deployment / "decision-gate.toml").write_text("", encoding="utf-8")

    assert 'set [usage_meter] type = "ledger"' in run(usage, "reconcile", "--dir", "gate", exits=1)
