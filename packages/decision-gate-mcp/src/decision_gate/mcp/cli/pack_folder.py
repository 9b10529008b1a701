"""A run pack in a folder of the person who runs the command: not confined to any root (deviation X4)."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from decision_gate.core.ports import ArtifactError
from decision_gate.core.runpack import MANIFEST_NAME, REPORT

REFERENCE_MANIFEST_NAME: Final = "runpack.json"
"""How the reference's command line calls the manifest unless told otherwise (contract §3.2)."""

_ARTIFACTS: Final = "artifacts"
_CHUNK_BYTES: Final = 1 << 20


class PackFolder:
    """Sink and reader of one pack; ``root`` is created when something is written."""

    def __init__(self, root: Path, manifest_name: str = MANIFEST_NAME) -> None:
        self.root = root
        self._manifest_name = manifest_name
        self._written: set[str] = set()

    @property
    def manifest_path(self) -> Path:
        """Where the manifest is."""
        return self.root / self._manifest_name

    def write(self, path: str, chunks: Iterable[bytes], *, content_type: str) -> None:
        """See ``ArtifactSink``; a file appears whole or not at all."""
        del content_type
        self._write(self.root / path, chunks)
        self._written.add(path)

    def finalize(self, manifest: bytes) -> None:
        """See ``ArtifactSink``; the report of an earlier pack is removed."""
        if REPORT.path not in self._written:
            (self.root / REPORT.path).unlink(missing_ok=True)
        self._write(self.manifest_path, (manifest,))

    def manifest(self) -> bytes:
        """Return the manifest file.

        Raises:
            ArtifactError: It cannot be read.
        """
        try:
            return self.manifest_path.read_bytes()
        except OSError as error:
            raise ArtifactError(f"cannot read {self.manifest_path}: {error.strerror}") from error

    def paths(self) -> frozenset[str]:
        """See ``ArtifactReader``."""
        folder = self.root / _ARTIFACTS
        if not folder.is_dir():
            raise ArtifactError(f"{folder} is no folder")
        return frozenset(path.relative_to(self.root).as_posix() for path in folder.rglob("*") if not path.is_dir())

    def chunks(self, path: str) -> Iterator[bytes]:
        """See ``ArtifactReader``; a path that leads out of the pack, by a link too, is refused."""
        try:
            target = (self.root / path).resolve(strict=True)
            if not target.is_relative_to(self.root.resolve()):
                raise ArtifactError(f"{path} lies outside the pack")
            with target.open("rb") as file:
                while chunk := file.read(_CHUNK_BYTES):
                    yield chunk
        except (OSError, ValueError) as error:
            raise ArtifactError(f"cannot read {path}") from error

    def _write(self, target: Path, chunks: Iterable[bytes]) -> None:
        partial = target.with_name(f"{target.name}.partial")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with partial.open("wb") as file:
                for chunk in chunks:
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(target)
        except OSError as error:
            raise ArtifactError(f"cannot write {target}: {error.strerror}") from error
