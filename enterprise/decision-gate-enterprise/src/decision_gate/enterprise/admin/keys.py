"""Use cases of API keys."""

from enum import Enum
from typing import Final

import attrs

from decision_gate.core.json import JsonValue
from decision_gate.enterprise.admin.actor import Need
from decision_gate.enterprise.admin.errors import (
    AdminConflictError,
    AdminDeniedError,
    AdminInvalidError,
    AdminMissingError,
)
from decision_gate.enterprise.admin.fields import (
    Number,
    PageSize,
    Seconds,
    check_name,
    check_names,
    check_numbers,
    shown,
)
from decision_gate.enterprise.admin.making import the_namespace, the_tenant
from decision_gate.enterprise.admin.paging import page, place_after
from decision_gate.enterprise.admin.principals import demand_may_touch, the_principal
from decision_gate.enterprise.admin.use_case import Minted, Outcome, UseCase, Work
from decision_gate.enterprise.identity.key_text import Environment, KeyText
from decision_gate.enterprise.identity.keys import ApiKey, add_key, end_key, find_key, list_keys
from decision_gate.enterprise.tenancy import people
from decision_gate.enterprise.tenancy.lifecycle import State
from decision_gate.enterprise.tenancy.records import PrincipalRecord
from decision_gate.enterprise.tenancy.roles import PLATFORM_ADMIN


class Overlap(Enum):
    """How long a replaced key goes on working, for its holders to change over."""

    NOW = "now"
    MINUTES_15 = "15m"
    HOUR_1 = "1h"
    HOURS_24 = "24h"
    DAYS_7 = "7d"


_MINUTE_MS: Final = 60_000
OVERLAP_MS: Final = {
    Overlap.NOW: 0,
    Overlap.MINUTES_15: 15 * _MINUTE_MS,
    Overlap.HOUR_1: 60 * _MINUTE_MS,
    Overlap.HOURS_24: 24 * 60 * _MINUTE_MS,
    Overlap.DAYS_7: 7 * 24 * 60 * _MINUTE_MS,
}


@attrs.frozen(kw_only=True)
class IssueKey:
    """``key.issue``. Absent ``namespaces`` and ``tools`` do not narrow; ``spanning`` reaches every tenant granted."""

    tenant_id: Number
    principal_id: str = attrs.field(validator=check_name)
    label: str = attrs.field(validator=check_name)
    environment: Environment = Environment.LIVE
    expires_in_s: Seconds | None = None
    namespaces: tuple[Number, ...] | None = attrs.field(default=None, validator=check_numbers)
    tools: tuple[str, ...] | None = attrs.field(default=None, validator=check_names)
    spanning: bool = False


@attrs.frozen(kw_only=True)
class KeyRef:
    """``key.get`` and ``key.revoke``."""

    tenant_id: Number
    key_id: str


@attrs.frozen(kw_only=True)
class ListKeys:
    """``key.list``."""

    tenant_id: Number
    cursor: str | None = None
    limit: PageSize = 50


@attrs.frozen(kw_only=True)
class RotateKey:
    """``key.rotate``."""

    tenant_id: Number
    key_id: str
    overlap: Overlap = Overlap.HOURS_24


@attrs.frozen(kw_only=True)
class RecoverKey:
    """``key.recover``: a new key for an administrator of the deployment; the first one unless named."""

    principal_id: str | None = attrs.field(default=None, validator=check_name)
    label: str = attrs.field(default="recovered", validator=check_name)


def key_shown(key: ApiKey) -> dict[str, JsonValue]:
    """Return what may be shown of a key: everything but its hash."""
    wire = shown(key)
    del wire["secret_hash"]
    return {**wire, "prefix": key.prefix}


def keep_minted(work: Work, key: ApiKey) -> ApiKey:
    """Add the key that was minted for this work, as *key* describes it."""
    minted = the_minted(work)
    if not add_key(work.transaction, key):
        raise AdminConflictError(f"key {minted.text.key_id} is there already")
    return key


