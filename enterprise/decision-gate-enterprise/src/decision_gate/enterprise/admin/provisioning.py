"""Use cases that make all that a tenant needs at once: organisation if new, tenant, namespace, principal, key."""

from typing import ClassVar, Final

import attrs

from decision_gate.core.errors import ConfigurationError
from decision_gate.enterprise.admin.actor import Need
from decision_gate.enterprise.admin.errors import AdminConflictError
from decision_gate.enterprise.admin.fields import check_name, shown
from decision_gate.enterprise.admin.keys import keep_minted, key_shown, the_minted
from decision_gate.enterprise.admin.making import make_namespace, make_org, make_tenant
from decision_gate.enterprise.admin.principals import own_prefix
from decision_gate.enterprise.admin.use_case import Outcome, UseCase, Work
from decision_gate.enterprise.identity.key_text import Environment
from decision_gate.enterprise.identity.keys import ApiKey
from decision_gate.enterprise.tenancy import people, places
from decision_gate.enterprise.tenancy.lifecycle import State
from decision_gate.enterprise.tenancy.records import Grant, PrincipalRecord
from decision_gate.enterprise.tenancy.roles import PLATFORM_ADMIN, TENANT_ADMIN

_FIRST_KEY: Final = "first key"


class AlreadyBootstrappedError(ConfigurationError):
    """The deployment has an organisation already."""

    code: ClassVar[str] = "already_bootstrapped"

    def __init__(self) -> None:
        super().__init__(
            "this deployment was made before: continue with decision-gate cloud serve, "
            "or get a new administrator key with decision-gate cloud key recover"
        )


@attrs.frozen(kw_only=True)
class Provision:
    """``tenant.provision``. The principal administers the new tenant; its id is made from the tenant unless given."""

    org: str = attrs.field(validator=check_name)
    tenant: str = attrs.field(validator=check_name)
    namespace: str = attrs.field(default="main", validator=check_name)
    principal_id: str | None = attrs.field(default=None, validator=check_name)
    label: str = attrs.field(default=_FIRST_KEY, validator=check_name)
    environment: Environment = Environment.LIVE


@attrs.frozen(kw_only=True)
class Bootstrap:
    """``deployment.bootstrap``: the first organisation, tenant, namespace and administrator."""

    org: str = attrs.field(default="main", validator=check_name)
    tenant: str = attrs.field(default="main", validator=check_name)
    namespace: str = attrs.field(default="main", validator=check_name)
    principal_id: str = attrs.field(default="admin", validator=check_name)


def _provision(work: Work, request: Provision) -> Outcome:
    return _made(work, request, ())


def _bootstrap(work: Work, request: Bootstrap) -> Outcome:
    if places.list_orgs(work.transaction, b"", 1):
        raise AlreadyBootstrappedError
    wanted = Provision(
        org=request.org,
        tenant=request.tenant,
        namespace=request.namespace,
        principal_id=request.principal_id,
        label="administrator",
    )
    return _made(work, wanted, (PLATFORM_ADMIN,))


def _made(work: Work, request: Provision, roles: tuple[str, ...]) -> Outcome:
    org = places.find_org_named(work.transaction, request.org) or make_org(work, request.org)
    tenant = make_tenant(work, org, request.tenant)
    namespace = make_namespace(work, tenant, request.namespace)
    principal_id = request.principal_id or f"{own_prefix(tenant.tenant_id)}admin"
    principal = PrincipalRecord(
        principal_id=principal_id,
        billing_tenant=tenant.tenant_id,
        name=principal_id,
        state=State.ACTIVE,
        roles=roles,
        created_at=work.at_ms,
        changed_at=work.at_ms,
    )
    if not people.add_principal(work.transaction, principal):
        raise AdminConflictError(f"principal {principal_id} is there already")
    people.put_grant(
        work.transaction, Grant(principal_id=principal_id, tenant_id=tenant.tenant_id, roles=(TENANT_ADMIN,))
    )
    minted = the_minted(work)
    key = keep_minted(
        work,
        ApiKey(
            key_id=minted.text.key_id,
            tenant_id=tenant.tenant_id,
            principal_id=principal_id,
            label=request.label,
            environment=minted.text.environment,
            secret_hash=minted.secret_hash,
            created_at=work.at_ms,
        ),
    )
    made = {
        "org": shown(org),
        "tenant": shown(tenant),
        "namespace": shown(namespace),
        "principal": shown(principal),
    }
    return Outcome(
        answer={**made, "api_key": key_shown(key), "key": None},
        after={**made, "api_key": key_shown(key)},
        tenant_id=tenant.tenant_id,
        key=minted.text,
    )


PROVISIONING_CASES = (
    UseCase(
        name="tenant.provision",
        summary="Make organisation (if new), tenant, first namespace, administrator and key in one step.",
        request=Provision,
        need=Need.PLATFORM,
        perform=_provision,
        mints=True,
        method="POST",
        path="/provision",
    ),
    UseCase(
        name="deployment.bootstrap",
        summary="Make the first organisation, tenant, namespace and administrator of a deployment.",
        request=Bootstrap,
        need=Need.CONSOLE,
        perform=_bootstrap,
        mints=True,
    ),
)
