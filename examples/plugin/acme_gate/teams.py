"""Tenants: Acme's teams, who may act for which tenant. Nobody who is not listed may act for any."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

from decision_gate.core.json import parse
from decision_gate.mcp.config.kinds import Text
from decision_gate.mcp.config.table import key
from decision_gate.mcp.hooks.principal import Principal
from decision_gate.mcp.hooks.verdict import Verdict


@attrs.frozen(kw_only=True)
class TeamsSettings:
    """``[tenant_authorizer]`` of type ``acme_teams``."""

    path: str = key(Text(), "JSON file: principal to the list of its tenants.")


class Teams:
    """Permits what the list permits. Called from many threads at once, so it only reads."""

    def __init__(self, tenants: dict[str, Any]) -> None:
        self._tenants = tenants

    def authorize(self, principal: Principal, tool: str, tenant_id: int | None, namespace_id: int | None) -> Verdict:
        """Judge a call; the reason goes into the audit and not to the caller. See ``TenantAuthorizer``."""
        del tool, namespace_id
        if tenant_id is None or tenant_id in self._tenants.get(principal.id, ()):
            return Verdict(allowed=True, reason="acme_teams")
        return Verdict(allowed=False, reason=f"acme_teams: {principal.id} is in no team of tenant {tenant_id}")


@contextmanager
def open_teams(settings: TeamsSettings) -> Iterator[Teams]:
    """Open the authorizer; the list is read once, at the start."""
    tenants: Any = parse(Path(settings.path).read_bytes())
    yield Teams(tenants)
