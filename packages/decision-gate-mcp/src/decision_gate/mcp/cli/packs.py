"""Run packs in folders of the person who runs the command: not confined to any root (deviation X4)."""

from collections.abc import Iterator
from contextlib import contextmanager
from os.path import lexists
from pathlib import Path
from typing import Final

import attrs

from decision_gate.core.codec import encode
from decision_gate.core.json import JsonValue
from decision_gate.core.model import VerificationStatus
from decision_gate.core.ports import ArtifactError
from decision_gate.core.runpack import (
    ATTESTATION_NAME,
    MANIFEST_NAME,
    SIGNER_NOT_CHECKED,
    AttestationReport,
    Inspection,
    InvalidAttestationError,
    InvalidManifestError,
    ReplayReport,
    SignatureVerifier,
    Signer,
    Verifier,
    build_statement,
    check_attestation,
    inspect,
    replay,
    sign_statement,
)
from decision_gate.core.timestamps import UnixMillis
from decision_gate.mcp.cli.naming import NamedFileError, named_folder, naming
from decision_gate.mcp.cli.release import release
from decision_gate.mcp.runpacks.directory import DirectoryPack

REFERENCE_MANIFEST_NAME: Final = "runpack.json"
"""How the reference's command line calls the manifest unless told otherwise (contract §3.2)."""

MAX_FILE_BYTES: Final = 16 * 2**20
"""Longest manifest or attestation that is read."""

VERIFIER_ID: Final = "urn:decision-gate:cli"


@attrs.frozen(kw_only=True)
class PackCheck:
    """Everything that was checked about one pack; ``attestation`` and ``replayed`` are none when not asked for."""

    inspection: Inspection
    attestation: AttestationReport | None = None
    is_key_pinned: bool = False
    replayed: ReplayReport | None = None

    @property
    def is_good(self) -> bool:
        """Whether nothing that was checked failed; a pinned key without any attestation has failed."""
        is_intact = self.inspection.report.status is VerificationStatus.PASS
        is_faithful = self.replayed is None or self.replayed.is_faithful
        if self.is_key_pinned:
            return is_intact and is_faithful and self.attestation is not None and self.attestation.is_trusted
        return is_intact and is_faithful and (self.attestation is None or not self.attestation.problems)

    @property
    def words(self) -> str:
        """The result in words; ``PASS`` only when a pinned key vouches that exactly this pack passed."""
        if not self.is_good:
            return "FAIL"
        if self.attestation is not None and self.attestation.is_passed:
            return "PASS"
        if self.is_key_pinned:
            return "intact and signed, but its run has not passed"
        return SIGNER_NOT_CHECKED

    @property
    def problems(self) -> tuple[str, ...]:
        """Everything that is wrong."""
        found = list(self.inspection.report.errors)
        if self.attestation is not None:
            found += [f"attestation: {problem}" for problem in self.attestation.problems]
        elif self.is_key_pinned:
            found.append(f"attestation: there is no {ATTESTATION_NAME} beside the manifest")
        if self.replayed is not None and self.replayed.divergence is not None:
            found.append(f"replay: {self.replayed.divergence}")
        return tuple(found)

    def wire(self) -> dict[str, JsonValue]:
        """Return the check as programs read it; the first three keys are those of the reference's report."""
        signer = None if self.attestation is None else self.attestation.key_id
        return {
            **encode(self.inspection.report),
            "verdict": self.words,
            "problems": list(self.problems),
            "run_status": None if self.inspection.status is None else self.inspection.status.value,
            "signed_by": signer,
            "replayed_steps": None if self.replayed is None else self.replayed.steps,
        }


