"""The principals that the configuration describes, by id (contract §4.2, deviation X15)."""

from collections.abc import Iterable, Mapping

from decision_gate.mcp.config.auth import PrincipalTable
from decision_gate.mcp.hooks.principal import Principal, Role


class Principals:
    """Completes an identity with what the configuration says about it; the last entry of a subject wins."""

    def __init__(self, tables: Iterable[PrincipalTable]) -> None:
        self._tables: Mapping[str, PrincipalTable] = {table.subject: table for table in tables}
        self._known: dict[str, Principal] = {}

    def complete(
        self, principal_id: str, method: str, *, subject: str | None = None, fingerprint: str | None = None
    ) -> Principal:
        """Return the principal with its roles, policy class and tools; one without entry has none."""
        known = self._known.get(principal_id)
        if known is not None and known.method == method:
            return known
        table = self._tables.get(principal_id)
        if table is None:
            return Principal(id=principal_id, method=method, subject=subject, token_fingerprint=fingerprint)
        roles = tuple(
            Role(name=role.name, tenant_id=role.tenant_id, namespace_id=role.namespace_id) for role in table.roles
        )
        tenants = tuple(sorted({role.tenant_id for role in roles if role.tenant_id is not None}))
        principal = Principal(
            id=principal_id,
            method=method,
            subject=subject,
            token_fingerprint=fingerprint,
            roles=roles,
            policy_class=table.policy_class,
            allowed_tools=table.tool_set,
            billing_tenant=tenants[0] if len(tenants) == 1 else None,
            tenants=tenants,
        )
        self._known[principal_id] = principal  # only configured subjects: a caller cannot make it grow
        return principal
