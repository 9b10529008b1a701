"""Two servers on one SQLite file and 32 callers of one run: no step is lost, none is taken twice.

Each race is run on seams that are wrong on purpose as well, and must fail there: a race that cannot fail shows nothing.
"""

import json
import threading
from functools import partial

import pytest
from harness import documents
from harness.config import sqlite
from harness.pack import faults
from harness.race import Caller, all_steps, together
from harness.rpc import Client

CALLERS = 32
STEPS = 10
# One storm may pass without two servers meeting on a version; that none of so many does is a broken race.
STORMS = 40
PATIENCE_S = 120
RUN = ("wheel", "run-1")


@pytest.fixture
def two_servers(serve, tmp_path):
    """Return a function that starts two servers on one file and a run for both."""

    def start(*changes):
        servers = [serve(sqlite(tmp_path / "gate.db"), *changes) for _ in range(2)]
        with Client(servers[0].port) as client:
            client.call("scenario_define", {"spec": documents.for_ever()})
            client.call("scenario_start", documents.start(*RUN))
        return servers

    return start


def exported(server, folder):
    with Client(server.port) as client:
        return client.call("runpack_export", documents.export(*RUN, str(folder)))


def test_thirty_two_callers_of_two_servers_lose_no_step_and_take_none_twice(two_servers, tmp_path):
    servers = two_servers()
    callers = [Caller(port=servers[number % 2].port) for number in range(CALLERS)]

    taken = all_steps(callers, *RUN, STEPS)
    report = exported(servers[1], tmp_path / "pack")["report"]

    assert len(taken) == CALLERS * STEPS
    assert faults(tmp_path / "pack", taken) == []
    assert report["status"] == "pass"
    assert [caller.broken for caller in callers] == [0] * CALLERS
    assert {kind for caller in callers for kind, _ in caller.refusals} <= {"conflict"}


def test_the_same_race_loses_steps_where_the_last_writer_wins(two_servers, tmp_path):
    wrong = {
        "run_state_store": {"type": "last_writer_wins", "path": str(tmp_path / "runs")},
        "scenario_store": {"type": "sqlite", "path": str(tmp_path / "gate.db")},
    }
    servers = two_servers(dict.fromkeys(wrong), wrong)
    callers = [Caller(port=servers[number % 2].port) for number in range(CALLERS)]

    taken, lost = [], []

    for storm in range(STORMS):
        taken += all_steps(callers, *RUN, STEPS, prefix=f"storm-{storm}")
        exported(servers[1], tmp_path / f"pack-{storm}")
        lost = [fault for fault in faults(tmp_path / f"pack-{storm}", taken) if "acknowledged" in fault]
        if lost:
            break

    assert lost


def polls(caller, has_begun, is_over):
    """Ask where the run stands, tell that the storm has begun, and go on until it is over; return how often it was."""
    told = 0
    with Client(caller.port) as client:
        while not is_over():
            caller.insist(client, "scenario_status", documents.status(*RUN))
            told += 1
            if told == 1:
                has_begun()
    return told


def test_a_storm_of_polls_refuses_no_step(two_servers, tmp_path):
    servers = two_servers()
    stepper = Caller(port=servers[0].port)
    pollers = [Caller(port=servers[number % 2].port) for number in range(CALLERS - 1)]
    taken = []
    storm = threading.Barrier(CALLERS)  # no step before everybody polls

    def steps():
        storm.wait(PATIENCE_S)
        with Client(stepper.port) as client:
            taken.extend(stepper.step(client, *RUN, f"t-{count}") for count in range(20))
        return len(taken)

    def poll(poller):
        return polls(poller, lambda: storm.wait(PATIENCE_S), lambda: len(taken) == 20)

    counts = together([steps, *(partial(poll, poller) for poller in pollers)])
    exported(servers[1], tmp_path / "pack")

    assert counts[0] == 20
    assert stepper.refusals == []
    assert min(counts[1:]) > 0
    assert faults(tmp_path / "pack", taken) == []
    assert len(json.loads((tmp_path / "pack/artifacts/tool_calls.json").read_bytes())) == sum(counts)


def test_a_storm_of_steps_does_refuse_some(two_servers):
    servers = two_servers()
    refused = []

    for storm in range(STORMS):
        callers = [Caller(port=servers[number % 2].port) for number in range(CALLERS)]
        all_steps(callers, *RUN, STEPS, prefix=f"storm-{storm}")
        refused.extend(kind for caller in callers for kind, _ in caller.refusals)
        if refused:
            break

    assert set(refused) == {"conflict"}
