"""``decision-gate store`` and ``run``: the file of a server, seen and looked after from the outside (contract §3.2)."""

import hashlib
import sqlite3

import pytest

from decision_gate.core.codec import canonical_record
from decision_gate.core.json import parse
from decision_gate.core.model import JsonPayload
from decision_gate.core.testing.world import World, condition, gate, scenario, stage
from decision_gate.mcp.stores.sqlite import SqliteRunStore, SqliteScenarioStore, SqliteSettings, open_database

RUN = ("--run-id", "run-1")
NAMES = {"tenant_id": 1, "namespace_id": 1, "run_id": "run-1"}
SAVED_AT = 1_700_000_000_000


@pytest.fixture
def state(tmp_path):
    """Give the state of the one completed run that is in ``runs.db``."""
    spec = scenario([stage("one", [gate("g", "a")])], [condition("a")])
    with open_database(SqliteSettings(path=tmp_path / "runs.db"), now_ms=lambda: SAVED_AT) as database:
        world = World.of(spec, runs=SqliteRunStore(database), scenarios=SqliteScenarioStore(database))
        world.start()
        world.next("t1")
        world.submit("s", JsonPayload(value="secret"))
        world.facts.answers = {"a": True}
        world.next("t2")
        return canonical_record(world.state())


@pytest.fixture
def store(cli, state, tmp_path):  # noqa: ARG001 - the file is made
    def call(*arguments, family="store"):
        return cli(family, *arguments, "--store-path", tmp_path / "runs.db")

    return call


def test_runs_are_listed_as_the_reference_lists_them(store):
    listed = store("list")

    assert listed.json == {"runs": [{**NAMES, "latest_version": 4, "saved_at": SAVED_AT}]}
    assert store("list", "--format", "text").out == (
        "1/1/run-1  completed in one  version 4  2023-11-14T22:13:20+00:00\n"
    )
    assert store("list", "--tenant-id", 2).json == {"runs": []}
    assert store("list", family="run").json == listed.json


def test_a_run_is_printed_as_its_canonical_state_of_any_version(store, state):
    assert store("get", *RUN).out.encode() == state + b"\n"
    assert store("get", *RUN, "--version", "1").json["tool_calls"] == []
    assert store("get", *RUN, "--version", "9").err == "run run-1 has no version 9\n"
    assert store("get", "--run-id", "other").err == "run not found: other\n"


def test_a_state_is_written_to_a_file_without_a_line_break(store, state, tmp_path):
    assert store("export", *RUN, "--output", tmp_path / "state.json").code == 0
    assert store("export", *RUN, "--output", tmp_path / "again.json", "--json").json["output"].endswith("again.json")
    assert (tmp_path / "state.json").read_bytes() == state


def test_one_run_is_verified_with_the_hash_of_its_state(store, state):
    checked = store("verify", *RUN, "--json")

    assert checked.code == 0
    assert {name: checked.json[name] for name in (*NAMES, "version", "status", "computed_hash", "state_bytes")} == {
        **NAMES,
        "version": 4,
        "status": "pass",
        "computed_hash": {"algorithm": "sha256", "value": hashlib.sha256(state).hexdigest()},
        "state_bytes": len(state),
    }


def test_a_verified_run_says_when_its_last_version_was_saved_and_of_older_ones_nothing(store):
    saved = [store("verify", *RUN, "--json", *version).json["saved_at"] for version in ((), ("--version", 1))]

    assert saved == [SAVED_AT, None]


def test_a_whole_file_is_verified_and_a_fault_is_exit_code_1(store, tmp_path):
    sound = store("verify")
    connection = sqlite3.connect(tmp_path / "runs.db", isolation_level=None)
    connection.execute("UPDATE records SET body = x'7b7d' WHERE log = 3 AND seq = 1")
    connection.close()

    broken, one = store("verify", "--json"), store("verify-store", *RUN, family="run")

    assert (sound.code, sound.out.splitlines()[0]) == (0, "sound")
    assert (broken.code, broken.json["problems"]) == (
        1,
        [
            {
                "place": "tenant 1 namespace 1 run run-1",
                "reason": "commit 2: decisions 1 does not match its hash",
            }
        ],
    )
    assert (one.code, one.out) == (1, "run run-1: commit 2: decisions 1 does not match its hash, version 4\n")


