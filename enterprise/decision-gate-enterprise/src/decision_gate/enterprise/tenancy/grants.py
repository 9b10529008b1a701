"""Grants: a principal may act in a tenant, in all of its namespaces or in some."""

from typing import Protocol

import attrs


@attrs.frozen(kw_only=True)
class Grant:
    """What one principal may do in one tenant. ``namespaces`` none means all, those to come included."""

    principal_id: str
    tenant_id: int
    namespaces: frozenset[int] | None = None

    def covers(self, namespace_id: int | None) -> bool:
        """Whether a call in *namespace_id* is granted; a call that names none only needs the tenant."""
        return namespace_id is None or self.namespaces is None or namespace_id in self.namespaces


class GrantStore(Protocol):
    """Durable grants. Safe for threads; a change holds from the next look-up on, in every server."""

    def put(self, grant: Grant) -> None:
        """Give a principal exactly this in this tenant, whatever it had there before."""
        ...

    def withdraw(self, principal_id: str, tenant_id: int) -> None:
        """Take everything of a principal in one tenant; nothing is no error."""
        ...

    def find(self, principal_id: str, tenant_id: int) -> Grant | None:
        """Return what a principal has in one tenant."""
        ...

    def has_any(self, principal_id: str) -> bool:
        """Tell whether a principal has anything anywhere."""
        ...
