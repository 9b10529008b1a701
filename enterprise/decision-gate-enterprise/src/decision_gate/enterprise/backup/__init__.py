"""Copying a deployment while it serves, putting a copy in place elsewhere, and hashing everything again."""

from decision_gate.enterprise.backup.deployment import Deployment, deployment_of
from decision_gate.enterprise.backup.errors import BackupFormatError, NotBackedUpError, UnsoundBackupError
from decision_gate.enterprise.backup.making import make_backup, restore_backup
from decision_gate.enterprise.backup.manifest import MANIFEST_NAME, Manifest, read_manifest
from decision_gate.enterprise.backup.verifying import Examination, Problem, verify_backup, verify_deployment

__all__ = [
    "MANIFEST_NAME",
    "BackupFormatError",
    "Deployment",
    "Examination",
    "Manifest",
    "NotBackedUpError",
    "Problem",
    "UnsoundBackupError",
    "deployment_of",
    "make_backup",
    "read_manifest",
    "restore_backup",
    "verify_backup",
    "verify_deployment",
]
