"""Transparency logs in open formats: RFC 6962 trees, and C2SP tiles, signed notes, checkpoints and proof files.

Pure: no clock, no database. Nothing here knows what an entry means.
"""

from decision_gate.enterprise.audit.tlog.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from decision_gate.enterprise.audit.tlog.errors import (
    EntrySizeError,
    LogFormatError,
    ProofError,
    SigningKeyError,
    TileMissingError,
    UntrustedNoteError,
)
from decision_gate.enterprise.audit.tlog.merkle import EMPTY_ROOT, leaf_hash, merkle_root, node_hash
from decision_gate.enterprise.audit.tlog.note import LogSigner, LogVerifier, read_public_key, read_signing_key
from decision_gate.enterprise.audit.tlog.proof_file import LogProof, prove_entry
from decision_gate.enterprise.audit.tlog.proofs import verify_consistency, verify_inclusion
from decision_gate.enterprise.audit.tlog.ranges import RangeProof, prove_range
from decision_gate.enterprise.audit.tlog.tiles import (
    MAX_ENTRY_BYTES,
    TILE_WIDTH,
    Tile,
    bundle_path,
    encode_bundle,
    tile_path,
)
from decision_gate.enterprise.audit.tlog.tree import Growth, Tree, grow

__all__ = [
    "EMPTY_ROOT",
    "MAX_ENTRY_BYTES",
    "TILE_WIDTH",
    "Checkpoint",
    "EntrySizeError",
    "Growth",
    "LogFormatError",
    "LogProof",
    "LogSigner",
    "LogVerifier",
    "ProofError",
    "RangeProof",
    "SigningKeyError",
    "Tile",
    "TileMissingError",
    "Tree",
    "UntrustedNoteError",
    "bundle_path",
    "encode_bundle",
    "grow",
    "leaf_hash",
    "merkle_root",
    "node_hash",
    "open_checkpoint",
    "prove_entry",
    "prove_range",
    "read_public_key",
    "read_signing_key",
    "sign_checkpoint",
    "tile_path",
    "verify_consistency",
    "verify_inclusion",
]
