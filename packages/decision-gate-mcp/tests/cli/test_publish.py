"""``scenario publish``: the pointer moves, and nothing that has begun (deviation S8)."""

import os

import pytest

from decision_gate.core.codec import decode
from decision_gate.core.json import parse
from decision_gate.core.memory import MemoryRiders, MemoryScenarioStore
from decision_gate.core.model import ScenarioSpec
from decision_gate.mcp.cli.publishing import publish
from decision_gate.mcp.testing import ManualServerClock, RecordingSink
from decision_gate.mcp.testing.calls import define

SCENARIO = "scenario: s\nevidence:\n  late: {time: after, timestamp: %d, equals: true}\nstages:\n  a:\n    gate: late\n"
SERVER = """
[server.audit]
path = "audit.jsonl"
[run_state_store]
type = "sqlite"
path = "runs.db"
[[providers]]
name = "time"
type = "builtin"
"""


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
    (tmp_path / "server.toml").write_text(SERVER, encoding="utf-8")

    ran = cli("scenario", "publish", "s.yaml", "--config", "server.toml")

    assert (ran.code, (tmp_path / "runs.db").exists()) == (0, True)


def test_the_audit_of_the_server_is_told_what_became_current_and_what_was_before(cli, write, tmp_path, monkeypatch):
    monkeypatch.chdir(write(old__yaml=SCENARIO % 1, new__yaml=SCENARIO % 2, server__toml=SERVER))
    [first, second] = [
        cli("scenario", "publish", name, "--config", "server.toml", "--json").json for name in ("old.yaml", "new.yaml")
    ]

    told = [parse(line) for line in (tmp_path / "audit.jsonl").read_text(encoding="utf-8").splitlines()]

    assert [event.pop("timestamp_ms") > 0 for event in told] == [True, True]
    published = {
        "event": "scenario_published",
        "transport": "cli",
        "principal_id": f"uid:{os.getuid()}",
        "owner": None,
        "namespace_id": "1",
        "scenario_id": "s",
        "spec_version": told[0]["spec_version"],
        "sequence": 1,
    }
    assert told == [
        {**published, "spec_hash": first["spec_hash"], "previous_spec_hash": None},
        {**published, "spec_hash": second["spec_hash"], "previous_spec_hash": first["spec_hash"]},
    ]


@pytest.mark.parametrize(
    ("scenario", "said"),
    [
        (SCENARIO.replace("time: after", "env: get").replace("timestamp: %d", "key: HOME"), "provider_missing"),
        (SCENARIO.replace("equals: true", "equals: 5") % 1, "expected_invalid"),
    ],
)
def test_what_the_server_would_not_define_is_not_published(cli, write, tmp_path, monkeypatch, scenario, said):
    """Contract §2.1, §7.4: the checks of ``scenario_define``."""
    monkeypatch.chdir(write(s__yaml=scenario, server__toml=SERVER))

    ran = cli("scenario", "publish", "s.yaml", "--config", "server.toml")

    assert (ran.code, ran.out, (tmp_path / "runs.db").exists()) == (1, "", False)
    assert said in ran.err


def test_an_audit_that_rides_is_committed_with_the_pointer():
    sink = RecordingSink(is_riding=True)
    scenarios = MemoryScenarioStore(MemoryRiders([sink.table]))
    spec = decode(ScenarioSpec, define()["spec"])

    published = publish(spec, scenarios, sink, ManualServerClock())

    assert [parse(rider.body)["spec_hash"] for rider in sink.table.applied.values()] == [published.spec_hash]
    assert [event.event for event in sink.events] == ["scenario_published"]


def test_two_places_are_one_too_many(cli, write, monkeypatch):
    monkeypatch.chdir(write(s__yaml=SCENARIO % 1, server__toml=SERVER))

    assert cli("scenario", "publish", "s.yaml", "--config", "server.toml", "--store", "runs.db").code == 2


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
