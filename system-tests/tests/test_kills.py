"""A server that is killed at any moment loses nothing that it acknowledged, and leaves nothing half done."""

import pytest
from harness import documents
from harness.command import decision_gate
from harness.config import sqlite
from harness.kills import steps_under_fire
from harness.pack import faults, log
from harness.race import Caller
from harness.rpc import Client

RUN = ("wheel", "run-1")
CALLERS = 8


@pytest.fixture
def server(serve):
    """A server on a file, with a run."""
    started = serve(sqlite("gate.db"))
    with Client(started.port) as client:
        client.call("scenario_define", {"spec": documents.for_ever()})
        client.call("scenario_start", documents.start(*RUN))
    return started


def kill_and_check(server, folder, kills, seed):
    callers = [Caller(port=server.port) for _ in range(CALLERS)]

    def crash():
        server.kill()
        server.start()

    taken = steps_under_fire(callers, RUN, crash, kills=kills, seed=seed)
    with Client(server.port) as client:
        report = client.call("runpack_export", documents.export(*RUN, str(folder)))["report"]
    stored = decision_gate("store", "verify", "--store-path", "gate.db", folder=server.folder)

    assert stored.returncode == 0, stored.stdout
    assert sum(caller.broken for caller in callers) >= kills
    assert faults(folder, taken) == []
    assert report["status"] == "pass"
    calls, decisions = log(folder, "tool_calls"), log(folder, "decisions")
    assert len(calls) >= len(decisions) >= len(taken)
    assert [call["call_id"] for call in calls] == [f"call-{number}" for number in range(1, len(calls) + 1)]


def test_every_acknowledged_step_survives_three_kills_under_load(server, tmp_path):
    kill_and_check(server, tmp_path / "pack", kills=3, seed=1)


@pytest.mark.chaos
@pytest.mark.parametrize("seed", range(3))
def test_every_acknowledged_step_survives_thirty_kills_under_load(server, tmp_path, seed):
    kill_and_check(server, tmp_path / "pack", kills=30, seed=seed)
