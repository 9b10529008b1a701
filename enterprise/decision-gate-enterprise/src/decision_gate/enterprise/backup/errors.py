"""Failures of backups."""

from typing import ClassVar

from decision_gate.core.errors import ConfigurationError, StoreError


class NotBackedUpError(ConfigurationError):
    """This deployment cannot be backed up by this command; the message says by which."""

    code: ClassVar[str] = "not_backed_up"


class BackupFormatError(StoreError):
    """A folder is no backup, or its manifest cannot be read."""

    code: ClassVar[str] = "backup_format"


class UnsoundBackupError(StoreError):
    """Something in a backup is not what was backed up; the message names the first thing, and nothing was restored."""

    code: ClassVar[str] = "backup_unsound"
