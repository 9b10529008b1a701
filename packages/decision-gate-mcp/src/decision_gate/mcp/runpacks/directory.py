"""A run pack in a folder: the sink and the reader of contract §9.3."""

from collections.abc import Iterable, Iterator

from decision_gate.core.ports import ArtifactError
from decision_gate.core.runpack import MANIFEST_NAME, REPORT, REQUIRED
from decision_gate.mcp.runpacks.folder import Folder, relative_parts

ARTIFACTS = "artifacts"


class DirectoryPack:
    """Sink and reader of one pack; ``manifest_name`` is a relative path below the folder.

    Each file appears whole or not at all, the manifest last, everything on the disk before ``finalize`` returns. While
    an earlier pack is replaced, a crash leaves its manifest beside new artifacts, which no verifier accepts.
    """

    def __init__(self, folder: Folder, manifest_name: str = MANIFEST_NAME) -> None:
        self._folder = folder
        self._manifest_name = manifest_name
        self._written: set[str] = set()

    def write(self, path: str, chunks: Iterable[bytes], *, content_type: str) -> None:
        """Write one artifact; a folder has no content types. Raise ``ArtifactError``."""
        del content_type
        self._folder.write(path, chunks)
        self._written.add(path)

    def finalize(self, manifest: bytes) -> None:
        """Write the manifest under its name, and remove the report of an earlier pack. Raise ``ArtifactError``."""
        if REPORT.path not in self._written:
            self._folder.remove(REPORT.path)
        self._folder.write(self._manifest_name, (manifest,), what="manifest")

    def paths(self) -> frozenset[str]:
        """Return the path of every file below ``artifacts/`` but the manifest. Raise ``ArtifactError``."""
        return self._folder.paths(ARTIFACTS) - {"/".join(relative_parts(self._manifest_name))}

    def chunks(self, path: str) -> Iterator[bytes]:
        """Yield one artifact. Raise ``ArtifactError``."""
        return self._folder.chunks(path)


def check_manifest_name(name: str) -> None:
    """Refuse a manifest name that names no file below the pack, or an artifact of it (contract §9.3).

    Raises:
        ArtifactError: The name is refused.
    """
    if not name.strip("/."):
        raise ArtifactError("manifest name missing filename")
    if "/".join(relative_parts(name)) in {artifact.path for artifact in (*REQUIRED, REPORT)}:
        raise ArtifactError("manifest name is that of an artifact")
