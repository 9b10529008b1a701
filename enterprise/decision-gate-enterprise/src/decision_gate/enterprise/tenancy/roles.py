"""Roles, and the tools they allow. A role is held through a grant, in a tenant or one namespace of it.

``TenantAdmin`` … ``SchemaManager`` are the wire's names, which the registry knows too (contract §4.8); the two of the
deployment are ours and open no tenant's data: they administer.
"""

from collections.abc import Iterable
from typing import Final

PLATFORM_ADMIN: Final = "PlatformAdmin"
PLATFORM_AUDITOR: Final = "PlatformAuditor"
DEPLOYMENT_ROLES: Final = frozenset({PLATFORM_ADMIN, PLATFORM_AUDITOR})
"""Held in the whole deployment: everything may be administered, or looked at."""

TENANT_ADMIN: Final = "TenantAdmin"
AGENT: Final = "Agent"
"""Works through scenarios that others define (deviation X15): it can neither make one easier nor try evidence out."""

_READING: Final = frozenset(
    {
        "scenario_status",
        "runpack_verify",
        "providers_list",
        "provider_contract_get",
        "provider_check_schema_get",
        "schemas_list",
        "schemas_get",
        "scenarios_list",
        "precheck",
        "decision_gate_docs_search",
    }
)
_RUNNING: Final = frozenset({"scenario_start", "scenario_next", "scenario_submit", "scenario_trigger"})

ROLE_TOOLS: Final[dict[str, frozenset[str] | None]] = {
    TENANT_ADMIN: None,
    "NamespaceOwner": None,
    "NamespaceAdmin": None,
    "NamespaceWriter": None,
    "NamespaceReader": _READING,
    "SchemaManager": _READING | {"schemas_register"},
    AGENT: _READING | _RUNNING,
}
"""Tools of each role; none for every tool of the wire and of plug-ins."""

ADMIN_PREFIX: Final = "admin_"
"""Tools of administration begin so; only ``TenantAdmin`` has them through a grant, and each judges once more."""


def tools_of(roles: Iterable[str]) -> frozenset[str] | None:
    """Return what roles allow together, none for everything. Unknown roles allow nothing."""
    allowed: frozenset[str] = frozenset()
    for role in roles:
        tools = ROLE_TOOLS.get(role, frozenset())
        if tools is None:
            return None
        allowed |= tools
    return allowed


def is_administrator(roles: Iterable[str]) -> bool:
    """Tell whether any of the roles administers anything."""
    return not (DEPLOYMENT_ROLES | {TENANT_ADMIN}).isdisjoint(roles)