def the_minted(work: Work) -> Minted:
    """Return the key that was minted for this work."""
    if work.minted is None:
        raise AdminInvalidError("no key was minted for this use case")
    return work.minted


def _issue(work: Work, request: IssueKey) -> Outcome:
    tenant = the_tenant(work, request.tenant_id)
    if tenant.state is not State.ACTIVE:
        raise AdminConflictError(f"tenant {request.tenant_id} is {tenant.state}")
    principal = the_principal(work, request.tenant_id, request.principal_id)
    demand_may_touch(work, principal)
    if request.spanning and not work.actor.is_platform_admin:
        raise AdminDeniedError("a key for several tenants needs the administrator of the deployment")
    for namespace_id in request.namespaces or ():
        the_namespace(work, request.tenant_id, namespace_id)
    minted = the_minted(work)
    key = keep_minted(
        work,
        ApiKey(
            key_id=minted.text.key_id,
            tenant_id=request.tenant_id,
            principal_id=request.principal_id,
            label=request.label,
            environment=request.environment,
            secret_hash=minted.secret_hash,
            is_spanning=request.spanning,
            namespaces=request.namespaces,
            tools=request.tools,
            created_at=work.at_ms,
            expires_at=None if request.expires_in_s is None else work.at_ms + request.expires_in_s * 1000,
        ),
    )
    return key_made(key, minted.text)


def key_made(key: ApiKey, text: KeyText, before: JsonValue = None) -> Outcome:
    """Return the outcome of a use case that made a key."""
    return Outcome(
        answer={**key_shown(key), "key": None},
        before=before,
        after=key_shown(key),
        tenant_id=key.tenant_id,
        key=text,
    )


def _the_key(work: Work, tenant_id: int, key_id: str) -> ApiKey:
    key = find_key(work.transaction, key_id)
    if key is None or key.tenant_id != tenant_id:
        raise AdminMissingError(f"there is no key {key_id} in tenant {tenant_id}")
    return key


def _the_touched(work: Work, tenant_id: int, key_id: str) -> tuple[ApiKey, PrincipalRecord]:
    """Return a key that is about to be changed, and whose it is."""
    key = _the_key(work, tenant_id, key_id)
    principal = people.find_principal(work.transaction, key.principal_id)
    if principal is None:
        raise AdminMissingError(f"there is no principal {key.principal_id}")
    demand_may_touch(work, principal)
    return key, principal


def _rotate(work: Work, request: RotateKey) -> Outcome:
    old, _ = _the_touched(work, request.tenant_id, request.key_id)
    if (refusal := old.refusal(work.at_ms)) is not None:
        raise AdminConflictError(f"{refusal}: issue a new one")
    if old.replaced_by is not None:
        raise AdminConflictError(f"key {old.key_id} is replaced by {old.replaced_by}: rotate that one")
    if old.is_spanning and not work.actor.is_platform_admin:
        raise AdminDeniedError("a key for several tenants needs the administrator of the deployment")
    minted = the_minted(work)
    # A key that replaces another lives as long as that one was to live, counted from now.
    lives_ms = None if old.expires_at is None else old.expires_at - old.created_at
    made = keep_minted(
        work,
        attrs.evolve(
            old,
            key_id=minted.text.key_id,
            secret_hash=minted.secret_hash,
            created_at=work.at_ms,
            expires_at=None if lives_ms is None else work.at_ms + lives_ms,
            last_used_at=None,
        ),
    )
    ends_at = work.at_ms + OVERLAP_MS[request.overlap]
    ended = attrs.evolve(
        old,
        replaced_by=made.key_id,
        expires_at=ends_at if old.expires_at is None else min(ends_at, old.expires_at),
    )
    end_key(work.transaction, ended)
    outcome = key_made(made, attrs.evolve(minted.text, environment=old.environment), before=key_shown(old))
    return attrs.evolve(outcome, after={"replaced": key_shown(ended), "issued": key_shown(made)})


