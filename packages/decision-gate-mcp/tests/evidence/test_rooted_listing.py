"""Listing files below a root by pattern."""

import fnmatch
import os
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision_gate.mcp.evidence import rooted_listing
from decision_gate.mcp.evidence.glob_pattern import GlobPatternError, has_wildcards, parse_glob
from decision_gate.mcp.evidence.rooted_errors import RootedFileError
from decision_gate.mcp.evidence.rooted_files import RootedFiles
from decision_gate.mcp.evidence.rooted_listing import list_files

PATHS = ["a.xml", "b.json", "[c].xml", ".hidden.xml", "m/a.xml", "m/n/a.xml", "m/n/b.xml", "x/y/z/c.xml"]


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "root"
    for path in PATHS:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(path.encode())
    return root


@pytest.fixture
def files(root):
    return RootedFiles(root, "reports", 1000)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.xml", (".hidden.xml", "[c].xml", "a.xml")),
        ("?.xml", ("a.xml",)),
        ("[*].xml", ("[c].xml",)),
        ("[a].xml", ()),
        ("m/*.xml", ("m/a.xml",)),
        ("*/a.xml", ("m/a.xml",)),
        ("**/a.xml", ("a.xml", "m/a.xml", "m/n/a.xml")),
        ("m/**/*.xml", ("m/a.xml", "m/n/a.xml", "m/n/b.xml")),
        ("**/n/*", ("m/n/a.xml", "m/n/b.xml")),
        ("x/**", ("x/y/z/c.xml",)),
        ("**", tuple(sorted(PATHS))),
        ("**/**/c.xml", ("x/y/z/c.xml",)),
        ("./m//a.xml", ("m/a.xml",)),
        ("m", ()),
        ("*a*.x*l", ("a.xml",)),
        ("nowhere/*", ()),
        ("m/n**", ()),
    ],
)
def test_patterns_match_names_and_folders(files, pattern, expected):
    assert list_files(files, pattern) == expected


def test_what_is_listed_can_be_read(files):
    assert [files.read(path).content.decode() for path in list_files(files, "**")] == sorted(PATHS)


def test_links_to_folders_are_not_entered_and_links_to_files_are_listed(files, root):
    (root.parent / "outside").mkdir()
    (root.parent / "outside" / "secret.xml").write_bytes(b"secret")
    (root / "out").symlink_to("../outside")
    (root / "circle").symlink_to(".")
    (root / "x" / "leak.xml").symlink_to("../../outside/secret.xml")
    (root / "x" / "gone.xml").symlink_to("nowhere")
    os.mkfifo(root / "x" / "pipe.xml")

    assert list_files(files, "**/[lgsp]*.xml") == ()
    assert list_files(files, "x/*.xml") == ("x/gone.xml", "x/leak.xml")
    with pytest.raises(RootedFileError) as caught:
        files.read("x/leak.xml")
    assert caught.value.code == "path_outside_root"
    assert "secret" not in "".join(list_files(files, "**"))


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("", "path_missing"),
        ("/etc/*", "absolute_path_forbidden"),
        ("../*", "params_invalid"),
        ("m/../*", "params_invalid"),
        ("a/" * 65, "params_invalid"),
    ],
)
def test_patterns_that_leave_the_root_are_refused(files, pattern, code):
    with pytest.raises((RootedFileError, GlobPatternError)) as caught:
        list_files(files, pattern)

    assert caught.value.code == code


def test_a_listing_looks_at_a_bounded_number_of_names(files, monkeypatch):
    monkeypatch.setattr(rooted_listing, "MAX_NAMES", 3)

    with pytest.raises(RootedFileError) as caught:
        rooted_listing.list_files(files, "**")

    assert caught.value.code == "size_limit_exceeded"


def test_a_folder_that_went_away_while_listing_is_an_error(files, monkeypatch):
    monkeypatch.setattr(os, "scandir", lambda _folder: (_ for _ in ()).throw(PermissionError("denied")))

    with pytest.raises(RootedFileError) as caught:
        list_files(files, "**")

    assert caught.value.code == "file_open_failed"


def test_only_stars_and_question_marks_make_a_pattern():
    assert [has_wildcards(path) for path in ("a/[b].xml", "*.xml", "a?.xml", "a/**")] == [False, True, True, True]


@given(st.text("ab.*?[", min_size=1, max_size=8), st.text("ab.[", min_size=1, max_size=10))
def test_a_name_fits_as_the_standard_library_says(pattern, name):
    glob = parse_glob(pattern) if set(pattern) != {"."} and not re.fullmatch(r"\*\*", pattern) else None
    if glob is None:
        return
    plain = pattern.replace("[", "[[]")

    assert glob.accepts(glob.after(glob.start(), name)) == fnmatch.fnmatchcase(name, plain)


def test_a_pattern_of_many_stars_matches_in_linear_steps():
    glob = parse_glob("*a" * 60 + "b")

    assert not glob.accepts(glob.after(glob.start(), "a" * 255))
