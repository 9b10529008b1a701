"""Proofs that an event is in the log: one file that is checked without the log, without us and without a network."""

from pathlib import Path
from typing import Final

from decision_gate.core.json import JsonParseError, JsonValue, parse
from decision_gate.core.ports import RunKey
from decision_gate.enterprise.audit.errors import LeafMissingError
from decision_gate.enterprise.audit.leaf import run_subject
from decision_gate.enterprise.audit.logs import tenant_log
from decision_gate.enterprise.audit.store import AuditStore, StoredLeaf
from decision_gate.enterprise.audit.tlog import LogProof, Tree, prove_entry

PACK_PROOF_NAME: Final = "audit.tlog-proof"
"""Name of the proof in the folder of a run pack; beside the manifest, and no artifact, as the attestation."""

_SEARCHED: Final = 1_000


def prove(store: AuditStore, log: bytes, index: int) -> LogProof:
    """Return the proof of one entry under the newest checkpoint of its log.

    Raises:
        LeafMissingError: There is no such entry yet.
        TileMissingError: The log is damaged.
    """
    head = store.head(log)
    leaf = next(iter(store.leaves(log, index, index + 1)), None) if 0 <= index < head.size else None
    if leaf is None or head.note is None:
        raise LeafMissingError(f"the log has {head.size} entries and none numbered {index}")
    tree = Tree(lambda level, number: store.tile(log, level, number))
    return prove_entry(tree, index, leaf.entry, head.size, head.note)


def prove_run(store: AuditStore, key: RunKey, version: int | None = None) -> LogProof:
    """Return the proof that a commit to a run is in the log: its last one, or the one that made *version*.

    Raises:
        LeafMissingError: It is not among the last thousand of the run that have a place.
    """
    log = tenant_log(key.tenant_id)
    found = store.about(log, run_subject(key.namespace_id, key.run_id), last=1 if version is None else _SEARCHED)
    for leaf in found:
        if version is None or _version(leaf) == version:
            return prove(store, log, leaf.index)
    what = f"run {key.run_id}" if version is None else f"version {version} of run {key.run_id}"
    raise LeafMissingError(f"{what} has no entry in the audit log yet")


def put_beside(proof: LogProof, pack: Path) -> Path:
    """Write a proof into the folder of a run pack and return its path."""
    path = pack / PACK_PROOF_NAME
    path.write_text(proof.text(), encoding="utf-8", newline="\n")
    return path


def _version(leaf: StoredLeaf) -> JsonValue:
    try:
        entry = parse(leaf.entry)
    except JsonParseError:
        return None
    run = entry.get("run") if isinstance(entry, dict) else None
    return run.get("version") if isinstance(run, dict) else None
