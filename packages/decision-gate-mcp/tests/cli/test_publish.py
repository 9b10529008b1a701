"""``scenario publish``: the pointer moves, and nothing that has begun (deviation S8)."""

import pytest

SCENARIO = "scenario: s\nevidence:\n  late: {time: after, timestamp: %d, equals: true}\nstages:\n  a:\n    gate: late\n"


def test_a_published_version_is_what_new_runs_begin_with_and_old_ones_keep_theirs(cli, write, tmp_path):
    write(old__yaml=SCENARIO % 1, new__yaml=SCENARIO % 4_000_000_000_000)
    store = tmp_path / "runs.db"

    first = cli("scenario", "publish", tmp_path / "old.yaml", "--store", store, "--json").json
    begun = cli("gate", tmp_path / "old.yaml", "--store", store, "--run", "one", "--json").json
    second = cli("scenario", "publish", tmp_path / "new.yaml", "--store", store, "--json").json
    again = cli("scenario", "publish", tmp_path / "new.yaml", "--store", store)

    assert first["previous_spec_hash"] is None
    assert second["previous_spec_hash"] == first["spec_hash"] == begun["spec_hash"]
    assert again.out.endswith("it was current already\n")
    shown = cli("run", "show", "--store-path", store, "--run-id", "one", "--json").json
    assert shown["spec_hash"] == first["spec_hash"]


def test_the_file_of_a_servers_configuration_is_the_place(cli, write, tmp_path, monkeypatch):
    monkeypatch.chdir(write(s__yaml=SCENARIO % 1))
    (tmp_path / "server.toml").write_text('[run_state_store]\ntype = "sqlite"\npath = "runs.db"\n', encoding="utf-8")

    ran = cli("scenario", "publish", "s.yaml", "--config", "server.toml")

    assert (ran.code, (tmp_path / "runs.db").exists()) == (0, True)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "name a database file with --store"),
        (["--config", "memory.toml"], "run_state_store must be sqlite for store commands."),
    ],
)
def test_a_scenario_is_not_published_to_nowhere(cli, write, monkeypatch, options, said):
    monkeypatch.chdir(write(s__yaml=SCENARIO % 1, memory__toml=""))

    ran = cli("scenario", "publish", "s.yaml", *options)

    assert (ran.code, ran.out) == (1, "")
    assert said in ran.err
