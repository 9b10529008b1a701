"""A killed server keeps every acknowledged step with its charge and its audit record, and no half of any other."""

import signal

import pytest
from deployment import administration
from harness import documents
from harness.kills import steps_under_fire
from harness.pack import faults, log
from harness.race import Caller
from harness.rpc import Client

RUN = ("wheel", "run-1")
CALLERS = 8


@pytest.fixture
def server(deployment):
    """A production server, and a run."""
    own, started = deployment.boss, deployment.serve()
    with Client(started.port, token=own.key) as client:
        client.call("scenario_define", {"spec": own.owned(documents.for_ever())})
        client.call("scenario_start", documents.start(*RUN, **own.place))
    return started


def check(server, deployment, crash, kills, seed):
    own = deployment.boss
    callers = [Caller(port=server.port, token=own.key, place=own.place) for _ in range(CALLERS)]

    taken = steps_under_fire(callers, RUN, crash, kills=kills, seed=seed)
    usage, audited = administration.usage(deployment, own.tenant_id), administration.audited(deployment, own.tenant_id)
    deployment.cloud("audit", "fsck")  # ends with status 1, and so the test, when a log does not hold
    folder = deployment.folder / "runpacks" / str(own.tenant_id) / "pack"
    with Client(server.port, token=own.key) as client:
        report = client.call("runpack_export", documents.export(*RUN, "pack", **own.place))["report"]

    assert faults(folder, taken) == []
    assert report["status"] == "pass"
    decided = [decision["trigger_id"] for decision in log(folder, "decisions")]
    billed_calls = {key for metric, key in usage.billed if metric == "tool_calls"}
    # While the database is away the guards that ask it refuse, and a refusal is audited, never billed.
    denied = {event["server_correlation_id"] for event in audited if event["event"] == "guard_denial"}
    others = [event for event in audited if event["event"] not in {"admin_change", "guard_denial"}]
    audited_calls = [event["server_correlation_id"] for event in others]
    assert {step.correlation_id for step in taken} <= billed_calls
    assert set(usage.billed.values()) == {1}
    assert len(audited_calls) == len(set(audited_calls))
    assert set(audited_calls) == billed_calls
    assert denied.isdisjoint(billed_calls)
    assert len(log(folder, "tool_calls")) == len(billed_calls) - 2  # neither the definition nor the start is one
    assert usage.of("evidence_queries") == len(decided)
    assert usage.used["evidence_queries"] == len(decided)
    assert usage.used["tool_calls"] == len(billed_calls)


def killed(server):
    def crash():
        server.kill()
        server.start()

    return crash


def test_after_three_kills_every_step_has_one_charge_a_metric_and_one_audit_record(server, deployment):
    check(server, deployment, killed(server), kills=3, seed=1)


@pytest.mark.chaos
@pytest.mark.parametrize("seed", range(2))
def test_after_thirty_kills_every_step_has_one_charge_a_metric_and_one_audit_record(server, deployment, seed):
    check(server, deployment, killed(server), kills=30, seed=seed)


@pytest.mark.services
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_a_database_that_crashes_under_load_keeps_what_was_acknowledged(server, deployment, postgres):
    def crash():
        postgres.stop(signal.SIGQUIT)  # at once and without a checkpoint: it recovers from its log
        postgres.start()

    check(server, deployment, crash, kills=3, seed=1)
