"""Grants in PostgreSQL."""

from importlib.resources import files

from decision_gate.enterprise.stores.postgres import Family, read_family
from decision_gate.enterprise.stores.postgres.keys import number, text
from decision_gate.enterprise.stores.postgres.session import Session
from decision_gate.enterprise.tenancy.grants import Grant

_PUT = (
    "INSERT INTO decision_gate.grants (tenant, principal, namespaces) VALUES (%b, %b, %b::bytea[]) "
    "ON CONFLICT (tenant, principal) DO UPDATE SET namespaces = EXCLUDED.namespaces RETURNING 1"
)
_WITHDRAW = (
    "WITH gone AS (DELETE FROM decision_gate.grants WHERE tenant = %b AND principal = %b RETURNING 1) "
    "SELECT count(*) FROM gone"
)
_FIND = "SELECT namespaces FROM decision_gate.grants WHERE tenant = %b AND principal = %b"
_ANY = "SELECT EXISTS (SELECT FROM decision_gate.grants WHERE principal = %b)"


class PostgresGrants:
    """See ``GrantStore``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @staticmethod
    def family() -> Family:
        """Return the migrations of the tables."""
        return read_family("grants", files("decision_gate.enterprise.tenancy") / "migrations")

    def put(self, grant: Grant) -> None:
        """See ``GrantStore``."""
        namespaces = None if grant.namespaces is None else [number(each) for each in sorted(grant.namespaces)]
        self._session.commit(_PUT, (number(grant.tenant_id), text(grant.principal_id), namespaces))

    def withdraw(self, principal_id: str, tenant_id: int) -> None:
        """See ``GrantStore``."""
        self._session.commit(_WITHDRAW, (number(tenant_id), text(principal_id)))

    def find(self, principal_id: str, tenant_id: int) -> Grant | None:
        """See ``GrantStore``."""
        rows = self._session.rows(_FIND, (number(tenant_id), text(principal_id)))
        if not rows:
            return None
        (namespaces,) = rows[0]
        found = None if namespaces is None else frozenset(int.from_bytes(each, "big") for each in namespaces)
        return Grant(principal_id=principal_id, tenant_id=tenant_id, namespaces=found)

    def has_any(self, principal_id: str) -> bool:
        """See ``GrantStore``."""
        ((found,),) = self._session.rows(_ANY, (text(principal_id),))
        return bool(found)
