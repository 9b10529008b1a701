"""What a run pack consists of: seven artifacts, perhaps the verifier's report, and a manifest (contract §8.1)."""

from typing import Any, Final

import attrs

from decision_gate.core.model import (
    ArtifactKind,
    DecisionRecord,
    GateEvalRecord,
    PacketRecord,
    SubmissionRecord,
    ToolCallRecord,
    TriggerRecord,
)
from decision_gate.core.ports import Log

MANIFEST_VERSION: Final = "v1"
"""The only version that is written and read."""

MANIFEST_NAME: Final = "manifest.json"
"""Name of the manifest, unless the exporter chose another."""

ATTESTATION_NAME: Final = "attestation.dsse.json"
"""Name of the signed statement about a pack; it lies beside the manifest and is no artifact, so that a pack with one
has the bytes of a pack without."""

CONTENT_TYPE: Final = "application/json"
"""Content type of every artifact."""

REFERENCE_MAX_ARTIFACT_BYTES: Final = 16_777_216
"""Largest artifact the reference's verifier reads; ours has no cap (contract §11 row 16, deviation S6)."""


@attrs.frozen(kw_only=True)
class Artifact:
    """One file of the layout; its artifact id is its path."""

    path: str
    kind: ArtifactKind


@attrs.frozen(kw_only=True)
class LogArtifact(Artifact):
    """An array of records; ``name`` is how a verifier calls it."""

    log: Log
    record: type[Any]
    name: str


SPEC: Final = Artifact(path="artifacts/scenario_spec.json", kind=ArtifactKind.SCENARIO_SPEC)
TRIGGERS: Final = LogArtifact(
    path="artifacts/triggers.json",
    kind=ArtifactKind.TRIGGER_LOG,
    log=Log.TRIGGERS,
    record=TriggerRecord,
    name="trigger log",
)
GATE_EVALS: Final = LogArtifact(
    path="artifacts/gate_evals.json",
    kind=ArtifactKind.GATE_EVAL_LOG,
    log=Log.GATE_EVALS,
    record=GateEvalRecord,
    name="gate eval log",
)
DECISIONS: Final = LogArtifact(
    path="artifacts/decisions.json",
    kind=ArtifactKind.DECISION_LOG,
    log=Log.DECISIONS,
    record=DecisionRecord,
    name="decision log",
)
PACKETS: Final = LogArtifact(
    path="artifacts/packets.json",
    kind=ArtifactKind.PACKET_LOG,
    log=Log.PACKETS,
    record=PacketRecord,
    name="packet log",
)
SUBMISSIONS: Final = LogArtifact(
    path="artifacts/submissions.json",
    kind=ArtifactKind.SUBMISSION_LOG,
    log=Log.SUBMISSIONS,
    record=SubmissionRecord,
    name="submission log",
)
TOOL_CALLS: Final = LogArtifact(
    path="artifacts/tool_calls.json",
    kind=ArtifactKind.TOOL_TRANSCRIPT,
    log=Log.TOOL_CALLS,
    record=ToolCallRecord,
    name="tool transcript",
)
REPORT: Final = Artifact(path="artifacts/verifier_report.json", kind=ArtifactKind.VERIFIER_REPORT)

LOGS: Final = (TRIGGERS, GATE_EVALS, DECISIONS, PACKETS, SUBMISSIONS, TOOL_CALLS)
"""The logs in the order in which they are written."""

REQUIRED: Final[tuple[Artifact, ...]] = (SPEC, *LOGS)
"""The artifacts of every pack, in the order of its manifest; a report, when there is one, comes last."""
