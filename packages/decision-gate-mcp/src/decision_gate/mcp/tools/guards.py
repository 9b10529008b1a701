"""The guards of every tool call, in their one order (contract §4.4, deviations X7, X14, X15).

authenticate → authorize tool → visible → decode → tenant → time → quota → namespace. Each either returns or
raises; every refusal of an authorization leaves an audit event. The client learns a fixed word, the event
holds the reason.
"""

from collections.abc import Callable

import attrs

from decision_gate.core.codec import decode
from decision_gate.core.errors import StoreError
from decision_gate.mcp.errors import UnknownToolError
from decision_gate.mcp.hooks import audit_events
from decision_gate.mcp.hooks.authenticator import Authenticator
from decision_gate.mcp.hooks.errors import (
    NamespaceUnavailableError,
    QuotaExceededError,
    UnauthenticatedError,
    UnauthorizedError,
)
from decision_gate.mcp.hooks.namespace_authority import NamespaceAuthority
from decision_gate.mcp.hooks.principal import Principal
from decision_gate.mcp.hooks.rate_limiter import Bucket, RateLimiter
from decision_gate.mcp.hooks.request import TENANT, RequestContext
from decision_gate.mcp.hooks.tenant_authorizer import TenantAuthorizer
from decision_gate.mcp.hooks.tool_authorizer import ToolAuthorizer, ToolVisibility
from decision_gate.mcp.hooks.usage_meter import Charge, MeteredCall
from decision_gate.mcp.hooks.verdict import Verdict
from decision_gate.mcp.tools.call import Call
from decision_gate.mcp.tools.namespaces import DefaultNamespaceRule
from decision_gate.mcp.tools.times import TimeRule


@attrs.frozen(kw_only=True)
class Policies:
    """Whom the guards ask."""

    authenticator: Authenticator
    tools: ToolAuthorizer
    visibility: ToolVisibility
    tenants: TenantAuthorizer
    limiter: RateLimiter
    time: TimeRule
    default_namespace: DefaultNamespaceRule
    authority: NamespaceAuthority
    monotonic_ms: Callable[[], float]


def admit_caller(
    policies: Policies,
    request: RequestContext,
    action: str,
    now_ms: int,
    events: list[audit_events.AuditEvent],
) -> Principal:
    """Authenticate the caller and authorize one action; tells the audit either way.

    Raises:
        UnauthenticatedError: The caller is not recognised.
        UnauthorizedError: The caller is recognised and may not do this.
    """
    try:
        principal = _authorized(policies, request, action)
    except (UnauthenticatedError, UnauthorizedError) as refusal:
        reason = f"{refusal.code}: {refusal.reason}"
        events.append(audit_events.tool_authz(request, action, None, reason, now_ms))
        raise
    events.append(audit_events.tool_authz(request, action, principal, None, now_ms))
    policies.limiter.check(Bucket.PRINCIPAL, principal.id, policies.monotonic_ms())
    return principal


def _authorized(policies: Policies, request: RequestContext, action: str) -> Principal:
    principal = request.caller if request.caller is not None else policies.authenticator.authenticate(request)
    verdict = policies.tools.authorize(principal, action)
    if not verdict.allowed:
        raise UnauthorizedError(verdict.reason)
    return principal


def authenticate_and_authorize(policies: Policies, call: Call) -> None:
    """Find out who calls and whether it may use this tool; then its own rate bucket (deviation X2)."""
    call.principal = admit_caller(policies, call.request, call.tool.name, call.now_ms, call.events)


def see_tool(policies: Policies, call: Call) -> None:
    """Hide a tool that the caller does not see. Raise ``UnknownToolError``."""
    if not policies.visibility.is_callable(call.principal, call.tool.name):
        raise UnknownToolError


def decode_arguments(policies: Policies, call: Call) -> None:
    """Decode the arguments once; from here on they are records. Raise ``DecodeError``."""
    del policies
    call.arguments = decode(call.tool.arguments, call.sent)
    call.place = call.tool.place(call.arguments)
    call.tenant_id = call.place.tenant_id if call.place.tenant_id is not None else call.principal.billing_tenant


