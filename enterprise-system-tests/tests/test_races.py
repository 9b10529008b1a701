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
def two_servers(deployment):
    """Two servers of one deployment, and a run for both."""
    own, servers = deployment.boss, [deployment.serve() for _ in range(2)]
    with Client(servers[0].port, token=own.key) as client:
        client.call("scenario_define", {"spec": own.owned(documents.for_ever())})
        client.call("scenario_start", documents.start(*RUN, **own.place))
    return servers


def test_thirty_two_callers_of_two_servers_lose_no_step_and_every_step_is_billed_and_audited_once(
    two_servers, deployment
):
    own = deployment.boss
    callers = [Caller(port=two_servers[number % 2].port, token=own.key, place=own.place) for number in range(CALLERS)]

    taken = all_steps(callers, *RUN, STEPS)
    with Client(two_servers[1].port, token=own.key) as client:
        report = client.call("runpack_export", documents.export(*RUN, "pack", **own.place))["report"]

    assert len(taken) == CALLERS * STEPS
    assert faults(deployment.folder / "runpacks" / str(own.tenant_id) / "pack", taken) == []
    assert report["status"] == "pass"
    usage = administration.usage(deployment, own.tenant_id)
    assert {step.correlation_id for step in taken} <= {key for metric, key in usage.billed if metric == "tool_calls"}
    assert set(usage.billed.values()) == {1}
    assert usage.used["evidence_queries"] == len(taken)
    assert usage.used["tool_calls"] == len(taken) + 3
    events = administration.audited(deployment, own.tenant_id)
    audited = [event["server_correlation_id"] for event in events if event["event"] != "admin_change"]
    assert len(audited) == len(set(audited)) == len(taken) + 3
