"""The manifest of a run pack and the report of its verifier (contract §3.11)."""

import enum

import attrs

from decision_gate.core.integers import U64
from decision_gate.core.model.evidence import EvidenceAnchorPolicy
from decision_gate.core.model.hash_digest import HashAlgorithm, HashDigest
from decision_gate.core.model.primitives import OMIT_WHEN_NONE, NamespaceId, TenantId
from decision_gate.core.timestamps import Timestamp


class VerifierMode(enum.Enum):
    """How the pack asks to be verified; recorded, without effect."""

    OFFLINE_STRICT = "offline_strict"
    OFFLINE_WITH_FETCH = "offline_with_fetch"


class ArtifactKind(enum.Enum):
    """What an artifact is."""

    SCENARIO_SPEC = "scenario_spec"
    TRIGGER_LOG = "trigger_log"
    GATE_EVAL_LOG = "gate_eval_log"
    DECISION_LOG = "decision_log"
    PACKET_LOG = "packet_log"
    DISPATCH_LOG = "dispatch_log"
    EVIDENCE_LOG = "evidence_log"
    SUBMISSION_LOG = "submission_log"
    TOOL_TRANSCRIPT = "tool_transcript"
    VERIFIER_REPORT = "verifier_report"
    CUSTOM = "custom"


class VerificationStatus(enum.Enum):
    """Outcome of a verification."""

    PASS = "pass"  # noqa: S105 - an outcome, no password
    FAIL = "fail"


@attrs.frozen(kw_only=True)
class RunpackSecurityContext:
    """Under which security posture the pack was made."""

    dev_permissive: bool
    namespace_authority: str


@attrs.frozen(kw_only=True)
class FileHashEntry:
    """A file and its hash."""

    path: str
    hash: HashDigest


@attrs.frozen(kw_only=True)
class RunpackIntegrity:
    """All file hashes and the hash over them."""

    file_hashes: tuple[FileHashEntry, ...]
    root_hash: HashDigest


@attrs.frozen(kw_only=True)
class ArtifactRecord:
    """One artifact; ``artifact_id`` equals ``path``."""

    artifact_id: str
    kind: ArtifactKind
    path: str
    content_type: str | None = None
    hash: HashDigest
    required: bool


@attrs.frozen(kw_only=True)
class RunpackManifest:
    """The table of contents of a run pack."""

    manifest_version: str
    generated_at: Timestamp
    scenario_id: str
    tenant_id: TenantId
    namespace_id: NamespaceId
    run_id: str
    spec_hash: HashDigest
    hash_algorithm: HashAlgorithm
    verifier_mode: VerifierMode
    anchor_policy: EvidenceAnchorPolicy | None = attrs.field(default=None, metadata=OMIT_WHEN_NONE)
    security: RunpackSecurityContext | None = attrs.field(default=None, metadata=OMIT_WHEN_NONE)
    integrity: RunpackIntegrity
    artifacts: tuple[ArtifactRecord, ...]


@attrs.frozen(kw_only=True)
class VerificationReport:
    """What a verification found."""

    status: VerificationStatus
    checked_files: U64
    errors: tuple[str, ...]
