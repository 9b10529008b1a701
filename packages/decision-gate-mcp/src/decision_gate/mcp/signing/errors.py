"""What can be wrong with a key file."""

from pathlib import Path

from decision_gate.core.errors import ConfigurationError


class KeyFileError(ConfigurationError):
    """A key file cannot be read, written or used; ``reason`` holds nothing of the key."""

    code = "key_file"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"key file {path}: {reason}")
        self.path = path
        self.reason = reason
