"""A run pack in a folder: the sink and the reader of contract §9.3."""

from collections.abc import Iterable, Iterator

from decision_gate.core.ports import ArtifactError
from decision_gate.core.runpack import MANIFEST_NAME
from decision_gate.mcp.runpacks.folder import Folder, relative_parts

ARTIFACTS = "artifacts"


class DirectoryPack:
    """Sink and reader of one pack; ``manifest_name`` is a relative path below the folder."""

    def __init__(self, folder: Folder, manifest_name: str = MANIFEST_NAME) -> None:
        self._folder = folder
        self._manifest_name = manifest_name

    def write(self, path: str, chunks: Iterable[bytes], *, content_type: str) -> None:
        """Write one artifact; a folder has no content types. Raise ``ArtifactError``."""
        del content_type
        self._folder.write(path, chunks)

    def finalize(self, manifest: bytes) -> None:
        """Write the manifest under its name. Raise ``ArtifactError``."""
        self._folder.write(self._manifest_name, (manifest,), what="manifest")

    def paths(self) -> frozenset[str]:
        """Return the path of every file below ``artifacts/``. Raise ``ArtifactError``."""
        return self._folder.paths(ARTIFACTS)

    def chunks(self, path: str) -> Iterator[bytes]:
        """Yield one artifact. Raise ``ArtifactError``."""
        return self._folder.chunks(path)


def check_manifest_name(name: str) -> None:
    """Refuse a manifest name that names no file below the pack. Raise ``ArtifactError`` (contract §9.3)."""
    if not name.strip("/."):
        raise ArtifactError("manifest name missing filename")
    relative_parts(name)
