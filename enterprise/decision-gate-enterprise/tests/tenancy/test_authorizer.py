"""The authorizer ``grants``: what the database does not say is denied."""

import attrs
import pytest

from decision_gate.enterprise.tenancy import Grant, GrantsAuthorizer, ScopedPrincipal, State, people, places
from decision_gate.enterprise.tenancy.tables import tenancy_tables
from decision_gate.enterprise.testing.tenancy import TEST_ORG, admit
from decision_gate.enterprise.transactions import open_transactions
from decision_gate.mcp.hooks.audit_sink import NoSink
from decision_gate.mcp.hooks.verdict import Verdict
from decision_gate.mcp.testing import (
    ManualServerClock,
    TenantAuthorizerBench,
    TenantAuthorizerConformance,
    token_principal,
)

ANNA, BEN, EVE = token_principal("token:anna"), token_principal("CN=bën"), token_principal("token:eve")
TENANT, OTHER = 2**53 - 1, 8
TOOL = "scenario_next"
ALLOWED = Verdict(allowed=True, reason="tenant_scope_allowed")
DENIED = Verdict(allowed=False, reason="tenant_scope_denied")


@pytest.fixture
def directory(place):
    """Everything for Anna, two namespaces for Ben, nothing for Eve."""
    admit(place.settings, ANNA.id, [TENANT], namespaces=[1, 7])
    for namespace in (1, 2**53 - 1):
        ben = Grant(principal_id=BEN.id, tenant_id=TENANT, namespace_id=namespace, roles=("NamespaceWriter",))
        admit(place.settings, BEN.id, [TENANT], grant=ben)
    with open_transactions(place.settings, [tenancy_tables()]) as database:
        yield database


@pytest.fixture
def clock():
    return ManualServerClock()


@pytest.fixture
def authorizer(directory, clock):
    return GrantsAuthorizer(directory, max_age_ms=2_000, monotonic_ms=clock.monotonic_ms)


def change(directory, work):
    directory.run(NoSink(), work)


def put(directory, principal, tenant=TENANT, namespace=None, roles=("TenantAdmin",), tools=None):
    grant = Grant(principal_id=principal.id, tenant_id=tenant, namespace_id=namespace, roles=roles, tools=tools)
    change(directory, lambda transaction: people.put_grant(transaction, grant))


def set_tenant_state(directory, state):
    tenant = attrs.evolve(places.find_tenant(directory, TENANT), state=state)
    change(directory, lambda transaction: places.change_tenant(transaction, tenant))


class TestGrantsAuthorizer(TenantAuthorizerConformance):
    """See the suite."""

    @pytest.fixture
    def bench(self, authorizer):
        return TenantAuthorizerBench(
            authorizer=authorizer,
            allowed=(
                (ANNA, TOOL, TENANT, None),
                (ANNA, TOOL, TENANT, 99),
                (BEN, TOOL, TENANT, None),
                (BEN, TOOL, TENANT, 1),
                (BEN, TOOL, TENANT, 2**53 - 1),
            ),
            denied=(
                (ANNA, TOOL, OTHER, None),
                (BEN, TOOL, TENANT, 2),
                (BEN, TOOL, OTHER, 1),
                (EVE, TOOL, TENANT, 1),
                (EVE, TOOL, None, None),
            ),
        )


def test_reason_tells_a_stranger_from_a_foreign_tenant(authorizer):
    assert [
        authorizer.authorize(principal, TOOL, tenant_id, 1)
        for principal, tenant_id in ((ANNA, TENANT), (ANNA, OTHER), (EVE, TENANT), (ANNA, None))
    ] == [
        ALLOWED,
        DENIED,
        Verdict(allowed=False, reason="principal_unmapped"),
        Verdict(allowed=False, reason="missing_tenant_id"),
    ]


def test_withdrawn_grant_works_until_the_look_up_is_too_old_and_not_longer(authorizer, directory, clock):
    assert authorizer.authorize(ANNA, TOOL, TENANT, 1) == ALLOWED
    change(directory, lambda transaction: people.withdraw_grant(transaction, ANNA.id, TENANT, None))

    clock.advance(1_999)
    within = authorizer.authorize(ANNA, TOOL, TENANT, 1)
    clock.advance(1)

    assert within == ALLOWED
    assert not authorizer.authorize(ANNA, TOOL, TENANT, 1).allowed


