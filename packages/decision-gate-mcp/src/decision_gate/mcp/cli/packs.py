"""Run packs in folders of the person who runs the command: not confined to any root (deviation X4)."""

from pathlib import Path
from typing import Final

from decision_gate.core.ports import ArtifactError
from decision_gate.core.runpack import MANIFEST_NAME, Inspection, inspect
from decision_gate.mcp.runpacks.directory import DirectoryPack
from decision_gate.mcp.runpacks.folder import open_folder

REFERENCE_MANIFEST_NAME: Final = "runpack.json"
"""How the reference's command line calls the manifest unless told otherwise (contract §3.2)."""

MAX_MANIFEST_BYTES: Final = 16 * 2**20


def manifest_in(folder: Path) -> Path:
    """Return the manifest of the pack in *folder*: ``manifest.json``, else the reference's ``runpack.json``."""
    reference = folder / REFERENCE_MANIFEST_NAME
    ours = folder / MANIFEST_NAME
    return reference if reference.is_file() and not ours.is_file() else ours


def inspect_folder(folder: Path, manifest: Path | None = None) -> Inspection:
    """Verify the pack in *folder*; its manifest may lie elsewhere.

    Raises:
        ArtifactError: There is no pack.
        InvalidManifestError: The manifest is none.
    """
    where = manifest_in(folder) if manifest is None else manifest
    stored = read_manifest_file(where)
    with open_folder(folder) as opened:
        name = where.relative_to(folder).as_posix() if where.is_relative_to(folder) else MANIFEST_NAME
        return inspect(stored, DirectoryPack(opened, name))


def read_manifest_file(path: Path) -> bytes:
    """Return the bytes of a manifest.

    Raises:
        ArtifactError: It cannot be read, or is larger than any manifest.
    """
    try:
        with path.open("rb") as file:
            stored = file.read(MAX_MANIFEST_BYTES + 1)
    except OSError as error:
        raise ArtifactError(f"cannot read the manifest {path}: {error.strerror}") from error
    if len(stored) > MAX_MANIFEST_BYTES:
        raise ArtifactError(
            f"Refusing to read manifest at {path} because it is more than {MAX_MANIFEST_BYTES} bytes "
            f"(limit {MAX_MANIFEST_BYTES})."
        )
    return stored
