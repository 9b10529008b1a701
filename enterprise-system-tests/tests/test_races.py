"""Two enterprise servers on one database, 32 callers of one run: no step lost, none doubled, each billed once."""

import pytest
from deployment import administration
from harness import documents
from harness.pack import faults
from harness.race import Caller, all_steps
from harness.rpc import Client

CALLERS = 32
STEPS = 10
RUN = ("wheel", "run-1")


@pytest.fixture
def two_servers(serve, database):
    """Two servers on one database, and a run for both."""
    servers = [serve(database.plugged()) for _ in range(2)]
    with Client(servers[0].port) as client:
        client.call("scenario_define", {"spec": documents.for_ever()})
        client.call("scenario_start", documents.start(*RUN))
    return servers


def test_thirty_two_callers_of_two_servers_lose_no_step_and_every_step_is_billed_and_audited_once(
    two_servers, database, tmp_path
):
    callers = [Caller(port=two_servers[number % 2].port) for number in range(CALLERS)]

    taken = all_steps(callers, *RUN, STEPS)
    with Client(two_servers[1].port) as client:
        report = client.call("runpack_export", documents.export(*RUN, str(tmp_path / "pack")))["report"]

    assert len(taken) == CALLERS * STEPS
    assert faults(tmp_path / "pack", taken) == []
    assert report["status"] == "pass"
    usage = administration.usage(database)
    assert {step.correlation_id for step in taken} <= {key for metric, key in usage.billed if metric == "tool_calls"}
    assert set(usage.billed.values()) == {1}
    assert usage.used["evidence_queries"] == len(taken)
    assert usage.used["tool_calls"] == len(taken) + 3
    audited = [event["server_correlation_id"] for event in administration.audited(database)]
    assert len(audited) == len(set(audited)) == len(taken) + 3
