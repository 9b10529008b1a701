"""An audit log on each engine, filled by commits and by hand."""

import sqlite3
from contextlib import ExitStack, closing

import attrs
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from decision_gate.core.json import canonical
from decision_gate.core.model import HashAlgorithm, HashDigest, RunpackIntegrity, RunpackManifest, VerifierMode
from decision_gate.core.ports import RunStore
from decision_gate.core.timestamps import UnixMillis
from decision_gate.enterprise.audit import (
    AuditStore,
    EventClass,
    LogKeys,
    Sealer,
    Sequencer,
    Told,
    examine,
    leaf_rider,
    open_audit_store,
    tenant_log,
)
from decision_gate.enterprise.audit.postgres_store import PostgresOutboxTable
from decision_gate.enterprise.audit.sqlite_store import SqliteOutboxTable

KEYS = LogKeys(
    deployment="audit.example.org", keys=(Ed25519PrivateKey.from_private_bytes(b"the key of the test deployment.."),)
)
SEALER = Sealer(b"secret")
TENANT = 2**53 - 1
TABLES = {"sqlite": SqliteOutboxTable, "postgres": PostgresOutboxTable}


@attrs.frozen(kw_only=True)
class Audit:
    """A store of runs whose commits are audited, and the log."""

    runs: RunStore
    store: AuditStore
    keys: LogKeys = KEYS
    sealer: Sealer = SEALER

    @property
    def names(self):
        return self.keys.names

    def leaf(self, text, tenant_id=TENANT, at_ms=1, event_class=EventClass.CALL, run=None):
        told = Told(event="probe", event_class=event_class, tenant_id=tenant_id, at_ms=at_ms, run=run)
        return self.sealer.seal(told, canonical({"text": text}))

    def rider(self, text, tenant_id=TENANT, **told):
        return leaf_rider(self.leaf(text, tenant_id, **told))

    def tell(self, *texts, tenant_id=TENANT, **told):
        """Put events into the outbox."""
        self.runs.record([self.rider(text, tenant_id, **told) for text in texts])

    def sequence(self):
        return Sequencer(self.store, self.keys).run()

    def bodies(self, tenant_id=TENANT):
        return [leaf.body for leaf in self.store.leaves(tenant_log(tenant_id))]

    def findings(self, kept=None):
        return [str(found) for report in examine(self.store, self.names, kept) for found in report.findings]


@pytest.fixture
def pack_manifest():
    """Return a maker of manifests of run packs of run-1 of tenant 7, by their root hash."""

    def made(root_hash):
        return RunpackManifest(
            manifest_version="v1",
            generated_at=UnixMillis(value=1),
            scenario_id="scenario",
            tenant_id=7,
            namespace_id=12,
            run_id="run-1",
            spec_hash=HashDigest(value="00" * 32),
            hash_algorithm=HashAlgorithm.SHA256,
            verifier_mode=VerifierMode.OFFLINE_STRICT,
            integrity=RunpackIntegrity(file_hashes=(), root_hash=HashDigest(value=root_hash)),
            artifacts=(),
        )

    return made


@pytest.fixture
def execute(place):
    """Change the database by hand, as somebody with all rights could: ``?`` stands for a parameter on both engines."""

    def run(statement, *parameters):
        if place.engine == "postgres":
            with psycopg.connect(place.settings.dsn.text, autocommit=True) as connection:
                statement = statement.replace("?", "%b").replace("audit_", "decision_gate.audit_")
                return connection.execute(statement, parameters, binary=True).rowcount
        with closing(sqlite3.connect(place.settings.path)) as connection, connection:
            return connection.execute(statement, parameters).rowcount

    return run


@pytest.fixture
def audit(place):
    with ExitStack() as stack:
        store = stack.enter_context(open_audit_store(place.settings))
        runs = stack.enter_context(place.runs([TABLES[place.engine]()]))
        yield Audit(runs=runs, store=store)
