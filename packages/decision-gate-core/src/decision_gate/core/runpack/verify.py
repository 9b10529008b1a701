"""Verify a run pack: the checks of contract §8.2 in their order, then ours (deviations S6, S9).

Every file is read once and streams by: hashed, split into records, decoded, demanded to be canonical. Memory
does not grow with the size of a pack but for the set of its trigger and submission ids. A pack that passes
was not altered since it was made, or was altered by somebody who rewrote all of it; who that is, only a
signature can say (``sign``), and whether the engine judged rightly, only ``replay``.
"""

import attrs

from decision_gate.core.hashing import sha256_hex
from decision_gate.core.model import (
    RunpackManifest,
    RunStatus,
    VerificationReport,
    VerificationStatus,
)
from decision_gate.core.ports import ArtifactReader
from decision_gate.core.runpack.layout import MANIFEST_VERSION
from decision_gate.core.runpack.layout_checks import file_problems, manifest_problems
from decision_gate.core.runpack.manifest import read_manifest, root_hash
from decision_gate.core.runpack.pack_walk import PackWalk
from decision_gate.core.runpack.problems import Problems


@attrs.frozen(kw_only=True)
class Inspection:
    """A verification and what was learned on the way.

    ``status`` is where the run stands after the last decision in the pack, none when that could not be read. ``files``
    are the digests of what was read, by path; ``evidence`` are the distinct hashes of evidence in order of
    appearance, at most ``MAX_EVIDENCE_HASHES``.
    """

    manifest: RunpackManifest
    manifest_sha256: str
    report: VerificationReport
    status: RunStatus | None = None
    files: dict[str, str] = attrs.field(factory=dict)
    evidence: tuple[str, ...] = ()


def verify(manifest: bytes, reader: ArtifactReader) -> VerificationReport:
    """Return the report on the pack whose manifest file holds *manifest* and whose other files *reader* gives.

    Errors accumulate; those of contract §8.2 come first, in its order and words. (Its ``hash algorithm
    mismatch`` cannot happen: a manifest that names another algorithm is not a manifest.)

    Raises:
        InvalidManifestError: *manifest* is not a manifest.
        ArtifactError: The files of the pack cannot even be listed.
    """
    return inspect(manifest, reader).report


def inspect(manifest: bytes, reader: ArtifactReader) -> Inspection:
    """Verify a pack and return what was learned beside the report.

    Raises:
        InvalidManifestError: *manifest* is not a manifest.
        ArtifactError: The files of the pack cannot even be listed.
    """
    record = read_manifest(manifest)
    if record.manifest_version != MANIFEST_VERSION:
        report = _report(0, [f"unsupported manifest version: {record.manifest_version}"])
        return Inspection(manifest=record, manifest_sha256=sha256_hex(manifest), report=report)
    walk = PackWalk(record, reader)
    walk.read()
    errors: list[str] = []
    checked = 0
    for entry in record.integrity.file_hashes:
        file = walk.file(entry.path)
        if file.sha256 is None:
            errors.append(f"artifact read failed for {entry.path}: {file.read_problem}")
            continue
        checked += 1
        if entry.hash.value != file.sha256:
            errors.append(f"hash mismatch for {entry.path}")
    if root_hash(record.integrity.file_hashes) != record.integrity.root_hash:
        errors.append("root hash mismatch")
    errors += walk.contract_problems()
    further = Problems()
    further.extend(manifest_problems(manifest, record))
    further.extend(file_problems(record, reader.paths()))
    further.absorb(walk.further_problems())
    errors += further.texts()
    return Inspection(
        manifest=record,
        manifest_sha256=sha256_hex(manifest),
        report=_report(checked, errors),
        status=walk.status,
        files=walk.digests(),
        evidence=walk.evidence,
    )


def _report(checked_files: int, errors: list[str]) -> VerificationReport:
    return VerificationReport(
        status=VerificationStatus.FAIL if errors else VerificationStatus.PASS,
        checked_files=checked_files,
        errors=tuple(errors),
    )
