"""The files of a run pack in a dictionary: sink and reader in one."""

from collections.abc import Iterable, Iterator

from decision_gate.core.ports import ArtifactError


class MemoryArtifacts:
    """Holds one run pack; for tests, and for callers who hand the files on themselves.

    ``files`` maps paths to content and may be changed at will; ``manifest`` is none until the pack was finished.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.manifest: bytes | None = None

    def write(self, path: str, chunks: Iterable[bytes], *, content_type: str) -> None:  # noqa: ARG002 - of the port
        """Keep one file; an earlier one of the same path is replaced."""
        self.files[path] = b"".join(chunks)

    def finalize(self, manifest: bytes) -> None:
        """Keep the manifest; an earlier one is replaced."""
        self.manifest = manifest

    def paths(self) -> frozenset[str]:
        """Return the paths of all files."""
        return frozenset(self.files)

    def chunks(self, path: str) -> Iterator[bytes]:
        """Yield one file as a whole.

        Raises:
            ArtifactError: There is no such file.
        """
        if path not in self.files:
            raise ArtifactError("unable to read artifact")
        yield self.files[path]
