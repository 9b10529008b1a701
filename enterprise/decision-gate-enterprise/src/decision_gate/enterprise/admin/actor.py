"""Who administers, and whether a use case is theirs."""

from enum import Enum
from typing import Final, assert_never

import attrs

from decision_gate.enterprise.admin.errors import AdminDeniedError
from decision_gate.enterprise.tenancy.roles import DEPLOYMENT_ROLES, PLATFORM_ADMIN, PLATFORM_AUDITOR, TENANT_ADMIN
from decision_gate.mcp.hooks.principal import Principal, Role

CONSOLE: Final = "console"


class Need(Enum):
    """Which role a use case needs.

    ``CONSOLE``: only who can run commands on the server's machine with its configuration. ``PLATFORM``: the deployment.
    ``TENANT``: the tenant that the request names.
    """

    CONSOLE = "console"
    PLATFORM = "platform"
    TENANT = "tenant"


@attrs.frozen(kw_only=True)
class Actor:
    """Who administers.

    Attributes:
        principal_id: Principal, or ``console:<user>``.
        method: How it was recognised.
        subject: What the audit calls its credential.
        roles: Its roles, each with where it is held.
        correlation_id: The server's id of the request; none at the console.
    """

    principal_id: str
    method: str
    subject: str | None = None
    roles: tuple[Role, ...] = ()
    correlation_id: str | None = None

    @property
    def is_console(self) -> bool:
        """Whether it is a command on the server's machine: who owns the database owns the deployment."""
        return self.method == CONSOLE

    @property
    def is_platform_admin(self) -> bool:
        """Whether it may change everything."""
        return self.is_console or any(role.name == PLATFORM_ADMIN and role.tenant_id is None for role in self.roles)

    @property
    def is_platform_reader(self) -> bool:
        """Whether it may look at everything."""
        return self.is_platform_admin or any(
            role.name == PLATFORM_AUDITOR and role.tenant_id is None for role in self.roles
        )

    def administers(self, tenant_id: int | None) -> bool:
        """Whether it may change what is in a tenant."""
        return self.is_platform_admin or any(
            role.name == TENANT_ADMIN and role.tenant_id == tenant_id and role.namespace_id is None
            for role in self.roles
            if tenant_id is not None
        )

    def demand(self, need: Need, tenant_id: int | None, *, is_change: bool) -> None:
        """Return when it has the role. Raise ``AdminDeniedError``."""
        match need:
            case Need.CONSOLE:
                is_allowed = self.is_console
            case Need.PLATFORM:
                is_allowed = self.is_platform_admin or (not is_change and self.is_platform_reader)
            case Need.TENANT:
                is_allowed = self.administers(tenant_id) or (not is_change and self.is_platform_reader)
            case _:
                assert_never(need)
        if not is_allowed:
            raise AdminDeniedError(f"needs a role for {need.value}")


def console_actor(user: str) -> Actor:
    """Return whoever runs a command on the server's machine."""
    return Actor(principal_id=f"{CONSOLE}:{user}", method=CONSOLE, subject=user)


def actor_of(principal: Principal, correlation_id: str) -> Actor:
    """Return the actor of an authenticated caller."""
    return Actor(
        principal_id=principal.id,
        method=principal.method,
        subject=principal.subject,
        roles=principal.roles,
        correlation_id=correlation_id,
    )


def is_administrator(principal: Principal) -> bool:
    """Tell whether a caller administers anything at all."""
    return any(
        (role.name in DEPLOYMENT_ROLES and role.tenant_id is None)
        or (role.name == TENANT_ADMIN and role.namespace_id is None)
        for role in principal.roles
    )
