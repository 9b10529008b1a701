"""Compare the manifest and the files of a pack with the layout (deviation S9)."""

from collections.abc import Iterator

from decision_gate.core.codec import canonical_record
from decision_gate.core.model import RunpackManifest
from decision_gate.core.runpack.layout import REPORT, REQUIRED, Artifact
from decision_gate.core.runpack.manifest import artifact_record


def expected_artifacts(manifest: RunpackManifest) -> tuple[Artifact, ...]:
    """Return the layout that *manifest* claims: with a report when anything in it names one."""
    named = {entry.path for entry in manifest.integrity.file_hashes} | {entry.path for entry in manifest.artifacts}
    return (*REQUIRED, REPORT) if REPORT.path in named else REQUIRED


def manifest_problems(stored: bytes, manifest: RunpackManifest) -> Iterator[str]:
    """Compare the two lists of the manifest with the layout and with each other."""
    if canonical_record(manifest) != stored:
        yield "manifest is not canonical"
    expected = expected_artifacts(manifest)
    paths = [artifact.path for artifact in expected]
    yield from _list_problems("file hash", [entry.path for entry in manifest.integrity.file_hashes], paths)
    yield from _list_problems("artifact record", [entry.path for entry in manifest.artifacts], paths)
    hashes = {entry.path: entry.hash for entry in manifest.integrity.file_hashes}
    by_path = {artifact.path: artifact for artifact in expected}
    for record in manifest.artifacts:
        if record.path not in by_path:
            continue
        right = artifact_record(by_path[record.path], record.hash.value)
        for field in ("artifact_id", "kind", "content_type", "required"):
            if getattr(record, field) != getattr(right, field):
                yield f"artifact record of {record.path} has a wrong {field}"
        if record.path in hashes and record.hash != hashes[record.path]:
            yield f"artifact record of {record.path} has another hash than its file hash"


def file_problems(manifest: RunpackManifest, present: frozenset[str]) -> Iterator[str]:
    """Compare the files of the pack with the layout; that a listed file cannot be read is said elsewhere."""
    for path in sorted(present.difference(artifact.path for artifact in expected_artifacts(manifest))):
        yield f"unexpected file {path}"


def _list_problems(what: str, found: list[str], expected: list[str]) -> Iterator[str]:
    if found == expected:
        return
    missing = [path for path in expected if path not in found]
    unexpected = [path for path in found if path not in expected]
    for path in missing:
        yield f"{what} missing for {path}"
    for path in unexpected:
        yield f"unexpected {what} for {path}"
    if not missing and not unexpected:
        repeated = sorted({path for path in found if found.count(path) > 1})
        yield f"{what} repeated for {repeated[0]}" if repeated else f"order of {what} entries is not that of the layout"