def authorize_tenant(policies: Policies, call: Call) -> None:
    """Judge the tenant, named or billed (deviation X7), then its rate bucket."""
    try:
        verdict = policies.tenants.authorize(call.principal, call.tool.name, call.tenant_id, call.place.namespace_id)
    except StoreError:
        verdict = Verdict(allowed=False, reason="tenant authorizer unavailable")
    call.events.append(audit_events.tenant_authz(call.scope, verdict, call.now_ms))
    if not verdict.allowed:
        raise UnauthorizedError(verdict.reason)
    if call.request.sender is not None:
        is_named = call.tenant_id is not None
        call.request.sender.share = (TENANT, str(call.tenant_id)) if is_named else ("principal", call.principal.id)
    if call.tenant_id is not None:
        policies.limiter.check(Bucket.TENANT, str(call.tenant_id), policies.monotonic_ms())


def judge_time(policies: Policies, call: Call) -> None:
    """Believe, bound or set the trigger's time, and ask for a role where the kind needs one (deviation X14)."""
    try:
        policies.time.judge(call)
    except UnauthorizedError as refusal:
        call.events.append(audit_events.guard_denial(call.scope, "trigger", refusal.reason, call.now_ms))
        raise


def admit_quota(policies: Policies, call: Call) -> None:
    """Ask the meter whether there is room for everything the call is known to cost; nothing is consumed yet."""
    del policies
    charges = [
        call.call_charge(),
        *(
            Charge(metric=metric, units=units, operation=call.request.server_correlation_id)
            for metric, units in call.tool.costs(call.arguments)
        ),
    ]
    metered = call.metered(charges)
    for charge in charges:
        admit_charge(call, metered, charge)


def admit_charge(call: Call, metered: MeteredCall, charge: Charge) -> None:
    """Ask the meter whether there is room for one charge, and tell the audit; also for costs that only the work finds.

    Raises:
        QuotaExceededError: The quota is used up.
        UnauthorizedError: The meter denies for another reason, or cannot be asked.
    """
    try:
        verdict = call.meter.admit(metered, charge)
    except StoreError:
        verdict = Verdict(allowed=False, reason="usage meter unavailable")
    call.events.append(audit_events.usage(call.scope, charge.metric.value, charge.units, verdict, call.now_ms))
    if verdict.allowed:
        return
    if verdict.quota is None:
        # Nothing is used up (a caller without a tenant, say): not to be told as an exhausted quota.
        raise UnauthorizedError(verdict.reason)
    raise QuotaExceededError(verdict.reason, charge.metric.value, verdict.quota)


def confirm_namespace(policies: Policies, call: Call) -> None:
    """Guard namespace 1, then ask the authority (contract §4.7); tools without a namespace pass."""
    namespace_id = call.place.namespace_id
    if namespace_id is None:
        return
    request = call.request
    try:
        policies.default_namespace.judge(call.place.tenant_id, namespace_id)
        # The tenant that was judged: a definition may name none and then belongs to the one it is billed to (S8).
        policies.authority.ensure(
            call.tenant_id,
            namespace_id,
            request.client_correlation_id or request.server_correlation_id,
        )
    except (UnauthorizedError, NamespaceUnavailableError) as refusal:
        call.events.append(audit_events.guard_denial(call.scope, "namespace", refusal.reason, call.now_ms))
        raise


GUARDS: tuple[Callable[[Policies, Call], None], ...] = (
    authenticate_and_authorize,
    see_tool,
    decode_arguments,
    authorize_tenant,
    judge_time,
    admit_quota,
    confirm_namespace,
)
"""The one order. INVARIANT: no family is called before every guard has returned."""


def guard(policies: Policies, call: Call) -> None:
    """Lead a call through every guard; see each for what it raises."""
    for check in GUARDS:
        check(policies, call)
