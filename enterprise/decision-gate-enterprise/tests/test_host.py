"""A production server: refuses to start open, and serves through the offers its configuration chooses."""

from contextlib import ExitStack
from pathlib import Path

import attrs
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from decision_gate.core.json import parse
from decision_gate.core.ports import Log, RunKey
from decision_gate.enterprise.audit import (
    DEPLOYMENT,
    AuditStore,
    HashChainSettings,
    LogKeys,
    Sequencer,
    SnapshotFolder,
    examine,
    open_audit_store,
    prove,
    prove_run,
    tenant_log,
)
from decision_gate.enterprise.host import open_server
from decision_gate.enterprise.testing.offers import offers_of_project
from decision_gate.enterprise.testing.tenancy import admit
from decision_gate.enterprise.usage import Limit, open_books
from decision_gate.mcp.config import parse_config
from decision_gate.mcp.config.secrets import LiteralSecret
from decision_gate.mcp.hooks.usage_meter import Metric
from decision_gate.mcp.testing import RecordingMeter, RecordingSink, RpcError, TestServer

TENANT, STRANGER, NAMESPACE = 2**53 - 1, 8, 12
UNAUTHORIZED = -32003
NOW = {"kind": "unix_millis", "value": 1_760_000_000_000}
AUDIT_KEY = (
    Ed25519PrivateKey.from_private_bytes(b"the key of this deployment's log")
    .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    .decode()
)
AUDIT_KEYS = HashChainSettings(origin="audit.example.org", signing_keys=(LiteralSecret(text=AUDIT_KEY),)).keys()
SCENARIO = {
    "scenario_id": "release",
    "namespace_id": NAMESPACE,
    "default_tenant_id": TENANT,
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


def offers():
    return offers_of_project(Path(__file__).parents[1] / "pyproject.toml")


def configuration(toml):
    return parse_config(toml.encode(), lambda _: offers().settings_of)


def production(place, tmp_path):
    """Return the configuration of a production server on a database."""
    if place.engine == "postgres":
        where, store = 'dsn = { env = "DG_TEST_DSN" }', "postgres"
    else:
        where, store = f'path = "{place.settings.path}"', "sqlite"
    (tmp_path / "audit.pem").write_text(AUDIT_KEY, encoding="utf-8")
    return configuration(f"""
        [run_state_store]
        type = "{store}"
        {where}
        [schema_registry]
        type = "{store}"
        {where}
        [time]
        source = "server"
        [runpacks]
        per_tenant = true
        [tenant_authorizer]
        type = "grants"
        {where}
        [usage_meter]
        type = "ledger"
        {where}
        [audit_sink]
        type = "hash_chain"
        log_path = "{tmp_path}/requests.log"
        {where}
        origin = "audit.example.org"
        signing_keys = [{{ file = "{tmp_path}/audit.pem" }}]
        snapshots = "{tmp_path}/snapshots"
        [[providers]]
        name = "time"
        type = "builtin"
    """)


@pytest.fixture
def server(place, tmp_path, monkeypatch):
    """A production server whose local caller may act in one tenant."""
    if place.engine == "postgres":
        monkeypatch.setenv("DG_TEST_DSN", place.settings.dsn.text)
    with ExitStack() as stack:
        admit(place.settings, "loopback", [TENANT])
        host = stack.enter_context(open_server(production(place, tmp_path), offers=offers()))
        yield TestServer(host=host, clock=host.clock, sink=RecordingSink(), meter=RecordingMeter())


@pytest.fixture
def books(place):
    with open_books(place.settings) as opened:
        yield opened


@pytest.fixture
def audit(place):
    """The audit log of the server; reading its events gives those that still wait their places first."""
    with open_audit_store(place.settings) as opened:
        yield Audited(store=opened)


@attrs.frozen(kw_only=True)
class Audited:
    """An audit log, whose keys are those of ``production``."""

    store: AuditStore
    keys: LogKeys = AUDIT_KEYS

    def events(self, tenant_id):
        """Return the events of a log whose every entry is proved."""
        Sequencer(self.store, self.keys).run()
        assert all(report.is_sound for report in examine(self.store, self.keys.names))
        log = tenant_log(tenant_id)
        leaves = list(self.store.leaves(log))
        for leaf in leaves:
            prove(self.store, log, leaf.index).verify(self.keys.names.verifiers(log))
        return [parse(leaf.body) for leaf in leaves]


def start(server, run_id, tenant_id=TENANT):
    config = {
        "tenant_id": tenant_id,
        "namespace_id": NAMESPACE,
        "run_id": run_id,
        "scenario_id": "release",
        "dispatch_targets": [],
        "policy_tags": [],
    }
    arguments = {"scenario_id": "release", "run_config": config, "started_at": NOW, "issue_entry_packets": False}
    return server.call("scenario_start", arguments)


def advance(server, run_id):
    request = {
        "run_id": run_id,
        "tenant_id": TENANT,
        "namespace_id": NAMESPACE,
        "trigger_id": "t-1",
        "agent_id": "agent",
        "time": NOW,
        "correlation_id": None,
    }
    return server.call("scenario_next", {"scenario_id": "release", "request": request})


def used(books):
    return {metric.value: books.standing(TENANT, metric, 0).used for metric in Metric}


def test_run_is_decided_billed_and_audited_in_the_database_of_the_runs(server, books, audit):
    server.call("scenario_define", {"spec": SCENARIO})
    start(server, "run-1")
    decided = advance(server, "run-1")
    again = advance(server, "run-1")

    assert decided == again
    assert decided["status"] == "completed"
    billed = {}
    for entry in books.entries(TENANT):
        billed[entry.metric.value] = billed.get(entry.metric.value, 0) + entry.units
    stored = billed.pop("storage_bytes")
    assert billed == {"tool_calls": 4, "runs_started": 1, "evidence_queries": 1}
    stores = server.host.stores
    run = sum(len(body) for log in Log for body in stores.runs.read(RunKey(TENANT, NAMESPACE, "run-1"), log))
    (defined,) = stores.scenarios.scenarios(TENANT, NAMESPACE, None, 10).items
    assert stored == run + len(defined.body)
    events = audit.events(TENANT)
    assert [event["event"] for event in events][:3] == ["scenario_defined", "run_commit", "run_commit"]
    head = server.host.stores.runs.head(RunKey(TENANT, NAMESPACE, "run-1"))
    assert [event["digest"] for event in events if event["event"] == "run_commit"][-1] == head.digest
    proof = prove_run(audit.store, RunKey(TENANT, NAMESPACE, "run-1"))
    proof.verify(audit.keys.names.verifiers(tenant_log(TENANT)))
    assert parse(proof.entry)["run"] == {
        "digest": head.digest,
        "namespace_id": str(NAMESPACE),
        "run_id": "run-1",
        "version": head.version,
    }


def test_tenant_without_a_grant_is_refused_and_only_the_deployment_hears_of_it(server, audit):
    with pytest.raises(RpcError) as refused:
        start(server, "run-1", tenant_id=STRANGER)

    assert (refused.value.status, refused.value.code, refused.value.message) == (403, -32003, "unauthorized")
    (denial,) = audit.events(DEPLOYMENT)
    assert audit.events(STRANGER) == []
    assert (denial["event"], denial["tenant_id"], denial["reason"]) == (
        "tenant_authz",
        str(STRANGER),
        "tenant_scope_denied",
    )


def test_every_denial_has_an_entry_with_a_valid_proof(server, audit):
    calls = (
        lambda: start(server, "run-1", tenant_id=STRANGER),
        lambda: start(server, "run-1", tenant_id=STRANGER),
        lambda: start(server, "run-2", tenant_id=STRANGER + 1),
        lambda: server.call("scenario_define", {"spec": {**SCENARIO, "default_tenant_id": STRANGER}}),
        lambda: server.call("scenarios_list", {"tenant_id": STRANGER, "namespace_id": NAMESPACE}),
    )
    for call in calls:
        with pytest.raises(RpcError) as refused:
            call()
        assert refused.value.code == UNAUTHORIZED

    denials = [event for tenant in (DEPLOYMENT, TENANT) for event in audit.events(tenant)]

    assert [event["event"] for event in denials] == ["tenant_authz"] * len(calls)


def test_server_that_ends_gives_every_event_its_place_and_keeps_a_snapshot(place, tmp_path, monkeypatch):
    if place.engine == "postgres":
        monkeypatch.setenv("DG_TEST_DSN", place.settings.dsn.text)
    with ExitStack() as stack:
        admit(place.settings, "loopback", [TENANT])
        host = stack.enter_context(open_server(production(place, tmp_path), offers=offers()))
        server = TestServer(host=host, clock=host.clock, sink=RecordingSink(), meter=RecordingMeter())
        server.call("scenario_define", {"spec": SCENARIO})

    with open_audit_store(place.settings) as store:
        assert store.waiting_count() == 0
        size = store.head(tenant_log(TENANT)).size
    kept = SnapshotFolder(tmp_path / "snapshots")
    assert kept.sizes(f"audit.example.org/t/{TENANT}")[-1] == size > 0


def test_exhausted_quota_refuses_the_start_of_a_run_and_bills_nothing(server, books):
    server.call("scenario_define", {"spec": SCENARIO})
    before = list(books.entries(TENANT))
    books.set_limit(TENANT, Metric.RUNS_STARTED, Limit(units=0))

    with pytest.raises(RpcError) as refused:
        start(server, "run-1")

    assert (refused.value.status, refused.value.code) == (403, -32003)
    assert list(books.entries(TENANT)) == before
    assert server.host.stores.runs.head(RunKey(TENANT, NAMESPACE, "run-1")) is None


def test_quota_that_runs_out_after_admission_refuses_with_the_commit(server, books):
    """The evidence of a step is not known before it: its quota is judged when the step is committed."""
    server.call("scenario_define", {"spec": SCENARIO})
    start(server, "run-1")
    books.set_limit(TENANT, Metric.EVIDENCE_QUERIES, Limit(units=0))

    with pytest.raises(RpcError) as refused:
        advance(server, "run-1")

    runs = server.host.stores.runs
    assert refused.value.status == 403
    assert list(runs.read(RunKey(TENANT, NAMESPACE, "run-1"), Log.DECISIONS)) == []
