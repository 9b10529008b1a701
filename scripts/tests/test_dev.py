"""What the door makes of its arguments."""

import pytest

from dev import commands


def test_the_command_line_works_in_the_folder_of_the_caller(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    called = commands(["run", "decision-gate", "gate", "scenario.yaml"])

    assert called == [
        ["run", "python", "-P", "scripts/run_here.py", str(tmp_path), "decision-gate", "gate", "scenario.yaml"]
    ]


@pytest.mark.parametrize(
    ("asked", "called"),
    [
        (["run", "test", "-k", "one"], ["run", "test", "-k", "one"]),
        (["run", "fuzz", "--keep"], ["run", "fuzz:all", "--keep"]),
    ],
)
def test_other_commands_go_to_hatch_in_its_words(asked, called):
    assert commands(asked) == [called]
