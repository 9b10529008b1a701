"""A loss of power takes nothing that was acknowledged, unless the operator chose to let it.

The disk forgets what was not synchronised. That it does is shown by the same load under ``sync_mode = "normal"``.
"""

import pytest
from harness import documents
from harness.config import sqlite
from harness.kills import steps_under_fire
from harness.pack import faults
from harness.power import lossy_disk
from harness.race import Caller
from harness.rpc import Client

pytestmark = pytest.mark.chaos

RUN = ("wheel", "run-1")
CALLERS = 8


@pytest.fixture
def losses(serve, tmp_path):
    """Return a function that drives a run while the power goes, and tells what is wrong with it afterwards."""
    with lossy_disk(tmp_path / "power") as disk:

        def drive(seed, **store):
            server = serve(sqlite(disk.mount / "gate.db", **store))
            with Client(server.port) as client:
                client.call("scenario_define", {"spec": documents.for_ever()})
                client.call("scenario_start", documents.start(*RUN))
            server.restart()  # what is there before the load begins is safe in every mode

            def crash():
                server.kill()
                disk.cut_power()
                disk.switch_on()
                server.start()

            callers = [Caller(port=server.port) for _ in range(CALLERS)]
            taken = steps_under_fire(callers, RUN, crash, kills=6, seed=seed)
            with Client(server.port) as client:
                client.call("runpack_export", documents.export(*RUN, str(tmp_path / "pack")))
            server.kill()
            return faults(tmp_path / "pack", taken)

        yield drive


@pytest.mark.parametrize("journal_mode", ["wal", "delete"])
@pytest.mark.parametrize("seed", [1, 2])
def test_six_losses_of_power_under_load_take_nothing_that_was_acknowledged(losses, journal_mode, seed):
    assert losses(seed, journal_mode=journal_mode, sync_mode="full") == []


def test_the_same_losses_take_acknowledged_steps_where_commits_are_not_synchronised(losses):
    lost = [fault for fault in losses(1, sync_mode="normal") if "acknowledged" in fault]

    assert lost
