"""Write the run pack of a run, as of one version of it, in constant memory (contract §8.1, deviation S6).

Records were canonicalised when they were stored, so an artifact is ``[``, the stored rows joined by ``,``,
``]``. All logs are read up to the counts of one head: a consistent cut without a lock
(``docs/adr/0001-run-log.md``).
"""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from decision_gate.core.codec import canonical_record
from decision_gate.core.model import (
    ArtifactRecord,
    EvidenceAnchorPolicy,
    HashAlgorithm,
    HashDigest,
    RunpackManifest,
    RunpackSecurityContext,
    VerificationReport,
    VerifierMode,
)
from decision_gate.core.ports import ArtifactReader, ArtifactSink, Log, RunHead, RunLogs, StoreCorruptError
from decision_gate.core.runpack.errors import SpecHashMismatchError
from decision_gate.core.runpack.layout import (
    CONTENT_TYPE,
    LOGS,
    MANIFEST_VERSION,
    REFERENCE_MAX_ARTIFACT_BYTES,
    REPORT,
    SPEC,
    Artifact,
)
from decision_gate.core.runpack.manifest import artifact_record, integrity
from decision_gate.core.runpack.verify import verify
from decision_gate.core.timestamps import Timestamp

_CHUNK_BYTES: Final = 262_144


@attrs.frozen(kw_only=True)
class ExportRequest:
    """What to export: a run as of *head*, under the scenario it was started with.

    ``spec`` is the canonical scenario. ``generated_at`` and ``security`` are recorded as given.
    """

    spec: bytes
    head: RunHead
    generated_at: Timestamp
    anchor_policy: EvidenceAnchorPolicy = attrs.field(factory=EvidenceAnchorPolicy)
    security: RunpackSecurityContext | None = None


@attrs.frozen(kw_only=True)
class Export:
    """A finished run pack; ``report`` is none when no verification was asked for."""

    manifest: RunpackManifest
    manifest_bytes: bytes
    report: VerificationReport | None
    largest_artifact_bytes: int

    @property
    def root_hash(self) -> str:
        """Hexadecimal hash over all file hashes; it names the pack."""
        return self.manifest.integrity.root_hash.value

    @property
    def exceeds_reference(self) -> bool:
        """Whether an artifact is larger than the reference's verifier reads."""
        return self.largest_artifact_bytes > REFERENCE_MAX_ARTIFACT_BYTES


def export(
    request: ExportRequest, runs: RunLogs, sink: ArtifactSink, *, verify_with: ArtifactReader | None = None
) -> Export:
    """Write the seven artifacts and the manifest to *sink*.

    With *verify_with*, which reads what *sink* finished, the pack is verified as it lies there; the report becomes the
    eighth artifact and the manifest is finished again. A failing report does not abort the export.

    Raises:
        SpecHashMismatchError: ``request.spec`` is not the scenario of the run; nothing is written.
        StoreCorruptError: A log is shorter than the head says.
        ArtifactError: The sink could not write, or the reader not list what was written.
    """
    if hashlib.sha256(request.spec).hexdigest() != request.head.spec_hash:
        raise SpecHashMismatchError
    writer = _Writer(sink)
    writer.write(SPEC, [request.spec])
    for log in LOGS:
        writer.write(log, _array(_rows(runs, request.head, log.log)))
    manifest = _manifest(request, writer.written)
    stored = canonical_record(manifest)
    sink.finalize(stored)
    report = None
    if verify_with is not None:
        report = verify(stored, verify_with)
        writer.write(REPORT, [canonical_record(report)])
        manifest = _manifest(request, writer.written)
        stored = canonical_record(manifest)
        sink.finalize(stored)
    return Export(manifest=manifest, manifest_bytes=stored, report=report, largest_artifact_bytes=writer.largest)


class _Writer:
    """Hands files to the sink and keeps what the manifest says of them."""

    def __init__(self, sink: ArtifactSink) -> None:
        self._sink = sink
        self.written: list[ArtifactRecord] = []
        self.largest = 0

    def write(self, artifact: Artifact, chunks: Iterable[bytes]) -> None:
        digest = hashlib.sha256()
        size = 0

        def hashed() -> Iterator[bytes]:
            nonlocal size
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                yield chunk

        self._sink.write(artifact.path, hashed(), content_type=CONTENT_TYPE)
        self.written.append(artifact_record(artifact, digest.hexdigest()))
        self.largest = max(self.largest, size)


def _rows(runs: RunLogs, head: RunHead, log: Log) -> Iterator[bytes]:
    """Yield the rows of a log as of *head*, and not one less."""
    count = head.counts.of(log)
    read = 0
    for row in runs.read(head.key, log, upto=count):
        read += 1
        yield row
    if read != count:
        raise StoreCorruptError(f"log {log.value} of run {head.key.run_id} holds {read} of {count} records")


def _array(rows: Iterator[bytes]) -> Iterator[bytes]:
    """Join *rows* into the text of an array, in chunks worth a system call."""
    part = [b"["]
    size = 0
    separator = b""
    for row in rows:
        part += (separator, row)
        separator = b","
        size += len(row)
        if size >= _CHUNK_BYTES:
            yield b"".join(part)
            part.clear()
            size = 0
    part.append(b"]")
    yield b"".join(part)


def _manifest(request: ExportRequest, artifacts: list[ArtifactRecord]) -> RunpackManifest:
    head = request.head
    return RunpackManifest(
        manifest_version=MANIFEST_VERSION,
        generated_at=request.generated_at,
        scenario_id=head.scenario_id,
        tenant_id=head.key.tenant_id,
        namespace_id=head.key.namespace_id,
        run_id=head.key.run_id,
        spec_hash=HashDigest(value=head.spec_hash),
        hash_algorithm=HashAlgorithm.SHA256,
        verifier_mode=VerifierMode.OFFLINE_STRICT,
        anchor_policy=request.anchor_policy if request.anchor_policy.providers else None,
        security=request.security,
        integrity=integrity(artifacts),
        artifacts=tuple(artifacts),
    )
