"""Sizes of run packs are what is passed on, also when nothing is."""

import pytest

from decision_gate.mcp.runpacks.sizes import CountingSink


class Kept:
    """Keeps what it is given."""

    def __init__(self):
        self.files = {}

    def write(self, path, chunks, *, content_type):
        self.files[path] = (b"".join(chunks), content_type)

    def finalize(self, manifest):
        self.files["manifest.json"] = manifest


@pytest.mark.parametrize("kept", [None, Kept()])
def test_artifacts_and_the_last_manifest_are_counted(kept):
    sink = CountingSink(kept)

    sink.write("a", iter([b"12", b"345"]), content_type="text/plain")
    sink.finalize(b"a long manifest")
    sink.write("b", [], content_type="text/plain")
    sink.finalize(b"{}")

    assert sink.size == 7
    if kept is not None:
        assert kept.files == {"a": (b"12345", "text/plain"), "b": (b"", "text/plain"), "manifest.json": b"{}"}
