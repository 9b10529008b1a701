"""Who may administer what, and what the audit says of it."""

import pytest

from decision_gate.core.errors import DecisionGateError
from decision_gate.enterprise.admin.use_cases import BY_NAME, USE_CASES
from decision_gate.enterprise.stores.postgres.keys import number

PLATFORM = ("PlatformAdmin", None)
AUDITOR = ("PlatformAuditor", None)


def bill(transaction, tenant, charge):
    """Write one unit of a metric into the ledger, as the table of usage does."""
    place = (number(tenant), "tool_calls")
    transaction.write(
        "INSERT INTO decision_gate.usage_ledger (tenant, metric, key, units, period, details) "
        "VALUES (?, ?, ?, 1, '2026-11', ?)",
        *(*place, charge.encode(), b'{"at_ms":1}'),
    )
    transaction.write(
        "INSERT INTO decision_gate.usage_counters (tenant, metric, period, used) VALUES (?, ?, '2026-11', 1)", *place
    )


@pytest.fixture
def requests(desk, made, tenant):
    """A request for each use case that would be done for somebody who may."""
    namespace = made["namespace"]["namespace_id"]
    key = desk.do("key.issue", tenant_id=tenant, principal_id=made["principal"]["principal_id"], label="more")
    desk.do("principal.create", tenant_id=tenant, principal_id="svc", name="svc")
    desk.do("grant.put", tenant_id=tenant, principal_id="svc", roles=["Agent"])
    charge = f"{tenant}/tool_calls/dg-1"
    desk.service.database.run(desk.sink, lambda transaction: bill(transaction, tenant, charge))
    return {
        "tenant.provision": {"org": "acme", "tenant": "new"},
        "org.create": {"name": "new"},
        "org.list": {},
        "org.get": {"org_id": made["org"]["org_id"]},
        "org.set-state": {"org_id": made["org"]["org_id"], "state": "suspended"},
        "tenant.create": {"org_id": made["org"]["org_id"], "name": "newer"},
        "tenant.list": {},
        "tenant.get": {"tenant_id": tenant},
        "tenant.set-state": {"tenant_id": tenant, "state": "suspended"},
        "tenant.set-hold": {"tenant_id": tenant, "legal_hold": True},
        "namespace.create": {"tenant_id": tenant, "name": "new"},
        "namespace.list": {"tenant_id": tenant},
        "namespace.get": {"tenant_id": tenant, "namespace_id": namespace},
        "namespace.set-state": {"tenant_id": tenant, "namespace_id": namespace, "state": "suspended"},
        "principal.create": {"tenant_id": tenant, "principal_id": f"tenant-{tenant}-new", "name": "new"},
        "principal.list": {"tenant_id": tenant},
        "principal.get": {"tenant_id": tenant, "principal_id": "svc"},
        "principal.set-state": {"tenant_id": tenant, "principal_id": "svc", "state": "suspended"},
        "principal.set-roles": {"tenant_id": tenant, "principal_id": "svc", "roles": ["PlatformAuditor"]},
        "grant.put": {"tenant_id": tenant, "principal_id": "svc", "roles": ["NamespaceReader"]},
        "grant.withdraw": {"tenant_id": tenant, "principal_id": "svc"},
        "grant.list": {"tenant_id": tenant},
        "key.issue": {"tenant_id": tenant, "principal_id": "svc", "label": "new"},
        "key.list": {"tenant_id": tenant},
        "key.get": {"tenant_id": tenant, "key_id": key["key_id"]},
        "key.rotate": {"tenant_id": tenant, "key_id": key["key_id"]},
        "key.revoke": {"tenant_id": tenant, "key_id": key["key_id"]},
        "quota.set": {"tenant_id": tenant, "metric": "tool_calls", "units": 1},
        "quota.list": {"tenant_id": tenant},
        "quota.set-default": {"metric": "tool_calls", "units": 1},
        "quota.list-default": {},
        "usage.show": {"tenant_id": tenant},
        "usage.list": {"tenant_id": tenant},
        "usage.correct": {
            "tenant_id": tenant,
            "metric": "tool_calls",
            "charge": charge,
            "units": 1,
            "correction_id": "case-1",
            "reason": "an outage",
        },
        "key.recover": {},
        "deployment.bootstrap": {},
    }


