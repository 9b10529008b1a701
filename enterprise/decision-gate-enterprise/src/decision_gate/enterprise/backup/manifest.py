"""The manifest of a backup: what every file and every block of rows hashed to when it was made."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import attrs

from decision_gate.core.codec import DecodeError, decode, encode
from decision_gate.core.integers import IntRange
from decision_gate.core.json import JsonParseError, canonical, parse
from decision_gate.enterprise.backup.errors import BackupFormatError

MANIFEST_NAME: Final = "backup.json"
FORMAT: Final = "decision-gate-backup/1"
MAX_MANIFEST_BYTES: Final = 256 * 2**20
Count = Annotated[int, IntRange("count", 0, 2**53 - 1)]


@attrs.frozen(kw_only=True)
class FileEntry:
    """One file: its path below the backup, its size, its SHA-256 in hexadecimal."""

    path: str
    size: Count
    sha256: str


@attrs.frozen(kw_only=True)
class TableEntry:
    """One table of the database: how many rows, and the SHA-256 of each block of ``ROWS_OF_BLOCK`` of them."""

    rows: Count
    blocks: tuple[str, ...]


@attrs.frozen(kw_only=True)
class Manifest:
    """What was backed up, and when, in Unix milliseconds.

    ``config``, ``database``, ``trees``, ``runpacks`` and ``snapshots`` are paths below the backup. ``origin`` and
    ``log_keys`` (Ed25519, hexadecimal) are what the audit log is verified with: no private key is needed for it.
    ``sha256`` is that of all the rest, so that a flipped byte of the manifest is seen wherever it is; against whoever
    can write the backup it is no help, the signed checkpoints are.
    """

    format: str
    created_at: Count
    config: str
    database: str
    trees: tuple[str, ...]
    runpacks: tuple[str, ...]
    snapshots: str | None
    origin: str | None
    log_keys: tuple[str, ...]
    files: tuple[FileEntry, ...]
    tables: dict[str, TableEntry]
    sha256: str = ""

    def sealed(self) -> "Manifest":
        """Return it with the hash of itself."""
        bare = attrs.evolve(self, sha256="")
        return attrs.evolve(bare, sha256=hashlib.sha256(bare.encoded()).hexdigest())

    def entries(self) -> Mapping[str, FileEntry]:
        """Return the files by path."""
        return {entry.path: entry for entry in self.files}

    def encoded(self) -> bytes:
        """Return it as canonical JSON."""
        return canonical(encode(self))


def read_manifest(backup: Path) -> Manifest:
    """Return the manifest of a backup.

    Raises:
        BackupFormatError: There is none, it is of another format, or damaged.
    """
    path = backup / MANIFEST_NAME
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_MANIFEST_BYTES + 1)
    except OSError as error:
        raise BackupFormatError(f"{path}: {error.strerror or 'cannot be read'}") from error
    try:
        manifest = decode(Manifest, parse(raw[:MAX_MANIFEST_BYTES]))
    except (JsonParseError, DecodeError) as error:
        raise BackupFormatError(f"{path}: {error}") from error
    if manifest.format != FORMAT or manifest.encoded() != raw or manifest.sealed() != manifest:
        raise BackupFormatError(f"{path}: not written by this command, or changed since")
    return manifest
