"""Ledger, counters and stores are compared, and what somebody planted is found."""

import pytest

from decision_gate.core.ports import RunKey
from decision_gate.core.testing.runs import start_commit
from decision_gate.enterprise.usage import Reconciliation, reconcile
from decision_gate.enterprise.usage.reconciliation import CounterDifference, StoreDifference
from decision_gate.mcp.hooks.usage_meter import Metric

TENANT = 2**64 - 1


@pytest.fixture
def busy(accounts):
    """Accounts of two tenants whose calls and run are billed."""
    for number in range(5):
        accounts.bill(f"{number}", units=number, namespace_id=12 + number % 2)
    accounts.bill("other", tenant_id=7, namespace_id=None)
    commit = start_commit(RunKey(TENANT, 12, "run"))
    accounts.runs.create(commit)
    accounts.bill("run", metric=Metric.RUNS_STARTED)
    stored = sum(len(record.body) for record in commit.records)
    accounts.bill('["commit",12,"run",1]', units=stored, metric=Metric.STORAGE_BYTES)
    return accounts


def test_what_was_billed_by_servers_agrees(busy):
    assert reconcile(busy.database) == Reconciliation(counters=(), stores=())
    assert reconcile(busy.database).told() == {"agrees": True, "counters": [], "stores": [], "storage": []}


def test_a_counter_that_somebody_set_is_named_with_both_numbers(busy):
    ((period,),) = busy.execute("SELECT DISTINCT period FROM usage_counters")
    busy.execute("UPDATE usage_counters SET used = 3 WHERE metric = 'tool_calls' AND tenant = ?", (b"\xff" * 8,))
    busy.execute("DELETE FROM usage_namespace_counters WHERE namespace = ?", (bytes(7) + b"\x0d",))

    found = reconcile(busy.database)

    named = {"tenant_id": TENANT, "metric": Metric.TOOL_CALLS, "period": period}
    assert set(found.counters) == {
        CounterDifference(namespace_id=None, billed=10, counted=3, **named),
        CounterDifference(namespace_id=13, billed=4, counted=0, **named),
    }
    assert not found.agrees


def test_a_run_that_nobody_paid_for_is_found_by_counting_the_store(busy):
    busy.runs.create(start_commit(RunKey(7, 12, "free")))

    assert reconcile(busy.database).stores == (
        StoreDifference(tenant_id=7, metric=Metric.RUNS_STARTED, billed=0, kept=1),
    )
