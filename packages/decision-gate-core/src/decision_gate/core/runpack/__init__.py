"""Run packs: the record of a run as files that anyone can check offline (contract §8)."""

from decision_gate.core.runpack.errors import (
    InvalidAttestationError,
    InvalidManifestError,
    SpecHashMismatchError,
)
from decision_gate.core.runpack.export import Export, ExportRequest, export
from decision_gate.core.runpack.layout import (
    ATTESTATION_NAME,
    LOGS,
    MANIFEST_NAME,
    REPORT,
    REQUIRED,
    SPEC,
    Artifact,
    LogArtifact,
)
from decision_gate.core.runpack.manifest import read_manifest
from decision_gate.core.runpack.verify import Inspection, inspect, verify

__all__ = [
    "ATTESTATION_NAME",
    "LOGS",
    "MANIFEST_NAME",
    "REPORT",
    "REQUIRED",
    "SPEC",
    "Artifact",
    "Export",
    "ExportRequest",
    "Inspection",
    "InvalidAttestationError",
    "InvalidManifestError",
    "LogArtifact",
    "SpecHashMismatchError",
    "export",
    "inspect",
    "read_manifest",
    "verify",
]