def test_a_backup_is_made_beside_and_restored_where_nothing_is(store, cli, tmp_path):
    backup = store("backup", tmp_path / "copy.db")
    refused = store("restore", tmp_path / "copy.db")
    restored = cli("store", "restore", tmp_path / "copy.db", "--store-path", tmp_path / "new.db", "--json")

    assert (backup.code, backup.out) == (0, f"{tmp_path / 'copy.db'}: 1 runs, verified\n")
    assert (refused.code, refused.err) == (1, f"{tmp_path / 'runs.db'} is in the way: move it elsewhere first\n")
    assert (restored.code, restored.json["status"]) == (0, "pass")
    assert cli("store", "list", "--store-path", tmp_path / "new.db").json == store("list").json


def test_what_is_erased_is_gone_and_the_rest_still_verifies(store, tmp_path):
    erased = store("erase", *RUN, "--reason", "request 7", "--json")

    assert erased.json == {"dry_run": False, "runs": [{**NAMES, "erased_records": 3}]}
    assert b"secret" not in (tmp_path / "runs.db").read_bytes()
    assert store("verify", "--json").json["erased_records"] == 3
    assert store("get", *RUN).err == "a record of this run was erased under retention\n"
    assert store("verify", *RUN, "--json").json["computed_hash"] is None
    assert store("erase", *RUN, "--reason", "again").out == "run-1: 0 records erased\n"


def test_old_runs_are_erased_by_date_after_a_look(store):
    dry = store("erase", "--finished-before", "2023-11-15", "--reason", "r", "--dry-run")
    young = store("erase", "--finished-before", "2023-11-14", "--reason", "r", "--json")
    done = store("erase", "--finished-before", "2023-11-15", "--reason", "r", "--log", "submissions")

    assert dry.out == "run-1: would be erased\n"
    assert young.json["runs"] == []
    assert done.out == "run-1: 1 records erased\n"


@pytest.mark.parametrize("choice", [(), (*RUN, "--finished-before", "2020-01-01")])
def test_erasing_needs_one_choice(store, choice):
    refused = store("erase", *choice, "--reason", "r")

    assert (refused.code, refused.err.splitlines()[-1]) == (2, "Error: Give either --run-id or --finished-before.")


def test_pruning_removes_nothing_and_says_why(store):
    pruned = store("prune", *RUN, "--keep", "1")

    assert pruned.json == {**NAMES, "keep": 1, "pruned": 0, "dry_run": False}
    assert "nothing to prune" in pruned.err
    assert store("list").json["runs"][0]["latest_version"] == 4


def test_a_run_is_shown_with_its_decisions(store):
    shown = store("show", *RUN, family="run")

    assert shown.out == "run run-1 of scenario: completed in one\n     1  one: hold: g\n     2  one: complete\n"
    assert store("show", *RUN, "--json", family="run").json["decisions"] == ["1  one: hold: g", "2  one: complete"]


def test_a_run_pack_is_exported_that_verifies_and_replays(store, cli, tmp_path):
    exported = store("export", *RUN, "--output-dir", tmp_path / "proof", "--json", family="run")

    checked = cli("runpack", "verify", tmp_path / "proof", "--replay", "--json")
    assert (checked.code, checked.json["run_status"]) == (0, "completed")
    manifest = parse((tmp_path / "proof" / "manifest.json").read_bytes())
    assert exported.json == {
        **NAMES,
        "root_hash": manifest["integrity"]["root_hash"]["value"],
        "output_dir": str(tmp_path / "proof"),
    }


@pytest.mark.parametrize("family", ["list", "verify", "erase"])
def test_a_file_that_is_not_there_is_not_made(cli, tmp_path, family):
    options = ("--run-id", "r", "--reason", "r") if family == "erase" else ()

    refused = cli("store", family, "--store-path", tmp_path / "typo.db", *options)

    assert (refused.code, "typo.db" in refused.err) == (1, True)
    assert not (tmp_path / "typo.db").exists()


@pytest.mark.parametrize("is_named", [False, True])
def test_the_configuration_names_the_file_and_must_be_sqlite(cli, state, write, tmp_path, is_named):  # noqa: ARG001 - state fills the file
    write(
        sqlite__toml=f'[run_state_store]\ntype = "sqlite"\npath = "{tmp_path / "runs.db"}"\n',
        memory__toml='[run_state_store]\ntype = "memory"\n',
    )
    direct = ("--store-path", tmp_path / "runs.db") if is_named else ()

    assert len(cli("store", "list", "--config", tmp_path / "sqlite.toml", *direct).json["runs"]) == 1
    refused = cli("store", "list", "--config", tmp_path / "memory.toml", *direct)
    assert (refused.code, refused.err) == (1, "run_state_store must be sqlite for store commands.\n")