def _revoke(work: Work, request: KeyRef) -> Outcome:
    key, _ = _the_touched(work, request.tenant_id, request.key_id)
    revoked = key if key.revoked_at is not None else attrs.evolve(key, revoked_at=work.at_ms)
    end_key(work.transaction, revoked)
    return Outcome(
        answer=key_shown(revoked), before=key_shown(key), after=key_shown(revoked), tenant_id=request.tenant_id
    )


def _recover(work: Work, request: RecoverKey) -> Outcome:
    principal = _administrator(work, request.principal_id)
    minted = the_minted(work)
    key = keep_minted(
        work,
        ApiKey(
            key_id=minted.text.key_id,
            tenant_id=principal.billing_tenant,
            principal_id=principal.principal_id,
            label=request.label,
            environment=minted.text.environment,
            secret_hash=minted.secret_hash,
            created_at=work.at_ms,
        ),
    )
    return key_made(key, minted.text)


def _administrator(work: Work, principal_id: str | None) -> PrincipalRecord:
    """Return an active administrator of the deployment. Raise ``AdminMissingError``."""
    if principal_id is not None:
        principal = people.find_principal(work.transaction, principal_id)
        if principal is None or PLATFORM_ADMIN not in principal.roles:
            raise AdminMissingError(f"{principal_id} does not administer this deployment")
        return principal
    after = b""
    while found := people.list_principals(work.transaction, None, after, 200):
        for principal in found:
            if PLATFORM_ADMIN in principal.roles and principal.state is State.ACTIVE:
                return principal
        after = found[-1].principal_id.encode()
    raise AdminMissingError("nobody administers this deployment: give a principal the role with principal set-roles")


def _get(work: Work, request: KeyRef) -> Outcome:
    return Outcome(answer=key_shown(_the_key(work, request.tenant_id, request.key_id)))


def _list(work: Work, request: ListKeys) -> Outcome:
    after = place_after(request.cursor).decode("ascii", "replace")
    found = list_keys(work.transaction, request.tenant_id, after, request.limit + 1)
    return Outcome(answer=page(found, request.limit, lambda key: key.key_id.encode(), key_shown))


KEY_CASES = (
    UseCase(
        name="key.issue",
        summary="Issue a key to a principal; the key is shown this once.",
        request=IssueKey,
        need=Need.TENANT,
        perform=_issue,
        mints=True,
        method="POST",
        path="/tenants/{tenant_id}/keys",
    ),
    UseCase(
        name="key.list",
        summary="List the keys of a tenant.",
        request=ListKeys,
        need=Need.TENANT,
        perform=_list,
        is_change=False,
        method="GET",
        path="/tenants/{tenant_id}/keys",
    ),
    UseCase(
        name="key.get",
        summary="Show what may be shown of a key.",
        request=KeyRef,
        need=Need.TENANT,
        perform=_get,
        is_change=False,
        method="GET",
        path="/tenants/{tenant_id}/keys/{key_id}",
    ),
    UseCase(
        name="key.rotate",
        summary="Replace a key by a new one; the old one works until the overlap ends.",
        request=RotateKey,
        need=Need.TENANT,
        perform=_rotate,
        mints=True,
        method="POST",
        path="/tenants/{tenant_id}/keys/{key_id}/rotate",
    ),
    UseCase(
        name="key.revoke",
        summary="Refuse a key for ever, in every server within five seconds.",
        request=KeyRef,
        need=Need.TENANT,
        perform=_revoke,
        method="POST",
        path="/tenants/{tenant_id}/keys/{key_id}/revoke",
    ),
    UseCase(
        name="key.recover",
        summary="Issue a new key to an administrator who lost theirs; on the server's machine only.",
        request=RecoverKey,
        need=Need.CONSOLE,
        perform=_recover,
        mints=True,
    ),
)
