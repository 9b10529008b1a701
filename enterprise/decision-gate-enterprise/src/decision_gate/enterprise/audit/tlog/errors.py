"""What can be wrong with a log, a note or a proof."""

from decision_gate.core.errors import CallerError, ConfigurationError, StoreError


class LogFormatError(CallerError):
    """A note, checkpoint, key or proof file is not written as its format says."""

    code = "log_format"


class UntrustedNoteError(CallerError):
    """A note bears no good signature of a key that the reader trusts, or a bad one."""

    code = "untrusted_note"


class ProofError(CallerError):
    """A proof does not show what it claims to show."""

    code = "log_proof"


class EntrySizeError(CallerError):
    """An entry does not fit into the tiles, whose lengths have 16 bits."""

    code = "log_entry_size"

    def __init__(self, actual: int, limit: int) -> None:
        super().__init__(f"a log entry of {actual} bytes is over the limit of {limit}")
        self.actual = actual
        self.limit = limit


class SigningKeyError(ConfigurationError):
    """The key that shall sign checkpoints is not an Ed25519 private key in PEM."""

    code = "log_signing_key"


class TileMissingError(StoreError):
    """A tile of a log is not there, or too short for the size that the log claims."""

    code = "log_tile_missing"

    def __init__(self, level: int, number: int) -> None:
        super().__init__(f"tile {number} of level {level} is missing or too short")
        self.level = level
        self.number = number
