"""A server that is told to stop while it is busy finishes what it acknowledges and loses nothing (contract §11.3)."""

import pytest
from harness import documents
from harness.config import sqlite
from harness.kills import steps_under_fire
from harness.pack import faults
from harness.race import Caller
from harness.rpc import Client

RUN = ("wheel", "run-1")
CALLERS = 8
STOPS = 3


@pytest.fixture
def server(serve):
    """A server on a file, with a run that never ends."""
    started = serve(sqlite("gate.db"))
    with Client(started.port) as client:
        client.call("scenario_define", {"spec": documents.for_ever()})
        client.call("scenario_start", documents.start(*RUN))
    return started


def test_orderly_stops_under_load_lose_no_step_and_leave_no_journal_behind(server, tmp_path):
    callers = [Caller(port=server.port) for _ in range(CALLERS)]
    statuses, left = [], []

    def stop_and_start():
        statuses.append(server.stop())
        left.extend(path.name for path in server.folder.glob("gate.db-*"))
        server.start()

    taken = steps_under_fire(callers, RUN, stop_and_start, kills=STOPS, seed=7)
    with Client(server.port) as client:
        report = client.call("runpack_export", documents.export(*RUN, str(tmp_path / "pack")))["report"]

    assert (statuses, left) == ([0] * STOPS, [])
    assert faults(tmp_path / "pack", taken) == []
    assert report["status"] == "pass"
    assert {kind for caller in callers for kind, _ in caller.refusals} <= {"conflict"}
