"""Who may act in which tenant and namespaces: rows of the database, never claims of a token."""

from decision_gate.enterprise.tenancy.authorizer import GrantsAuthorizer, GrantsSettings, open_grant_store, open_grants
from decision_gate.enterprise.tenancy.grants import Grant, GrantStore
from decision_gate.enterprise.tenancy.postgres_grants import PostgresGrants
from decision_gate.enterprise.tenancy.sqlite_grants import SqliteGrants

__all__ = [
    "Grant",
    "GrantStore",
    "GrantsAuthorizer",
    "GrantsSettings",
    "PostgresGrants",
    "SqliteGrants",
    "open_grant_store",
    "open_grants",
]
