"""A run pack in a dictionary is what was written, and only readable as far as it was."""

import pytest

from decision_gate.core.memory import MemoryArtifacts
from decision_gate.core.ports import ArtifactError


def test_what_was_written_is_read_and_listed():
    pack = MemoryArtifacts()

    pack.write("artifacts/a.json", iter([b"[", b"]"]), content_type="application/json")
    pack.finalize(b"{}")

    assert pack.paths() == {"artifacts/a.json"}
    assert b"".join(pack.chunks("artifacts/a.json")) == b"[]"
    assert pack.manifest == b"{}"


def test_a_file_that_is_not_there_is_refused_when_it_is_read():
    with pytest.raises(ArtifactError, match=r"^artifact error: unable to read artifact$"):
        list(MemoryArtifacts().chunks("artifacts/a.json"))
