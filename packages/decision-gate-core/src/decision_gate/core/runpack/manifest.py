"""The manifest of a run pack: built, hashed, read (contract §7.6, §8.1)."""

from collections.abc import Iterable

from decision_gate.core.codec import DecodeError, decode, hash_record
from decision_gate.core.json import JsonParseError, parse
from decision_gate.core.model import (
    ArtifactRecord,
    FileHashEntry,
    HashDigest,
    RunpackIntegrity,
    RunpackManifest,
)
from decision_gate.core.runpack.errors import InvalidManifestError
from decision_gate.core.runpack.layout import CONTENT_TYPE, Artifact


def artifact_record(artifact: Artifact, sha256: str) -> ArtifactRecord:
    """Return the manifest's entry for one written artifact."""
    return ArtifactRecord(
        artifact_id=artifact.path,
        kind=artifact.kind,
        path=artifact.path,
        content_type=CONTENT_TYPE,
        hash=HashDigest(value=sha256),
        required=True,
    )


def integrity(artifacts: Iterable[ArtifactRecord]) -> RunpackIntegrity:
    """Return the hashes of *artifacts* and the hash over them."""
    file_hashes = tuple(FileHashEntry(path=each.path, hash=each.hash) for each in artifacts)
    return RunpackIntegrity(file_hashes=file_hashes, root_hash=root_hash(file_hashes))


def root_hash(file_hashes: tuple[FileHashEntry, ...]) -> HashDigest:
    """Return the hash of the canonical array of *file_hashes*, in their order (contract §7.6)."""
    return hash_record(file_hashes)


def read_manifest(stored: bytes) -> RunpackManifest:
    """Return the manifest that *stored* spells; whether it is canonical is for the verifier to say.

    Raises:
        InvalidManifestError: It is not a manifest.
    """
    try:
        return decode(RunpackManifest, parse(stored))
    except (JsonParseError, DecodeError) as error:
        raise InvalidManifestError(str(error)) from error
