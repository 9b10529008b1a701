"""Proofs that an event is in the log: one file that is checked without the log, without us and without a network."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from decision_gate.core.json import JsonParseError, JsonValue, parse
from decision_gate.core.model import RunpackManifest
from decision_gate.core.ports import RunKey
from decision_gate.enterprise.audit.errors import LeafMissingError
from decision_gate.enterprise.audit.leaf import ROOT_HASH, run_subject
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
    for leaf in store.about(log, run_subject(key.namespace_id, key.run_id), last=_SEARCHED):
        members = _members(leaf)
        # An export is about the run too, and changed nothing.
        if ROOT_HASH not in members and (version is None or _version(members) == version):
            return prove(store, log, leaf.index)
    what = f"run {key.run_id}" if version is None else f"version {version} of run {key.run_id}"
    raise LeafMissingError(f"{what} has no entry in the audit log yet")


def prove_pack(store: AuditStore, manifest: RunpackManifest) -> LogProof:
    """Return the proof that the run pack of *manifest*, and no other one, was exported here.

    Raises:
        LeafMissingError: Its root hash is not among the last thousand entries about its run that have a place.
    """
    log, root_hash = tenant_log(manifest.tenant_id), manifest.integrity.root_hash.value
    for leaf in store.about(log, run_subject(manifest.namespace_id, manifest.run_id), last=_SEARCHED):
        if _members(leaf).get(ROOT_HASH) == root_hash:
            return prove(store, log, leaf.index)
    raise LeafMissingError(f"the run pack {root_hash} of run {manifest.run_id} has no entry in the audit log yet")


def proved_root_hash(proof: LogProof) -> str | None:
    """Return the root hash of the run pack that a proof is about, none when it is about something else."""
    value = _entry_members(proof.entry).get(ROOT_HASH)
    return value if isinstance(value, str) else None


def put_beside(proof: LogProof, pack: Path) -> Path:
    """Write a proof into the folder of a run pack and return its path."""
    path = pack / PACK_PROOF_NAME
    path.write_text(proof.text(), encoding="utf-8", newline="\n")
    return path


def _members(leaf: StoredLeaf) -> Mapping[str, JsonValue]:
    return _entry_members(leaf.entry)


def _entry_members(entry: bytes) -> Mapping[str, JsonValue]:
    try:
        members = parse(entry)
    except JsonParseError:
        return {}
    return members if isinstance(members, dict) else {}


def _version(members: Mapping[str, JsonValue]) -> JsonValue:
    run = members.get("run")
    return run.get("version") if isinstance(run, dict) else None
