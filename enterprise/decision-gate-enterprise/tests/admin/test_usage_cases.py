"""Quotas, usage and corrections as use cases: listed page by page, changed by the deployment alone, audited."""

import pytest

from decision_gate.core.errors import DecisionGateError
from decision_gate.enterprise.admin.fields import MetricName, PeriodName
from decision_gate.enterprise.stores.postgres.keys import number
from decision_gate.enterprise.usage import Period, reconcile
from decision_gate.mcp.hooks.usage_meter import Metric

DETAILS = b'{"at_ms":1,"principal_id":"ci"}'


@pytest.fixture
def billed(desk, made, tenant):
    """Keys of three charges of two units each, all of November and of the first namespace."""
    namespace = made["namespace"]["namespace_id"]
    keys = [f"{tenant}/tool_calls/dg-{count}" for count in range(3)]

    def work(transaction):
        for key in keys:
            transaction.write(
                "INSERT INTO decision_gate.usage_ledger "
                "(tenant, metric, key, units, period, details, namespace, namespace_period) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                *(number(tenant), "tool_calls", key.encode(), 2, "2026-11", DETAILS, number(namespace), "2026-11"),
            )
        place = (number(tenant), "tool_calls", "2026-11", 6)
        transaction.write(
            "INSERT INTO decision_gate.usage_counters (tenant, metric, period, used) VALUES (?, ?, ?, ?)", *place
        )
        transaction.write(
            "INSERT INTO decision_gate.usage_namespace_counters (tenant, namespace, metric, period, used) "
            "VALUES (?, ?, ?, ?, ?)",
            *(place[0], number(namespace), *place[1:]),
        )

    desk.service.database.run(desk.sink, work)
    return keys


def pages(desk, use_case, **request):
    """Return all items of a listing, one a page."""
    items, cursor = [], None
    while True:
        page = desk.do(use_case, **request, limit=1, **({} if cursor is None else {"cursor": cursor}))
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return items


def refusal(desk, use_case, **request):
    with pytest.raises(DecisionGateError) as refused:
        desk.do(use_case, **request)
    return refused.value.code


def test_quotas_are_set_listed_page_by_page_and_audited_with_what_was_there_before(desk, made, tenant):
    namespace = made["namespace"]["namespace_id"]
    desk.sink.events.clear()

    first = desk.do("quota.set", tenant_id=tenant, metric="tool_calls", units=10)
    desk.do("quota.set", tenant_id=tenant, metric="tool_calls", units=20, period="day")
    desk.do("quota.set", tenant_id=tenant, metric="runs_started", namespace_id=namespace, units=0)
    desk.do("quota.set", tenant_id=tenant, metric="storage_bytes")
    desk.do("quota.set-default", metric="tool_calls", units=5, period="total")

    quota = {"tenant_id": tenant, "namespace_id": None, "metric": "tool_calls", "period": "month", "units": 10}
    assert first == quota
    assert pages(desk, "quota.list", tenant_id=tenant) == [
        {**quota, "metric": "storage_bytes", "units": None},
        {**quota, "period": "day", "units": 20},
        {**quota, "namespace_id": namespace, "metric": "runs_started", "units": 0},
    ]
    assert pages(desk, "quota.list-default") == [{**quota, "tenant_id": None, "period": "total", "units": 5}]
    told = [event.members for event in desk.sink.events]
    assert [(event["action"], event["tenant_id"]) for event in told] == [
        *[("quota.set", str(tenant))] * 4,
        ("quota.set-default", None),
    ]
    assert (told[0]["before"], told[1]["before"]) == (None, told[0]["after"])
    assert told[1]["after"] == {
        "tenant_id": str(tenant),
        "namespace_id": None,
        "metric": "tool_calls",
        "period": "day",
        "units": 20,
    }
    assert {event["principal_id"] for event in told} == {"console:me"}


def test_usage_is_shown_by_metric_and_listed_row_by_row(desk, made, tenant, billed):
    namespace = made["namespace"]["namespace_id"]
    total = {"namespace_id": None, "metric": "tool_calls", "period": "2026-11", "used": 6}

    assert pages(desk, "usage.show", tenant_id=tenant) == [total, {**total, "namespace_id": namespace}]
    assert pages(desk, "usage.list", tenant_id=tenant) == [
        {
            "namespace_id": namespace,
            "metric": "tool_calls",
            "key": key,
            "units": 2,
            "period": "2026-11",
            "namespace_period": "2026-11",
            "reference": None,
            "details": {"at_ms": 1, "principal_id": "ci"},
        }
        for key in billed
    ]


def test_correction_is_made_once_and_audited_and_the_ledger_stays_in_balance(desk, tenant, billed):
    wanted = {"tenant_id": tenant, "metric": "tool_calls", "charge": billed[0], "units": 2, "reason": "an outage"}
    desk.sink.events.clear()

    answers = [desk.do("usage.correct", **wanted, correction_id="case-7") for _ in range(2)]

    key = f"{tenant}/tool_calls/correction/case-7"
    assert answers == [{"key": key, "is_new": True}, {"key": key, "is_new": False}]
    assert refusal(desk, "usage.correct", **wanted, correction_id="case-8") == "over_corrected"
    assert refusal(desk, "usage.correct", **{**wanted, "units": 1}, correction_id="case-7") == "correction_conflict"
    assert refusal(desk, "usage.correct", **{**wanted, "charge": "x"}, correction_id="case-9") == "charge_missing"
    assert desk.do("usage.show", tenant_id=tenant)["items"][0]["used"] == 4
    first, second = (event.members for event in desk.sink.events)
    assert (first["before"], first["after"]["units"]) == (None, -2)
    assert second["before"] == second["after"] == first["after"]
    assert reconcile(desk.service.database).counters == ()


def test_every_metric_and_period_has_its_name_in_requests():
    names = {enum: [member.value for member in enum] for enum in (MetricName, PeriodName)}

    assert names == {MetricName: [metric.value for metric in Metric], PeriodName: [period.value for period in Period]}


@pytest.mark.parametrize("metric", ["tool_calls", "storage_bytes"])
def test_tenant_administrator_sees_its_quotas_and_changes_none(desk, tenant, metric):
    desk.do("quota.set", tenant_id=tenant, metric=metric, units=1)
    own = desk.acting(("TenantAdmin", tenant))

    assert [quota["metric"] for quota in own.do("quota.list", tenant_id=tenant)["items"]] == [metric]
    assert refusal(own, "quota.set", tenant_id=tenant, metric=metric, units=10**9) == "unauthorized"
    assert refusal(own, "quota.list", tenant_id=tenant + 1) == "unauthorized"


@pytest.mark.parametrize(
    ("use_case", "request_", "code"),
    [
        ("quota.set", {"metric": "tool_calls", "units": -1}, "invalid_request"),
        ("quota.set", {"metric": "tool_calls", "units": 2**63}, "invalid_request"),
        ("quota.set", {"metric": "calls", "units": 1}, "invalid_request"),
        ("quota.set", {"metric": "tool_calls", "period": "week"}, "invalid_request"),
        ("quota.set", {"metric": "tool_calls", "namespace_id": 1}, "not_found"),
        ("usage.correct", {"metric": "tool_calls", "charge": "x", "units": 0}, "invalid_request"),
    ],
)
def test_what_is_no_quota_or_correction_is_refused(desk, tenant, use_case, request_, code):
    more = {"correction_id": "c", "reason": "r"} if use_case == "usage.correct" else {}

    assert refusal(desk, use_case, tenant_id=tenant, **request_, **more) == code
