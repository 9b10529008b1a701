"""Who may act in which tenant and namespaces: rows of the database, never claims of a token."""

from decision_gate.enterprise.tenancy.access import Access, read_access
from decision_gate.enterprise.tenancy.authority import (
    InternalAuthority,
    InternalAuthoritySettings,
    open_internal_authority,
)
from decision_gate.enterprise.tenancy.authorizer import GrantsAuthorizer, GrantsSettings, open_grants
from decision_gate.enterprise.tenancy.lifecycle import State, TransitionRefusedError
from decision_gate.enterprise.tenancy.records import Grant, Namespace, Org, PrincipalRecord, Tenant
from decision_gate.enterprise.tenancy.scoped import ScopedPrincipal
from decision_gate.enterprise.tenancy.tables import tenancy_tables

__all__ = [
    "Access",
    "Grant",
    "GrantsAuthorizer",
    "GrantsSettings",
    "InternalAuthority",
    "InternalAuthoritySettings",
    "Namespace",
    "Org",
    "PrincipalRecord",
    "ScopedPrincipal",
    "State",
    "Tenant",
    "TransitionRefusedError",
    "open_grants",
    "open_internal_authority",
    "read_access",
    "tenancy_tables",
]
