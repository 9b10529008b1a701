"""Organisations, tenants and namespaces through their lives."""

import pytest

from decision_gate.core.errors import DecisionGateError

DAY_MS = 24 * 60 * 60 * 1000


def refusal(desk, use_case, **request):
    with pytest.raises(DecisionGateError) as refused:
        desk.do(use_case, **request)
    return refused.value.code


def test_closing_tenant_is_kept_for_the_retention_and_then_may_be_deleted(desk, tenant):
    closing = desk.do("tenant.set-state", tenant_id=tenant, state="closing")

    assert closing["retain_until"] == desk.clock.now_ms() + 30 * DAY_MS
    assert refusal(desk, "tenant.set-state", tenant_id=tenant, state="deleted") == "transition_refused"
    desk.clock.advance(30 * DAY_MS)
    assert desk.do("tenant.set-state", tenant_id=tenant, state="deleted")["state"] == "deleted"
    assert refusal(desk, "tenant.set-state", tenant_id=tenant, state="active") == "transition_refused"


def test_retention_can_be_lengthened_and_not_shortened(desk, tenant):
    shorter = desk.do("tenant.set-state", tenant_id=tenant, state="closing", retain_days=1)
    desk.do("tenant.set-state", tenant_id=tenant, state="active")

    longer = desk.do("tenant.set-state", tenant_id=tenant, state="closing", retain_days=90)

    assert shorter["retain_until"] == desk.clock.now_ms() + 30 * DAY_MS
    assert longer["retain_until"] == desk.clock.now_ms() + 90 * DAY_MS


def test_legal_hold_keeps_a_tenant_and_its_namespaces_after_retention(desk, made, tenant):
    namespace = made["namespace"]["namespace_id"]
    desk.do("tenant.set-hold", tenant_id=tenant, legal_hold=True)
    desk.do("namespace.set-state", tenant_id=tenant, namespace_id=namespace, state="closing")
    desk.do("tenant.set-state", tenant_id=tenant, state="closing")
    desk.clock.advance(31 * DAY_MS)

    held = [
        refusal(desk, "tenant.set-state", tenant_id=tenant, state="deleted"),
        refusal(desk, "namespace.set-state", tenant_id=tenant, namespace_id=namespace, state="deleted"),
    ]
    desk.do("tenant.set-hold", tenant_id=tenant, legal_hold=False)

    assert held == ["transition_refused"] * 2
    assert desk.do("tenant.set-state", tenant_id=tenant, state="deleted")["state"] == "deleted"


def test_organisation_with_a_living_tenant_is_not_deleted(desk, made):
    org = made["org"]["org_id"]
    desk.do("org.set-state", org_id=org, state="closing")
    desk.clock.advance(31 * DAY_MS)

    assert refusal(desk, "org.set-state", org_id=org, state="deleted") == "conflict"


def test_deleted_tenant_keeps_its_rows_and_its_name(desk, made, tenant):
    desk.do("tenant.set-state", tenant_id=tenant, state="closing")
    desk.clock.advance(31 * DAY_MS)
    desk.do("tenant.set-state", tenant_id=tenant, state="deleted")

    assert desk.do("namespace.list", tenant_id=tenant)["items"] == [made["namespace"]]
    assert refusal(desk, "tenant.provision", org="acme", tenant="pay") == "conflict"


def test_nothing_is_made_in_what_is_not_active(desk, made, tenant):
    desk.do("tenant.set-state", tenant_id=tenant, state="suspended")

    assert refusal(desk, "namespace.create", tenant_id=tenant, name="new") == "conflict"
    principal = made["principal"]["principal_id"]
    assert refusal(desk, "key.issue", tenant_id=tenant, principal_id=principal, label="new") == "conflict"
    desk.do("org.set-state", org_id=made["org"]["org_id"], state="suspended")
    assert refusal(desk, "tenant.provision", org="acme", tenant="new") == "conflict"


def test_same_name_of_a_namespace_in_two_tenants_is_two_namespaces(desk, made, tenant):
    """Contract §4.2 P1-8."""
    other = desk.do("tenant.provision", org="acme", tenant="risk")

    assert other["namespace"]["name"] == made["namespace"]["name"]
    assert (
        refusal(
            desk,
            "namespace.get",
            tenant_id=tenant,
            namespace_id=other["namespace"]["namespace_id"],
        )
        == "not_found"
    )


def test_pages_together_are_the_whole_and_say_where_to_go_on(desk, tenant):
    names = {f"n{number}" for number in range(7)} | {"main"}
    for name in names - {"main"}:
        desk.do("namespace.create", tenant_id=tenant, name=name)
    found, cursor, pages = [], None, 0

    while pages == 0 or cursor is not None:
        more = {} if cursor is None else {"cursor": cursor}
        page = desk.do("namespace.list", tenant_id=tenant, limit=3, **more)
        found += [item["name"] for item in page["items"]]
        cursor, pages = page["next_cursor"], pages + 1

    assert (set(found), len(found), pages) == (names, 8, 3)


def test_grants_are_paged_by_principal_and_namespace(desk, made, tenant):
    namespace = made["namespace"]["namespace_id"]
    desk.do("principal.create", tenant_id=tenant, principal_id="a/b ü", name="odd")
    desk.do("grant.put", tenant_id=tenant, principal_id="a/b ü", roles=["Agent"])
    desk.do("grant.put", tenant_id=tenant, principal_id="a/b ü", roles=["NamespaceReader"], namespace_id=namespace)
    found, cursor = [], None

    for _ in range(3):
        page = desk.do("grant.list", tenant_id=tenant, limit=1, **({} if cursor is None else {"cursor": cursor}))
        found += [(item["principal_id"], item["namespace_id"]) for item in page["items"]]
        cursor = page["next_cursor"]

    assert found == [("a/b ü", None), ("a/b ü", namespace), (made["principal"]["principal_id"], None)]
    assert cursor is None
