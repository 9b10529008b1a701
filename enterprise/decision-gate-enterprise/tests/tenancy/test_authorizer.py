"""The authorizer ``grants``: what the database does not say is denied."""

import attrs
import pytest

from decision_gate.enterprise.tenancy import Grant, GrantsSettings, open_grant_store, open_grants
from decision_gate.mcp.hooks.verdict import Verdict
from decision_gate.mcp.testing import TenantAuthorizerBench, TenantAuthorizerConformance, token_principal

ANNA, BEN, EVE = token_principal("token:anna"), token_principal("CN=bën"), token_principal("token:eve")
TENANT = 2**64 - 1
TOOL = "scenario_next"
ALLOWED = Verdict(allowed=True, reason="tenant_scope_allowed")
DENIED = Verdict(allowed=False, reason="tenant_scope_denied")


@pytest.fixture
def grants(place):
    """Everything for Anna, two namespaces for Ben, nothing for Eve."""
    with open_grant_store(place.settings) as store:
        store.put(Grant(principal_id=ANNA.id, tenant_id=TENANT))
        store.put(Grant(principal_id=BEN.id, tenant_id=TENANT, namespaces=frozenset({1, 2**64 - 1})))
        yield store


@pytest.fixture
def authorizer(place, grants):  # noqa: ARG001 - there before it is asked
    with open_grants(GrantsSettings(dsn=place.settings.dsn, path=place.settings.path)) as opened:
        yield opened


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
                (BEN, TOOL, TENANT, 2**64 - 1),
            ),
            denied=(
                (ANNA, TOOL, 1, None),
                (BEN, TOOL, TENANT, 2),
                (BEN, TOOL, 1, 1),
                (EVE, TOOL, TENANT, 1),
                (EVE, TOOL, None, None),
            ),
        )


def test_reason_tells_a_stranger_from_a_foreign_tenant(authorizer):
    assert [
        authorizer.authorize(principal, TOOL, tenant_id, 1)
        for principal, tenant_id in ((ANNA, TENANT), (ANNA, 1), (EVE, TENANT), (ANNA, None))
    ] == [
        ALLOWED,
        DENIED,
        Verdict(allowed=False, reason="principal_unmapped"),
        Verdict(allowed=False, reason="missing_tenant_id"),
    ]


def test_withdrawn_grant_is_refused_from_the_next_call_on(authorizer, grants):
    assert authorizer.authorize(ANNA, TOOL, TENANT, 1) == ALLOWED

    grants.withdraw(ANNA.id, TENANT)

    assert not authorizer.authorize(ANNA, TOOL, TENANT, 1).allowed


def test_later_grant_replaces_the_earlier_one(authorizer, grants):
    grants.put(Grant(principal_id=ANNA.id, tenant_id=TENANT, namespaces=frozenset()))

    assert authorizer.authorize(ANNA, TOOL, TENANT, 1) == DENIED
    assert authorizer.authorize(ANNA, TOOL, TENANT, None) == ALLOWED
    assert grants.find(ANNA.id, TENANT) == Grant(principal_id=ANNA.id, tenant_id=TENANT, namespaces=frozenset())


def test_claims_of_a_token_narrow_a_grant_and_never_widen_it(authorizer):
    elsewhere = attrs.evolve(ANNA, tenants=(1,))
    claimed = attrs.evolve(EVE, tenants=(TENANT,), billing_tenant=TENANT)

    assert authorizer.authorize(elsewhere, TOOL, TENANT, 1) == DENIED
    assert not authorizer.authorize(elsewhere, TOOL, 1, 1).allowed
    assert not authorizer.authorize(claimed, TOOL, TENANT, 1).allowed
