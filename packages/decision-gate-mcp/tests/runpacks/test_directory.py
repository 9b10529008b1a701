"""Run packs in folders: whole files, no way out, nothing left of an earlier pack (contract §9.3, deviation X4)."""

import gc
import os
from pathlib import Path

import pytest

from decision_gate.core.ports import ArtifactError
from decision_gate.core.runpack import export, verify
from decision_gate.core.testing.worked_example import FILES
from decision_gate.mcp.runpacks.directory import DirectoryPack, check_manifest_name
from decision_gate.mcp.runpacks.folder import open_folder
from decision_gate.mcp.testing.runpack_stores import NoRows, empty_run

EXAMPLE = Path(str(FILES))


@pytest.fixture
def folder(tmp_path):
    with open_folder(tmp_path / "pack", root=tmp_path, create=True) as opened:
        yield opened


@pytest.mark.parametrize("manifest_name", ["manifest.json", "sub/m.json", "artifacts/m.json"])
def test_an_exported_pack_verifies_again_and_again(folder, manifest_name):
    pack = DirectoryPack(folder, manifest_name)

    for is_verified in (True, False, True):
        pack = DirectoryPack(folder, manifest_name)
        exported = export(empty_run(), NoRows(), pack, verify_with=pack if is_verified else None)

        report = verify(exported.manifest_bytes, pack)
        assert (report.errors, report.checked_files) == ((), 8 if is_verified else 7)
    assert b"".join(folder.chunks(manifest_name)) == exported.manifest_bytes


def test_the_worked_example_verifies_from_a_folder():
    with open_folder(EXAMPLE) as folder:
        report = verify((EXAMPLE / "manifest.json").read_bytes(), DirectoryPack(folder))

    assert (report.errors, report.checked_files) == ((), 8)


def test_a_write_that_fails_leaves_the_earlier_file_and_nothing_else(folder, tmp_path):
    pack = DirectoryPack(folder)
    pack.write("artifacts/a.json", [b"old"], content_type="application/json")

    def failing():
        yield b"new"
        raise LookupError

    with pytest.raises(LookupError):
        pack.write("artifacts/a.json", failing(), content_type="application/json")

    assert [path.name for path in (tmp_path / "pack/artifacts").iterdir()] == ["a.json"]
    assert (tmp_path / "pack/artifacts/a.json").read_bytes() == b"old"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/etc/passwd", "absolute artifact path not allowed"),
        ("../x", "artifact path escapes runpack root"),
        ("artifacts/../../x", "artifact path escapes runpack root"),
        ("", "artifact path missing filename"),
        ("a" * 256, "runpack path component too long"),
        ("a/" * 2049, "runpack path exceeds limit"),
    ],
)
def test_paths_that_lead_out_are_refused_for_reading_and_writing(folder, path, text):
    pack = DirectoryPack(folder)

    for act in (
        lambda: list(pack.chunks(path)),
        lambda: pack.write(path, [b"x"], content_type="application/json"),
    ):
        with pytest.raises(ArtifactError) as refusal:
            act()
        assert str(refusal.value) == f"artifact error: {text}"


def test_links_are_followed_neither_as_files_nor_as_folders(folder, tmp_path):
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/b.json").write_bytes(b"{}")
    (tmp_path / "pack/link.json").symlink_to(tmp_path / "secret")
    (tmp_path / "pack/artifacts").symlink_to(tmp_path / "outside")
    pack = DirectoryPack(folder)

    for path in ("link.json", "artifacts/b.json"):
        with pytest.raises(ArtifactError):
            list(pack.chunks(path))
    with pytest.raises(ArtifactError):
        pack.write("artifacts/b.json", [b"x"], content_type="application/json")
    assert (tmp_path / "outside/b.json").read_bytes() == b"{}"


def test_a_fifo_does_not_hang_the_reader(folder, tmp_path):
    (tmp_path / "pack/artifacts").mkdir()
    os.mkfifo(tmp_path / "pack/artifacts/a.json")

    assert b"".join(DirectoryPack(folder).chunks("artifacts/a.json")) == b""
    assert DirectoryPack(folder).paths() == {"artifacts/a.json"}


def test_names_that_no_manifest_can_have_are_refused():
    for name in ("", "/", "..", "/m.json", "../m.json", "artifacts/triggers.json", "artifacts//triggers.json"):
        with pytest.raises(ArtifactError):
            check_manifest_name(name)


def test_a_folder_in_the_place_of_an_artifact_cannot_be_read_and_leaves_nothing_open(folder, tmp_path):
    (tmp_path / "pack" / "artifacts" / "decisions.json").mkdir(parents=True)
    gc.collect()  # what earlier tests left behind must not be closed in between
    before = len(list(Path("/dev/fd").iterdir()))

    for _ in range(20):
        with pytest.raises(ArtifactError, match="unable to read artifact"):
            next(DirectoryPack(folder).chunks("artifacts/decisions.json"))

    assert len(list(Path("/dev/fd").iterdir())) == before
