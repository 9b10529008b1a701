"""What can be wrong with the audit log as a whole."""

from decision_gate.core.errors import CallerError, ConfigurationError, StoreError


class LogTamperedError(StoreError):
    """The log in the database is not the one that was signed; nothing more is signed on top of it."""

    code = "audit_log_tampered"

    def __init__(self, origin: str, problem: str) -> None:
        super().__init__(f"{origin}: {problem}")
        self.origin = origin
        self.problem = problem


class SnapshotTakenError(StoreError):
    """A snapshot of this log and size is there already, and is another one: the log has forked."""

    code = "audit_snapshot_taken"

    def __init__(self, origin: str, size: int) -> None:
        super().__init__(f"{origin}: another log of {size} entries was kept before")
        self.origin = origin
        self.size = size


class LeafMissingError(CallerError):
    """The audit log has no such entry."""

    code = "audit_leaf_missing"


class ExportFormatError(CallerError):
    """A folder is no export of an audit log."""

    code = "audit_export_format"


class SequencingSettingsError(ConfigurationError):
    """The sink lacks something that signing a log takes."""

    code = "audit_sequencing_settings"