def test_without_memory_a_withdrawn_grant_is_refused_from_the_next_call_on(directory, clock):
    authorizer = GrantsAuthorizer(directory, max_age_ms=0, monotonic_ms=clock.monotonic_ms)
    assert authorizer.authorize(ANNA, TOOL, TENANT, 1) == ALLOWED

    change(directory, lambda transaction: people.withdraw_grant(transaction, ANNA.id, TENANT, None))

    assert not authorizer.authorize(ANNA, TOOL, TENANT, 1).allowed


@pytest.mark.parametrize("state", [State.SUSPENDED, State.CLOSING, State.DELETED])
def test_nobody_acts_in_a_tenant_that_is_not_active(authorizer, directory, state):
    set_tenant_state(directory, state)

    assert authorizer.authorize(ANNA, TOOL, TENANT, 1) == Verdict(allowed=False, reason="tenant_not_active")


def test_nobody_acts_in_a_tenant_of_an_organisation_that_is_not_active(authorizer, directory):
    org = attrs.evolve(places.find_org(directory, TEST_ORG), state=State.SUSPENDED)
    change(directory, lambda transaction: places.change_org(transaction, org))

    assert authorizer.authorize(ANNA, TOOL, TENANT, 1) == Verdict(allowed=False, reason="tenant_not_active")


def test_suspended_principal_is_refused_everywhere(authorizer, directory):
    anna = attrs.evolve(people.find_principal(directory, ANNA.id), state=State.SUSPENDED)
    change(directory, lambda transaction: people.change_principal(transaction, anna))

    assert authorizer.authorize(ANNA, TOOL, TENANT, 1) == Verdict(allowed=False, reason="principal_not_active")


@pytest.mark.parametrize(
    ("roles", "tools", "allowed"),
    [
        (("NamespaceWriter",), None, {"scenario_define", "scenario_next", "scenario_status"}),
        (("Agent",), None, {"scenario_next", "scenario_status"}),
        (("NamespaceReader",), None, {"scenario_status"}),
        (("NamespaceWriter",), ("scenario_next",), {"scenario_next"}),
        (("TenantAdmin",), None, {"scenario_define", "scenario_next", "scenario_status", "admin_key_list"}),
        (("Unheard",), None, set()),
        ((), None, set()),
    ],
)
def test_roles_and_tools_of_a_grant_decide_which_tools_it_allows(authorizer, directory, roles, tools, allowed):
    """Deviation X15, contract §4.10 IN-2: no role, no tool."""
    put(directory, ANNA, roles=roles, tools=tools)

    asked = ("scenario_define", "scenario_next", "scenario_status", "admin_key_list")

    assert {tool for tool in asked if authorizer.authorize(ANNA, tool, TENANT, 1).allowed} == allowed


def test_grant_in_a_namespace_adds_to_the_one_in_the_tenant(authorizer, directory):
    put(directory, ANNA, roles=("NamespaceReader",))
    put(directory, ANNA, namespace=7, roles=("Agent",))

    assert authorizer.authorize(ANNA, TOOL, TENANT, 7) == ALLOWED
    assert authorizer.authorize(ANNA, TOOL, TENANT, 1) == Verdict(allowed=False, reason="tool_not_granted")
    assert authorizer.authorize(ANNA, "scenario_status", TENANT, 1) == ALLOWED


def test_claims_of_a_token_narrow_a_grant_and_never_widen_it(authorizer):
    """Contract §4.2 P1-10: the database is the truth."""
    elsewhere = attrs.evolve(ANNA, tenants=(OTHER,))
    claimed = attrs.evolve(EVE, tenants=(TENANT,), billing_tenant=TENANT)

    assert authorizer.authorize(elsewhere, TOOL, TENANT, 1) == DENIED
    assert not authorizer.authorize(elsewhere, TOOL, OTHER, 1).allowed
    assert not authorizer.authorize(claimed, TOOL, TENANT, 1).allowed


def test_credential_narrowed_to_a_namespace_is_refused_in_others(authorizer):
    narrowed = ScopedPrincipal(id=ANNA.id, method="api_key", namespaces=frozenset({7}))

    assert authorizer.authorize(narrowed, TOOL, TENANT, 7) == ALLOWED
    assert authorizer.authorize(narrowed, TOOL, TENANT, 1) == DENIED


def test_principal_of_two_tenants_without_a_billing_tenant_must_name_one(place, authorizer):
    admit(place.settings, ANNA.id, [TENANT, OTHER])

    assert authorizer.authorize(ANNA, TOOL, None, None) == Verdict(allowed=False, reason="missing_tenant_id")
    assert authorizer.authorize(ANNA, TOOL, OTHER, None) == ALLOWED
