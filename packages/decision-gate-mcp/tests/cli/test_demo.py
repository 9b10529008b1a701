"""``demo``: the story is told by the engine, so its turns are pinned by outcome."""

import pytest


@pytest.fixture
def told(cli, tmp_path):
    ran = cli("demo", "--folder", tmp_path / "demo", "--json")
    assert ran.code == 0
    return ran.json


def test_the_release_is_held_mended_passed_proved_and_the_forgery_is_caught(told):
    chapters = told["chapters"]

    assert [chapter["outcome"]["kind"] for chapter in chapters if chapter["chapter"] == "asked"] == [
        "hold",
        "advance",
        "hold",
        "complete",
    ]
    assert [
        (chapter["forgery"] is None, chapter["verdict"]) for chapter in chapters if chapter["chapter"] == "checked"
    ] == [
        (True, "PASS"),
        (False, "FAIL"),
    ]


def test_the_first_hold_says_in_words_what_is_missing(told):
    first = next(chapter for chapter in told["chapters"] if chapter["chapter"] == "asked")

    assert [reason["message"] for gate in first["gates"] for reason in gate["reasons"]] == [
        "tests_failed 3, must be 0 (−3)",
        "coverage 82.3, needs at least 85 (+2.7)",
        "high_findings 1, must be 0 (−1)",
    ]


def test_what_it_says_to_try_next_works(cli, tmp_path):
    shown = cli("demo", "--folder", tmp_path / "demo").out
    lines = [line.split() for line in shown.splitlines() if line.startswith("  decision-gate ")]

    codes = [cli(*line[1:]).code for line in lines if line[1] != "init"]

    assert [line[1] for line in lines] == ["runpack", "gate", "init"]
    assert codes == [0, 0]
    assert "\x1b" not in shown