@attrs.frozen(kw_only=True)
class PackPlace:
    """Where a pack is; the manifest may lie outside the folder."""

    folder: Path
    manifest: Path

    @classmethod
    def of(cls, folder: Path | None, manifest: Path | None) -> "PackPlace":
        """Find the pack from what a person named: its folder, its manifest, or both.

        Without a name the manifest is ``manifest.json``, else the reference's ``runpack.json``.
        """
        if manifest is not None:
            return cls(folder=manifest.parent if folder is None else folder, manifest=manifest)
        where = Path() if folder is None else folder
        ours, reference = where / MANIFEST_NAME, where / REFERENCE_MANIFEST_NAME
        return cls(folder=where, manifest=reference if reference.is_file() and not ours.is_file() else ours)

    @property
    def attestation(self) -> Path:
        """Where the signed statement about the pack is, if there is one."""
        return self.manifest.with_name(ATTESTATION_NAME)

    @contextmanager
    def opened(self) -> Iterator[tuple[bytes, DirectoryPack]]:
        """Open the pack: the bytes of its manifest, and the reader of its artifacts.

        Raises:
            ArtifactError: There is no pack, or its manifest is larger than any is.
            NamedFileError: Its manifest is none, or its folder.
        """
        stored = read_whole(self.manifest, "manifest")
        is_inside = self.manifest.is_relative_to(self.folder)
        name = self.manifest.relative_to(self.folder).as_posix() if is_inside else MANIFEST_NAME
        with named_folder(self.folder) as folder:
            try:
                yield stored, DirectoryPack(folder, name)
            except InvalidManifestError as error:
                # The wire says no more than "invalid manifest"; whoever holds the file may know where.
                raise NamedFileError(self.manifest, f"{error}: {error.reason}") from error


def check_pack(place: PackPlace, *, keys: SignatureVerifier | None = None, is_replayed: bool = False) -> PackCheck:
    """Verify a pack, its attestation when there is one, and its decisions when *is_replayed*.

    Raises:
        ArtifactError: There is no pack.
        NamedFileError: Its manifest or its attestation is none.
        UnreplayableError: It is so damaged that there is nothing to replay.
    """
    with place.opened() as (manifest, reader):
        inspection = inspect(manifest, reader)
        is_intact = inspection.report.status is VerificationStatus.PASS
        # What has been altered says nothing about what the engine did.
        replayed = replay(manifest, reader) if is_replayed and is_intact else None
    attestation = None
    if lexists(place.attestation):  # a link that leads nowhere is no missing attestation
        with naming(place.attestation, InvalidAttestationError):
            attestation = check_attestation(read_whole(place.attestation, "attestation"), inspection, keys)
    return PackCheck(inspection=inspection, attestation=attestation, is_key_pinned=keys is not None, replayed=replayed)


def sign_pack(place: PackPlace, signer: Signer, signed_at: UnixMillis) -> PackCheck:
    """Verify and replay a pack, and write a signed statement of the outcome beside its manifest.

    Raises:
        ArtifactError: There is no pack, or the statement cannot be written.
        NamedFileError: Its manifest is none, or nothing can be written beside it.
        UnreplayableError: It is so damaged that there is nothing to replay.
    """
    with place.opened() as (manifest, reader):
        inspection = inspect(manifest, reader)
        is_intact = inspection.report.status is VerificationStatus.PASS
        replayed = replay(manifest, reader) if is_intact else None
    statement = build_statement(
        inspection,
        Verifier(id=VERIFIER_ID, version=release()),
        signed_at,
        has_diverged=replayed is not None and not replayed.is_faithful,
        manifest_name=place.manifest.name,
    )
    with named_folder(place.attestation.parent) as folder, naming(place.attestation, ArtifactError):
        folder.write(ATTESTATION_NAME, (sign_statement(statement, [signer]),))
    return PackCheck(inspection=inspection, replayed=replayed)


def read_whole(path: Path, kind: str) -> bytes:
    """Return the bytes of a small file of a pack.

    Raises:
        ArtifactError: It cannot be read, or is larger than ``MAX_FILE_BYTES``.
    """
    try:
        with path.open("rb") as file:
            stored = file.read(MAX_FILE_BYTES + 1)
        size = path.stat().st_size
    except OSError as error:
        raise ArtifactError(f"cannot read the {kind} {path}: {error.strerror}") from error
    if len(stored) > MAX_FILE_BYTES:
        raise ArtifactError(f"Refusing to read {kind} at {path} because it is {size} bytes (limit {MAX_FILE_BYTES}).")
    return stored
