"""The audit log: what happened, in Merkle logs that nobody can change unnoticed, written with what they tell of."""

from decision_gate.enterprise.audit.chains import compare_chains
from decision_gate.enterprise.audit.damage import Damage, Finding
from decision_gate.enterprise.audit.database import open_audit_store
from decision_gate.enterprise.audit.errors import (
    ExportFormatError,
    LeafMissingError,
    LogTamperedError,
    SequencingSettingsError,
    SnapshotTakenError,
)
from decision_gate.enterprise.audit.examine import LogReport, examine, examine_log, with_findings
from decision_gate.enterprise.audit.export import Exported, export_events, export_tiles
from decision_gate.enterprise.audit.leaf import (
    AUDIT,
    DEPLOYMENT,
    AuditLeaf,
    EventClass,
    Sealer,
    Told,
    leaf_rider,
    run_subject,
)
from decision_gate.enterprise.audit.logs import ROOT, LogKeys, LogNames, tenant_log
from decision_gate.enterprise.audit.postgres_store import PostgresAuditStore, PostgresOutboxTable
from decision_gate.enterprise.audit.proving import PACK_PROOF_NAME, prove, prove_pack, prove_run, put_beside
from decision_gate.enterprise.audit.retention import Retention, forget_due, lift_hold, set_hold
from decision_gate.enterprise.audit.sequencer import Sequencer
from decision_gate.enterprise.audit.sequencing import Pace, Sequencing, sequencing
from decision_gate.enterprise.audit.settings import HashChainSettings, RetentionTable
from decision_gate.enterprise.audit.sink import HashChainSink, open_hash_chain
from decision_gate.enterprise.audit.snapshots import (
    SnapshotFolder,
    SnapshotStore,
    demand_continuation,
    kept_checkpoints,
    publish,
)
from decision_gate.enterprise.audit.sqlite_store import SqliteAuditStore, SqliteOutboxTable
from decision_gate.enterprise.audit.store import AuditStore, Hold, LogHead, StoredLeaf
from decision_gate.enterprise.audit.verify import verify_events

__all__ = [
    "AUDIT",
    "DEPLOYMENT",
    "PACK_PROOF_NAME",
    "ROOT",
    "AuditLeaf",
    "AuditStore",
    "Damage",
    "EventClass",
    "ExportFormatError",
    "Exported",
    "Finding",
    "HashChainSettings",
    "HashChainSink",
    "Hold",
    "LeafMissingError",
    "LogHead",
    "LogKeys",
    "LogNames",
    "LogReport",
    "LogTamperedError",
    "Pace",
    "PostgresAuditStore",
    "PostgresOutboxTable",
    "Retention",
    "RetentionTable",
    "Sealer",
    "Sequencer",
    "Sequencing",
    "SequencingSettingsError",
    "SnapshotFolder",
    "SnapshotStore",
    "SnapshotTakenError",
    "SqliteAuditStore",
    "SqliteOutboxTable",
    "StoredLeaf",
    "Told",
    "compare_chains",
    "demand_continuation",
    "examine",
    "examine_log",
    "export_events",
    "export_tiles",
    "forget_due",
    "kept_checkpoints",
    "leaf_rider",
    "lift_hold",
    "open_audit_store",
    "open_hash_chain",
    "prove",
    "prove_pack",
    "prove_run",
    "publish",
    "put_beside",
    "run_subject",
    "sequencing",
    "set_hold",
    "tenant_log",
    "verify_events",
    "with_findings",
]
