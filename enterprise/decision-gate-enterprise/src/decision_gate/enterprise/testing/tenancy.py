"""A directory for tests: tenants of chosen numbers, and somebody who may do everything in them."""

from collections.abc import Iterable
from typing import Final

from decision_gate.core.errors import ConfigurationError
from decision_gate.enterprise.database import DatabaseSettings
from decision_gate.enterprise.identity.keys import identity_tables
from decision_gate.enterprise.tenancy import people, places
from decision_gate.enterprise.tenancy.lifecycle import State
from decision_gate.enterprise.tenancy.records import Grant, Namespace, Org, PrincipalRecord, Tenant
from decision_gate.enterprise.tenancy.roles import TENANT_ADMIN
from decision_gate.enterprise.tenancy.tables import tenancy_tables
from decision_gate.enterprise.transactions import Transaction, open_transactions
from decision_gate.mcp.hooks.audit_sink import NoSink

TEST_ORG: Final = 1


class NothingToAdmitError(ConfigurationError):
    """No tenant was named."""

    code = "nothing_to_admit"


def admit(
    settings: DatabaseSettings,
    principal_id: str,
    tenants: Iterable[int],
    *,
    namespaces: Iterable[int] = (),
    grant: Grant | None = None,
) -> None:
    """Make tenants with these namespaces, and let a principal administer each; what is there already stays.

    *grant* takes the place of administering; the principal is billed to the first tenant. Makes the tables when they
    are missing.
    """
    numbers, spaces = tuple(tenants), tuple(namespaces)
    if not numbers:
        raise NothingToAdmitError("name at least one tenant")

    def work(transaction: Transaction) -> None:
        places.add_org(transaction, Org(org_id=TEST_ORG, name="test", state=State.ACTIVE, created_at=0, changed_at=0))
        for tenant_id in numbers:
            _make(transaction, tenant_id, spaces)
        people.add_principal(
            transaction,
            PrincipalRecord(
                principal_id=principal_id, billing_tenant=numbers[0], name=principal_id, state=State.ACTIVE
            ),
        )
        for tenant_id in numbers:
            people.put_grant(
                transaction, grant or Grant(principal_id=principal_id, tenant_id=tenant_id, roles=(TENANT_ADMIN,))
            )

    with open_transactions(settings, [tenancy_tables(), identity_tables()]) as database:
        database.run(NoSink(), work)


def _make(transaction: Transaction, tenant_id: int, namespaces: Iterable[int]) -> None:
    places.add_tenant(
        transaction,
        Tenant(
            tenant_id=tenant_id,
            org_id=TEST_ORG,
            name=str(tenant_id),
            state=State.ACTIVE,
            created_at=0,
            changed_at=0,
        ),
    )
    for namespace_id in namespaces:
        places.add_namespace(
            transaction,
            Namespace(
                tenant_id=tenant_id,
                namespace_id=namespace_id,
                name=str(namespace_id),
                state=State.ACTIVE,
                created_at=0,
                changed_at=0,
            ),
        )
