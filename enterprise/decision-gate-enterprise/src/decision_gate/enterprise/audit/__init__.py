"""Audit that cannot be changed unnoticed: leaves chained by hashes, written with what they tell of."""

from decision_gate.enterprise.audit.leaf import DEPLOYMENT, FIRST, ChainState, Leaf, leaf_hash, verify_leaves
from decision_gate.enterprise.audit.log import AuditLog, open_log
from decision_gate.enterprise.audit.postgres_chain import PostgresAuditLog, PostgresChainTable
from decision_gate.enterprise.audit.sink import HashChainSettings, HashChainSink, open_hash_chain
from decision_gate.enterprise.audit.sqlite_chain import SqliteAuditLog, SqliteChainTable

__all__ = [
    "DEPLOYMENT",
    "FIRST",
    "AuditLog",
    "ChainState",
    "HashChainSettings",
    "HashChainSink",
    "Leaf",
    "PostgresAuditLog",
    "PostgresChainTable",
    "SqliteAuditLog",
    "SqliteChainTable",
    "leaf_hash",
    "open_hash_chain",
    "open_log",
    "verify_leaves",
]
