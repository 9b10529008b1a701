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
from decision_gate.core.runpack.replay import Divergence, ReplayReport, UnreplayableError, replay
from decision_gate.core.runpack.sign import (
    PAYLOAD_TYPE,
    SIGNER_NOT_CHECKED,
    AttestationReport,
    SignatureVerifier,
    Signer,
    check_attestation,
    pae,
    sign_statement,
)
from decision_gate.core.runpack.statement import Verifier, build_statement, run_uri, scenario_uri
from decision_gate.core.runpack.verify import Inspection, inspect, verify

__all__ = [
    "ATTESTATION_NAME",
    "LOGS",
    "MANIFEST_NAME",
    "PAYLOAD_TYPE",
    "REPORT",
    "REQUIRED",
    "SIGNER_NOT_CHECKED",
    "SPEC",
    "Artifact",
    "AttestationReport",
    "Divergence",
    "Export",
    "ExportRequest",
    "Inspection",
    "InvalidAttestationError",
    "InvalidManifestError",
    "LogArtifact",
    "ReplayReport",
    "SignatureVerifier",
    "Signer",
    "SpecHashMismatchError",
    "UnreplayableError",
    "Verifier",
    "build_statement",
    "check_attestation",
    "export",
    "inspect",
    "pae",
    "read_manifest",
    "replay",
    "run_uri",
    "scenario_uri",
    "sign_statement",
    "verify",
]
