"""Where the files of a run pack go and come from, streamed."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from decision_gate.core.errors import StoreError


class ArtifactError(StoreError):
    """An artifact could not be read or written (contract §8.2)."""

    code = "artifact"

    def __init__(self, reason: str) -> None:
        super().__init__(f"artifact error: {reason}")
        self.reason = reason


class ArtifactTooLargeError(StoreError):
    """An artifact is larger than its reader accepts."""

    code = "artifact_too_large"

    def __init__(self, path: str, actual_bytes: int, max_bytes: int) -> None:
        super().__init__(f"artifact too large: {path} ({actual_bytes} > {max_bytes})")
        self.path = path
        self.actual_bytes = actual_bytes
        self.max_bytes = max_bytes


class ArtifactSink(Protocol):
    """Takes the files of one run pack."""

    def write(self, path: str, chunks: Iterable[bytes], *, content_type: str) -> None:
        """Write one file; *path* is relative with ``/``, for example ``artifacts/triggers.json``.

        Raises:
            ArtifactError: The file could not be written.
        """
        ...

    def finalize(self, manifest: bytes) -> None:
        """Write the manifest last and make the pack visible; twice when the pack holds a verifier report.

        When the pack replaces another, a report of the other that was not written again must not remain.

        Raises:
            ArtifactError: The pack could not be completed.
        """
        ...


class ArtifactReader(Protocol):
    """Gives the files of one run pack."""

    def paths(self) -> frozenset[str]:
        """Return the relative path of every file below ``artifacts/``.

        Raises:
            ArtifactError: The pack cannot be listed.
        """
        ...

    def chunks(self, path: str) -> Iterator[bytes]:
        """Yield the bytes of one file.

        Raises:
            ArtifactError: The file is missing, lies outside the pack, or cannot be read.
        """
        ...
