"""How large a run pack is: counted while it is written, or beforehand without writing it."""

from collections.abc import Iterable, Iterator

from decision_gate.core.ports import ArtifactSink


class CountingSink:
    """An ``ArtifactSink`` that counts the bytes that go to another one; without another one they go nowhere."""

    def __init__(self, sink: ArtifactSink | None = None) -> None:
        self._sink = sink
        self._artifacts = 0
        self._manifest = 0

    @property
    def size(self) -> int:
        """Bytes of the pack: its artifacts, and the last manifest."""
        return self._artifacts + self._manifest

    def write(self, path: str, chunks: Iterable[bytes], *, content_type: str) -> None:
        """See ``ArtifactSink``."""
        counted = self._counted(chunks)
        if self._sink is not None:
            self._sink.write(path, counted, content_type=content_type)
        for _ in counted:  # what no sink has read
            pass

    def finalize(self, manifest: bytes) -> None:
        """See ``ArtifactSink``; a second manifest takes the place of the first."""
        if self._sink is not None:
            self._sink.finalize(manifest)
        self._manifest = len(manifest)

    def _counted(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self._artifacts += len(chunk)
            yield chunk
