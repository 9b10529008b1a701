"""Corrections take back what was billed, never more, once, and leave the old rows as they are."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from decision_gate.core.errors import CallerError
from decision_gate.enterprise.usage import Correction, correct, reconcile
from decision_gate.mcp.hooks.usage_meter import Metric

TENANT = 2**64 - 1


def credit(accounts, charge, units, correction_id="case-1", **changes):
    wanted = {"metric": Metric.TOOL_CALLS, "reason": "an outage", "tenant_id": TENANT} | changes
    correction = Correction(charge=charge, units=units, correction_id=correction_id, **wanted)
    return correct(accounts.database, accounts.sink, correction, actor_id="console:me", at_ms=9)


def used(accounts):
    return [standing.used for standing in accounts.books.standings(TENANT, 12, Metric.TOOL_CALLS, 1_760_000_000_000)]


def test_a_correction_is_a_negative_row_with_a_reference_and_the_charge_stays(accounts):
    charge = accounts.bill("one", units=10)

    assert credit(accounts, charge, 4)

    rows = {entry.key: entry for entry in accounts.books.entries(TENANT)}
    made = rows.pop(f"{TENANT}/tool_calls/correction/case-1")
    assert (made.units, made.reference, made.period) == (-4, charge, rows[charge].period)
    assert made.details == b'{"at_ms":9,"principal_id":"console:me","reason":"an outage"}'
    assert (rows[charge].units, rows[charge].reference) == (10, None)
    assert used(accounts) == [6, 6]
    (event,) = accounts.sink.events
    assert (event.members["action"], event.members["after"]["units"]) == ("usage.correct", -4)
    assert accounts.execute("SELECT count(*) FROM audit_outbox") == [(1,)]
    assert reconcile(accounts.database).counters == ()


def test_the_same_correction_is_made_once_and_its_id_serves_no_other(accounts):
    charge = accounts.bill("one", units=10)

    assert [credit(accounts, charge, 4) for _ in range(3)] == [True, False, False]
    with pytest.raises(CallerError) as refused:
        credit(accounts, charge, 5)

    assert refused.value.code == "correction_conflict"
    assert used(accounts) == [6, 6]


def test_no_more_is_taken_back_than_was_billed_however_many_try(accounts):
    charge = accounts.bill("one", units=10)

    def attempt(number):
        try:
            return credit(accounts, charge, 3, f"case-{number}")
        except CallerError as error:
            return error.code

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(map(str, pool.map(attempt, range(8))))

    assert answers == ["True"] * 3 + ["over_corrected"] * 5
    assert used(accounts) == [1, 1]


def test_only_charges_are_corrected(accounts):
    charge = accounts.bill("one", units=10)
    credit(accounts, charge, 4)

    for wrong, changes in (
        (f"{TENANT}/tool_calls/correction/case-1", {}),
        (f"{TENANT}/tool_calls/never", {}),
        (charge, {"tenant_id": 7}),
        (charge, {"metric": Metric.RUNS_STARTED}),
    ):
        with pytest.raises(CallerError) as refused:
            credit(accounts, wrong, 1, "case-2", **changes)
        assert refused.value.code == "charge_missing"
    assert used(accounts) == [6, 6]
    assert len(accounts.sink.events) == 1


def test_what_is_taken_back_leaves_room_in_the_quota_again(accounts):
    charge = accounts.bill("one", units=10, namespace_id=None)

    credit(accounts, charge, 10)

    assert used(accounts) == [0, 0]
