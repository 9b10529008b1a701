"""The namespace authority ``internal``: what the directory does not have is no namespace."""

import attrs
import pytest

from decision_gate.core.ports import StoreUnavailableError
from decision_gate.enterprise.tenancy import InternalAuthority, State, places, tenancy_tables
from decision_gate.enterprise.testing.tenancy import admit
from decision_gate.enterprise.transactions import open_transactions
from decision_gate.mcp.hooks.audit_sink import NoSink
from decision_gate.mcp.hooks.errors import NamespaceUnavailableError, UnauthorizedError
from decision_gate.mcp.testing import AuthorityBench, ManualServerClock, NamespaceAuthorityConformance

TENANT, OTHER, NAMESPACE = 41, 42, 2**53 - 1


@pytest.fixture
def directory(place):
    admit(place.settings, "svc", [TENANT], namespaces=[NAMESPACE])
    admit(place.settings, "svc", [OTHER])
    with open_transactions(place.settings, [tenancy_tables()]) as database:
        yield database


@pytest.fixture
def authority(directory):
    return InternalAuthority(directory, max_age_ms=0, monotonic_ms=ManualServerClock().monotonic_ms)


class TestInternalAuthority(NamespaceAuthorityConformance):
    """See the suite. The number of a namespace means nothing in another tenant (contract §4.2 P1-8)."""

    @pytest.fixture
    def bench(self, authority):
        return AuthorityBench(
            authority=authority,
            existing=((TENANT, NAMESPACE),),
            missing=((OTHER, NAMESPACE), (TENANT, 1), (None, NAMESPACE), (7, NAMESPACE)),
        )


@pytest.mark.parametrize("state", [State.SUSPENDED, State.CLOSING, State.DELETED])
def test_namespace_that_is_not_active_is_refused(directory, authority, state):
    namespace = attrs.evolve(places.find_namespace(directory, TENANT, NAMESPACE), state=state)
    directory.run(NoSink(), lambda transaction: places.change_namespace(transaction, namespace))

    with pytest.raises(UnauthorizedError):
        authority.ensure(TENANT, NAMESPACE, "dg-1")


def test_namespace_of_a_suspended_tenant_is_refused(directory, authority):
    tenant = attrs.evolve(places.find_tenant(directory, TENANT), state=State.SUSPENDED)
    directory.run(NoSink(), lambda transaction: places.change_tenant(transaction, tenant))

    with pytest.raises(UnauthorizedError):
        authority.ensure(TENANT, NAMESPACE, "dg-1")


def test_directory_that_does_not_answer_lets_nobody_in():
    class Away:
        def rows(self, statement, *parameters):
            del statement, parameters
            raise StoreUnavailableError("away")

    authority = InternalAuthority(Away(), max_age_ms=5_000, monotonic_ms=ManualServerClock().monotonic_ms)

    with pytest.raises(NamespaceUnavailableError) as refused:
        authority.ensure(TENANT, NAMESPACE, "dg-1")

    assert str(refused.value) == "unauthorized"
