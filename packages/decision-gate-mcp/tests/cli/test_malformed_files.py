"""Every command, pointed at every kind of file that is none: one message that names the file, exit code 1 or 2.

Never a traceback, never silence, never success. A command that can go on (an empty database file, a folder that it
makes) is listed with the kinds that it accepts.
"""

import io
import os
import shutil
import sqlite3
import sys
from pathlib import Path

import click
import pytest

from decision_gate.mcp.cli.main import root, run

SCENARIO = (
    "scenario: x\nevidence:\n  a: {json: path, file: r.json, jsonpath: $.a, equals: 1}\nstages:\n  s: {gate: a}\n"
)
TOOL_USE = b'{"hook_event_name": "PreToolUse", "tool_name": "t", "tool_input": {}}'


def make_directory(path):
    path.mkdir()


def make_huge(path):
    with path.open("wb") as file:
        file.truncate(20 * 2**20)


def make_newer_database(path):
    shutil.copy("runs.db", path)
    with sqlite3.connect(path) as database:
        database.execute("UPDATE schema_version SET version = 99")
    database.close()


def make_foreign_database(path):
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE theirs (a)")
    database.close()


KINDS = {
    "missing": lambda _path: None,
    "empty": lambda path: path.write_bytes(b""),
    "directory": make_directory,
    "binary": lambda path: path.write_bytes(bytes(range(256)) * 8),
    "huge": make_huge,
    "list": lambda path: path.write_bytes(b"[1]"),
    "text": lambda path: path.write_bytes(b'"x"'),
    "not UTF-8": lambda path: path.write_bytes("scenario: café\n".encode("latin-1")),
    "deep": lambda path: path.write_bytes(b"[" * 100_000),
    "loop": lambda path: path.symlink_to(path.name),
    "unreadable": lambda path: (path.write_bytes(b"{}"), path.chmod(0)),
    "truncated database": lambda path: path.write_bytes(Path("runs.db").read_bytes()[:5_000]),
    "newer database": make_newer_database,
    "foreign database": make_foreign_database,
}
NEW = {"missing"}
NEW_FOLDER = {"missing", "directory"}
NEW_DATABASE = {"missing", "empty"}
REPORTS = {"binary", "huge", "list", "text", "not UTF-8", "deep", "truncated database"}
"""Files about which ``verify`` writes its whole report, which says "the file"."""

COMMANDS = [
    # the command with FILE in the place of the file; kinds with which it succeeds; kinds whose message names no file
    ("scenario validate FILE", (), ()),
    ("scenario validate FILE --json", (), ()),
    ("scenario normalize FILE", (), ()),
    ("scenario hash FILE --json", (), ()),
    ("scenario show FILE", (), ()),
    ("scenario publish FILE --store new.db", (), ()),
    ("scenario publish scenario.yaml --store FILE --json", NEW_DATABASE, ()),
    ("authoring validate --input FILE", (), ()),
    ("authoring validate --input FILE --format ron", (), ()),
    ("authoring validate --input FILE --format json", (), ()),
    ("authoring normalize --input FILE", (), ()),
    ("gate FILE", (), ()),
    ("gate FILE --json", (), ()),
    ("gate scenario.yaml --store FILE", NEW_DATABASE, ()),
    ("gate scenario.yaml --runpack FILE", NEW_FOLDER, ()),
    ("explain FILE", (), ()),
    ("explain FILE --json", (), ()),
    ("hook pre-tool-use FILE", (), ()),
    ("hook pre-tool-use scenario.yaml --store FILE", NEW_DATABASE, ()),
    ("runpack verify FILE", (), ()),
    ("runpack verify --manifest FILE", (), ()),
    ("runpack verify proof --key FILE", (), ()),
    ("runpack inspect FILE --json", (), ()),
    ("runpack pretty FILE --output-dir readable", (), ()),
    ("runpack pretty proof --output-dir FILE", NEW_FOLDER, ()),
    ("runpack sign FILE --key key.pem", (), ()),
    ("runpack sign proof --key FILE", (), ()),
    ("key show FILE", (), ()),
    ("key new FILE", NEW, ()),
    *(
        (f"{command} --store-path FILE", (), reports)
        for command, reports in (
            ("store list", ()),
            ("store get --run-id gate", ()),
            ("store export --run-id gate --output state.json", ()),
            ("store verify", REPORTS),
            ("store verify --run-id gate --json", ()),
            ("store backup copy.db", ()),
            ("store erase --run-id gate --reason r", ()),
            ("store prune --run-id gate --keep 1", ()),
            ("run list", ()),
            ("run show --run-id gate", ()),
            ("run export --run-id gate --output-dir exported", ()),
            ("run verify-store --json", REPORTS),
        )
    ),
    ("store restore FILE --store-path restored.db", (), ()),
    ("init FILE", NEW_FOLDER, ()),
    *(
        # The texts of the contract (§11.2) name the file only where it cannot be opened.
        (f"{command} --config FILE", {"empty"}, KINDS)
        for command in (
            "config validate",
            "config show",
            "provider list --json",
            "doctor --no-start",
            "mcp config --client claude-code",
        )
    ),
]
"""What takes a file or a folder of the caller's; ``SPARED`` says why the others are not here."""