def may(desk, name, request):
    try:
        desk.do(name, **request)
    except DecisionGateError as refused:
        return refused.code
    return "done"


def test_every_use_case_has_its_row(requests):
    assert set(requests) == set(BY_NAME)


@pytest.mark.parametrize("use_case", [case.name for case in USE_CASES if case.method is not None])
def test_roles_decide_who_administers(desk, tenant, requests, use_case):
    """Contract §4.7 TL-1: a tenant's administrator stays in its tenant, an auditor only reads, others have nothing."""
    case, request = BY_NAME[use_case], requests[use_case]
    is_in_tenant = case.need.value == "tenant"
    wanted = {
        "nobody": "unauthorized",
        "other tenant": "unauthorized",
        "auditor": "unauthorized" if case.is_change else "done",
        "tenant": "done" if is_in_tenant else "unauthorized",
    }

    actors = {
        "nobody": desk.acting(),
        "other tenant": desk.acting(("TenantAdmin", tenant - 1)),
        "auditor": desk.acting(AUDITOR),
        "tenant": desk.acting(("TenantAdmin", tenant)),
    }

    assert {who: may(actor, use_case, request) for who, actor in actors.items()} == wanted


@pytest.mark.parametrize("use_case", [case.name for case in USE_CASES if case.method is not None])
def test_administrator_of_the_deployment_may_do_everything(desk, requests, use_case):
    assert may(desk.acting(PLATFORM), use_case, requests[use_case]) == "done"


@pytest.mark.parametrize("use_case", ["key.recover", "deployment.bootstrap"])
def test_console_alone_recovers_and_bootstraps(desk, requests, use_case):
    assert may(desk.acting(PLATFORM), use_case, requests[use_case]) == "unauthorized"


@pytest.mark.parametrize("use_case", [case.name for case in USE_CASES if case.is_change and case.method is not None])
def test_every_change_is_audited_once_with_actor_before_and_after_and_no_reading_is(desk, requests, use_case):
    desk.sink.events.clear()
    rows = len(desk.content()["audit_outbox"])

    desk.acting(PLATFORM, principal_id="boss").do(use_case, **requests[use_case])

    [event] = desk.sink.events
    assert (event.event, event.members["action"]) == ("admin_change", use_case)
    assert event.members["principal_id"] == "boss"
    assert event.members["before"] is not None or event.members["after"] is not None
    assert "hash" not in repr(event.members)
    assert len(desk.content()["audit_outbox"]) == rows + 1


def test_reading_leaves_no_event(desk, requests):
    before = desk.content()
    desk.sink.events.clear()

    for case in USE_CASES:
        if not case.is_change:
            desk.do(case.name, **requests[case.name])

    assert desk.sink.events == []
    assert desk.content() == before


def test_change_tells_what_was_and_what_is(desk, tenant):
    desk.sink.events.clear()

    desk.do("tenant.set-state", tenant_id=tenant, state="suspended")

    [event] = desk.sink.events
    assert (event.members["before"]["state"], event.members["after"]["state"]) == ("active", "suspended")
    assert event.members["tenant_id"] == str(tenant)


def test_denial_is_audited_without_the_named_tenant_and_changes_nothing_else(desk, tenant):
    before = desk.content()
    desk.sink.events.clear()

    assert may(desk.acting(("Agent", tenant)), "tenant.set-state", {"tenant_id": tenant, "state": "deleted"}) == (
        "unauthorized"
    )

    [event] = desk.sink.events
    assert (event.event, event.is_denial, "tenant_id" in event.members) == ("admin_denied", True, False)
    after = desk.content()
    assert len(after.pop("audit_outbox")) == len(before.pop("audit_outbox")) + 1
    assert after == before


def test_change_that_the_audit_does_not_take_is_not_made(desk, tenant, monkeypatch):
    """Contract §4.10 IN-3: no audit, no change."""

    class UnwritableError(Exception):
        pass

    def riders(_event):
        raise UnwritableError

    monkeypatch.setattr(desk.sink, "riders", riders)
    before = desk.content()

    with pytest.raises(UnwritableError):
        desk.do("tenant.set-state", tenant_id=tenant, state="suspended")

    assert desk.content() == before


