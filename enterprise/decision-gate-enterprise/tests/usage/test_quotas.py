"""Quotas are set with their audit, and told as they were set."""

from decision_gate.enterprise.usage import EVERY_TENANT, Limit, Period, Quota, quotas_of, set_quota
from decision_gate.mcp.hooks.usage_meter import Metric

OWN = Quota(tenant_id=7, metric=Metric.TOOL_CALLS, limit=Limit(period=Period.DAY, units=5))
INNER = Quota(tenant_id=7, namespace_id=12, metric=Metric.TOOL_CALLS, limit=Limit(units=2))


def test_quotas_are_listed_as_they_were_set_and_the_one_before_is_returned(accounts):
    def given(quota):
        return set_quota(accounts.database, accounts.sink, quota, actor_id="console:me", at_ms=5)

    higher = Quota(tenant_id=7, metric=Metric.TOOL_CALLS, limit=Limit(period=Period.TOTAL))

    assert [given(quota) for quota in (OWN, INNER, higher)] == [None, None, OWN]
    assert quotas_of(accounts.database, 7) == [higher, INNER]
    assert quotas_of(accounts.database, EVERY_TENANT) == []


def test_a_quota_holds_for_the_meter_and_is_audited_in_the_log_of_its_tenant(accounts):
    set_quota(accounts.database, accounts.sink, OWN, actor_id="console:me", at_ms=5)

    assert accounts.books.standing(7, Metric.TOOL_CALLS, 0).limit == OWN.limit
    (event,) = accounts.sink.events
    assert event.event == "admin_change"
    assert event.members == {
        "timestamp_ms": 5,
        "action": "quota.set",
        "principal_id": "console:me",
        "tenant_id": "7",
        "before": None,
        "after": {"tenant_id": "7", "namespace_id": None, "metric": "tool_calls", "period": "day", "units": 5},
    }
    assert accounts.execute("SELECT count(*) FROM audit_outbox") == [(1,)]