SPARED = {
    "completion": "takes none",
    "demo": "takes none but a folder that it makes",
    "serve": "refuses a configuration as `config validate` does (test_serve.py)",
    "config schema": "takes none",
    "provider contract get": "a configuration as in `provider list`",
    "provider check-schema get": "a configuration as in `provider list`",
    "provider query": "files are evidence there, and the answer says what is wrong (test_provider.py)",
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with one of everything, sound; files that are not are made in it under names of their own."""
    monkeypatch.chdir(tmp_path)
    Path("scenario.yaml").write_text(SCENARIO, encoding="utf-8")
    Path("r.json").write_text('{"a":1}', encoding="utf-8")
    assert run(["gate", "scenario.yaml", "--store", "runs.db", "--runpack", "proof"]) == 0
    assert run(["key", "new", "key.pem"]) == 0
    return tmp_path


def made(kind, name):
    """Make a file of a kind, or skip the kind where this user can read everything."""
    path = Path(name)
    KINDS[kind](path)
    return kind != "unreadable" or not os.access(path, os.R_OK)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("command", "accepted", "unnamed"), COMMANDS, ids=[command for command, _, _ in COMMANDS])
def test_a_file_that_is_none_is_refused_with_one_message_that_names_it(capfd, monkeypatch, command, accepted, unnamed):
    wrong = {}
    for number, kind in enumerate(KINDS):
        name = f"input-{number}"
        if not made(kind, name):
            continue
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TOOL_USE), encoding="utf-8"))
        capfd.readouterr()

        code = run(command.replace("FILE", name).split())

        out, err = capfd.readouterr()
        said = out + err
        is_named = name in said or kind in unnamed
        if kind in accepted:
            is_right = code in (0, 1) if command.startswith("doctor") else code == 0
        else:
            is_right = code in (1, 2) and said.strip() and is_named and "Traceback" not in said
        if not is_right:
            wrong[kind] = (code, said[-300:])

    assert wrong == {}


PARTS = [
    "manifest.json",
    "attestation.dsse.json",
    *(
        f"artifacts/{name}.json"
        for name in (
            "scenario_spec",
            "triggers",
            "gate_evals",
            "decisions",
            "packets",
            "submissions",
            "tool_calls",
            "verifier_report",
        )
    ),
]
INSPECTED = {"manifest.json", "artifacts/scenario_spec.json", "artifacts/decisions.json", "artifacts/gate_evals.json"}


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    "command", ["runpack verify PACK", "runpack verify PACK --replay --json", "runpack inspect PACK"]
)
def test_a_part_of_a_run_pack_that_is_none_is_named(folder, capfd, command, part):
    wrong = {}
    for kind in KINDS:
        pack = folder / "altered"
        shutil.copytree(folder / "proof", pack)
        (pack / part).unlink(missing_ok=True)
        is_told = not (kind == "missing" and part.startswith("attestation"))
        is_told &= "inspect" not in command or part in INSPECTED
        if made(kind, pack / part):
            capfd.readouterr()

            code = run(command.replace("PACK", "altered").split())

            out, err = capfd.readouterr()
            said = out + err
            if is_told and not (code in (1, 2) and Path(part).name in said and "Traceback" not in said):
                wrong[kind] = (code, said[-300:])
            if not is_told and code != 0:
                wrong[kind] = (code, said[-300:])
        shutil.rmtree(pack)

    assert wrong == {}


def leaves(command, words=()):
    """Yield the words of every command that does something."""
    if isinstance(command, click.Group):
        ctx = click.Context(command)
        for name in command.list_commands(ctx):
            yield from leaves(command.get_command(ctx, name), (*words, name))
    else:
        yield " ".join(words), command


def test_every_command_is_in_the_table_or_spared_with_a_reason():
    ours = {words for words, _ in leaves(root) if words.split()[0] not in ("admin", "audit", "console", "enterprise")}
    covered = {words for words in ours if any(f"{command} ".startswith(f"{words} ") for command, _, _ in COMMANDS)}

    assert ours - covered == set(SPARED)


ANSWERS_WITHOUT_JSON = {
    "completion": "a shell script",
    "hook pre-tool-use": "JSON for the agent's program, and nothing else",
    "serve": "serves",
}


def test_every_command_answers_in_json_on_demand_and_its_help_has_examples():
    ours = {words: command for words, command in leaves(root) if words.split()[0] not in ("admin", "audit", "console")}
    options = {words: {name for each in command.params for name in each.opts} for words, command in ours.items()}

    assert {words for words in ours if "--json" not in options[words]} == set(ANSWERS_WITHOUT_JSON)
    assert [words for words, command in ours.items() if "Examples:" not in (command.epilog or "")] == []
