"""Why a run pack cannot be made, or cannot even be looked at."""

from decision_gate.core.errors import CallerError


class SpecHashMismatchError(CallerError):
    """The scenario is not the one that the run was started with (contract §8.1 point 1)."""

    code = "spec_hash_mismatch"

    def __init__(self) -> None:
        super().__init__("hashing error: run state spec hash mismatch")


class InvalidManifestError(CallerError):
    """A manifest is no manifest, so there is nothing to verify; ``reason`` says where (contract §8.2)."""

    code = "invalid_manifest"

    def __init__(self, reason: str) -> None:
        super().__init__("invalid manifest")
        self.reason = reason


class InvalidArrayError(CallerError):
    """An artifact is not one array of objects without spaces between them."""

    code = "invalid_array"

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(f"{reason} at byte {offset}")
        self.reason = reason
        self.offset = offset


class InvalidAttestationError(CallerError):
    """An attestation cannot be read; ``reason`` holds nothing of its payload."""

    code = "invalid_attestation"

    def __init__(self, reason: str) -> None:
        super().__init__(f"invalid attestation: {reason}")
        self.reason = reason
