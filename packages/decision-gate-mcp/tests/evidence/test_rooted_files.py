"""Files below a root: confinement, limits and codes (contract §1.4)."""

import gc
import os
from pathlib import Path

import pytest

from decision_gate.mcp.evidence.rooted_errors import RootedFileError
from decision_gate.mcp.evidence.rooted_files import RootedFile, RootedFiles, RootedFilesSettingError


@pytest.fixture
def root(tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.json").write_bytes(b"secret")
    root = tmp_path / "root"
    (root / "sub" / "deep").mkdir(parents=True)
    (root / "report.json").write_bytes(b"{}")
    (root / "sub" / "deep" / "é x.json").write_bytes(b"deep")
    return root


@pytest.fixture
def files(root):
    return RootedFiles(root, "reports", 16)


def refusal(files, path):
    with pytest.raises(RootedFileError) as caught:
        files.read(path)
    error = caught.value
    return error.code, str(error), error.details, error.relative_path


@pytest.mark.parametrize(
    ("path", "relative"),
    [
        ("report.json", "report.json"),
        ("./report.json", "report.json"),
        ("sub/../report.json", "report.json"),
        ("sub//deep/../../report.json", "report.json"),
        ("../root/report.json", "report.json"),
    ],
)
def test_a_path_that_stays_inside_is_read_and_reported_resolved(files, path, relative):
    assert files.read(path) == RootedFile(content=b"{}", relative_path=relative)


def test_names_may_hold_blanks_and_any_utf8(files):
    assert files.read("sub/deep/é x.json") == RootedFile(content=b"deep", relative_path="sub/deep/é x.json")
    assert files.uri("sub/deep/é x.json") == "dg+file://reports/sub/deep/é x.json"


def test_links_inside_the_root_are_followed_and_reported_by_their_target(files, root):
    (root / "link.json").symlink_to("report.json")
    (root / "absolute.json").symlink_to(root / "report.json")
    (root / "folder").symlink_to("sub/deep")

    assert files.read("link.json").relative_path == "report.json"
    assert files.read("absolute.json").relative_path == "report.json"
    assert files.read("folder/é x.json").relative_path == "sub/deep/é x.json"


@pytest.mark.parametrize("path", ["../outside/secret.json", "sub/../../outside/secret.json", "..", "../root/.."])
def test_dots_do_not_lead_out(files, path):
    assert refusal(files, path) == ("path_outside_root", "json file path escapes root", {"file": path}, None)


@pytest.mark.parametrize("target", ["../outside/secret.json", "{outside}/secret.json"])
def test_a_link_to_a_file_outside_is_refused(files, root, target):
    (root / "link.json").symlink_to(target.format(outside=root.parent / "outside"))

    assert refusal(files, "link.json")[0] == "path_outside_root"


def test_a_link_to_a_folder_outside_is_refused(files, root):
    (root / "folder").symlink_to("../outside")

    assert refusal(files, "folder/secret.json")[0] == "path_outside_root"


@pytest.mark.parametrize(
    "path",
    [
        "missing.json",
        "missing/report.json",
        "report.json/",
        "report.json/.",
        "report.json/..",
        "dangling",
        "circle",
        "a\x00b",
        "x" * 300,
        "../outside/missing",
        "sub/missing/../../report.json",
    ],
)
def test_a_path_that_leads_nowhere_is_not_found(files, root, path):
    (root / "dangling").symlink_to("nowhere")
    (root / "circle").symlink_to("circle")

    assert refusal(files, path) == ("file_not_found", "unable to resolve json file", {"file": path}, None)


def test_an_empty_path_is_missing(files):
    assert refusal(files, "") == ("path_missing", "json file path is empty", None, None)


@pytest.mark.parametrize("path", ["/etc/passwd", "/", "//x"])
def test_an_absolute_path_is_forbidden_even_to_a_file_inside(files, path):
    message = "json file path must be relative to the configured root"
    assert refusal(files, path) == ("absolute_path_forbidden", message, {"file": path}, None)


@pytest.mark.parametrize("path", [".", "sub/..", "./"])
def test_the_root_itself_is_no_file(files, path):
    assert refusal(files, path) == ("path_invalid", "json file path resolves to empty path", None, None)


def test_a_target_whose_name_is_not_utf8_is_invalid(files, root):
    (root / "link.json").symlink_to(os.fsdecode(b"b\xff.json"))
    (root / os.fsdecode(b"b\xff.json")).write_bytes(b"1")

    message = "json file path contains invalid components"
    assert refusal(files, "link.json") == ("path_invalid", message, None, None)


def test_a_folder_is_no_file(files):
    assert refusal(files, "sub") == ("file_read_failed", "unable to read json file", None, "sub")


def test_a_pipe_is_refused_without_waiting_for_a_writer(files, root):
    os.mkfifo(root / "pipe")

    assert refusal(files, "pipe")[0] == "file_read_failed"


def test_exactly_the_limit_is_read_and_one_byte_more_is_refused(files, root):
    (root / "fits").write_bytes(b"x" * 16)
    (root / "long").write_bytes(b"x" * 1000)

    assert files.read("fits").content == b"x" * 16
    details = {"file": "long", "max_bytes": 16, "actual_bytes": 17}
    assert refusal(files, "long") == ("size_limit_exceeded", "json file exceeds size limit", details, "long")


def test_a_folder_exchanged_for_a_link_after_resolving_does_not_lead_out(files, root, monkeypatch):
    """The race that resolving before opening would lose."""
    (root / "sub" / "secret.json").write_bytes(b"harmless")
    resolve = os.path.realpath

    def exchange_afterwards(path, **options):
        resolved = resolve(path, **options)
        (root / "sub").rename(root / "moved")
        (root / "sub").symlink_to("../outside")
        return resolved

    monkeypatch.setattr(os.path, "realpath", exchange_afterwards)

    assert refusal(files, "sub/secret.json")[0] == "path_outside_root"


def open_descriptors():
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.is_dir() else 0


def test_descriptors_are_closed(files):
    gc.collect()  # what earlier tests left behind must not be closed in between
    before = open_descriptors()

    for path in ("report.json", "sub", "missing", "sub/deep/é x.json", ".."):
        try:
            files.read(path)
        except RootedFileError:
            continue

    assert open_descriptors() == before


@pytest.mark.parametrize(
    ("folder", "root_id", "message"),
    [
        ("root", "", "json provider requires config.root_id"),
        ("root", "x" * 65, "json provider root_id exceeds 64 characters"),
        ("root", "Reports", "json provider root_id must be lowercase ascii, digits, '-' or '_'"),
        ("root", "a/b", "json provider root_id must be lowercase ascii, digits, '-' or '_'"),
        ("root", "é", "json provider root_id must be lowercase ascii, digits, '-' or '_'"),
        ("root/report.json", "reports", "json provider root is not a directory"),
    ],
)
def test_a_root_that_cannot_work_is_refused_at_start(root, folder, root_id, message):
    with pytest.raises(RootedFilesSettingError) as caught:
        RootedFiles(root.parent / folder, root_id, 16)

    assert str(caught.value) == f"init error: evidence provider error: {message}"


def test_a_root_that_is_not_there_is_named_with_what_to_do(root):
    with pytest.raises(RootedFilesSettingError) as caught:
        RootedFiles(root.parent / "nowhere", "reports", 16)

    assert str(caught.value) == (
        "init error: evidence provider error: json provider root does not exist: "
        f"{root.parent}/nowhere; make that folder, or name another"
    )


def test_a_relative_root_is_fixed_at_start(root, monkeypatch):
    monkeypatch.chdir(root.parent)
    files = RootedFiles(root.relative_to(root.parent), "reports", 16)

    monkeypatch.chdir("/")

    assert files.read("report.json").content == b"{}"