def test_tenant_administrator_cannot_reach_a_principal_of_the_deployment(desk, made, tenant):
    """Or it could issue itself a key of somebody who administers everything."""
    boss = made["principal"]["principal_id"]
    desk.do("principal.set-roles", tenant_id=tenant, principal_id=boss, roles=["PlatformAdmin"])
    own = desk.acting(("TenantAdmin", tenant))
    key = made["api_key"]["key_id"]

    assert [
        may(own, "key.issue", {"tenant_id": tenant, "principal_id": boss, "label": "mine"}),
        may(own, "key.rotate", {"tenant_id": tenant, "key_id": key}),
        may(own, "key.revoke", {"tenant_id": tenant, "key_id": key}),
        may(own, "principal.set-state", {"tenant_id": tenant, "principal_id": boss, "state": "suspended"}),
        may(own, "grant.put", {"tenant_id": tenant, "principal_id": boss, "roles": ["Agent"]}),
        may(own, "key.issue", {"tenant_id": tenant, "principal_id": boss, "label": "x", "spanning": True}),
    ] == ["unauthorized"] * 6


def test_principals_and_keys_of_another_tenant_are_not_there_for_a_tenant_administrator(desk, tenant):
    other = desk.do("tenant.provision", org="acme", tenant="risk")
    own = desk.acting(("TenantAdmin", tenant))
    stranger, key = other["principal"]["principal_id"], other["api_key"]["key_id"]

    answers = [
        may(own, name, {"tenant_id": tenant, **request})
        for name, request in (
            ("principal.get", {"principal_id": stranger}),
            ("grant.put", {"principal_id": stranger, "roles": ["Agent"]}),
            ("grant.put", {"principal_id": "nobody at all", "roles": ["Agent"]}),
            ("key.issue", {"principal_id": stranger, "label": "mine"}),
            ("key.get", {"key_id": key}),
            ("key.revoke", {"key_id": key}),
        )
    ]

    assert answers == ["not_found"] * 6


def test_id_that_a_tenant_may_give_tells_nothing_of_who_there_is_elsewhere(desk, tenant):
    """Ids are those of the whole deployment: a taken one and a free one of others are refused alike."""
    other = desk.do("tenant.provision", org="acme", tenant="risk")
    own = desk.acting(("TenantAdmin", tenant))

    def creates(principal_id):
        return may(own, "principal.create", {"tenant_id": tenant, "principal_id": principal_id, "name": "x"})

    assert [creates(other["principal"]["principal_id"]), creates("nobody at all")] == ["invalid_request"] * 2
    assert [creates(f"tenant-{tenant}-ci"), creates(f"tenant-{tenant}-ci")] == ["done", "conflict"]


@pytest.mark.parametrize(
    ("use_case", "request_"),
    [
        ("org.create", {"nme": "acme"}),
        ("org.create", {"name": ""}),
        ("org.create", {"name": "a\nb"}),
        ("org.create", {"name": "x" * 256}),
        ("org.create", {}),
        ("org.get", {"org_id": 0}),
        ("org.get", {"org_id": 2**53}),
        ("org.get", {"org_id": "1"}),
        ("org.get", {"org_id": True}),
        ("org.list", {"limit": 201}),
        ("org.list", {"cursor": "not a cursor"}),
        ("org.set-state", {"org_id": 1, "state": "gone"}),
        ("grant.put", {"tenant_id": 1, "principal_id": "x", "roles": ["Owner"]}),
        ("grant.put", {"tenant_id": 1, "principal_id": "x"}),
        ("grant.put", {"tenant_id": 1, "principal_id": "x", "roles": ["TenantAdmin"], "namespace_id": 2}),
        ("grant.put", {"tenant_id": 1, "principal_id": "x", "roles": ["Agent"], "tools": ["admin_key_issue"]}),
        ("grant.put", {"tenant_id": 1, "principal_id": "x", "roles": ["Agent"], "tools": ["t"] * 129}),
        ("principal.create", {"tenant_id": 1, "principal_id": "x", "name": "x", "roles": ["Root"]}),
    ],
)
def test_request_that_is_not_what_the_use_case_takes_is_refused(desk, use_case, request_):
    assert may(desk, use_case, request_) in ("invalid_request", "invalid_identifier")
