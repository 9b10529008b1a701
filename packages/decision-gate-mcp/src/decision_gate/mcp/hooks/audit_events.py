"""The audit events: one function each, members in the order of contract §5, absent values as null.

Deviation W4: every event has a time stamp and the correlation ids; its sink adds a sequence number. No event
holds a payload, a token or evidence; ``unsafe_…``, ``request_id`` and ``client_subject`` hold text that the
client chose.
"""

import attrs

from decision_gate.core.json import JsonValue
from decision_gate.core.ports import Commit, RunHead, ScenarioDefinition
from decision_gate.mcp.hooks.principal import Principal
from decision_gate.mcp.hooks.request import RequestContext
from decision_gate.mcp.hooks.verdict import Verdict


@attrs.frozen(kw_only=True)
class AuditEvent:
    """One event: its name, and its members in order.

    Attributes:
        event: Name of the event.
        is_denial: Whether it tells of a refused authorization; such an event is never lost silently.
        members: Everything else, ``timestamp_ms`` first.
    """

    event: str
    is_denial: bool = False
    members: dict[str, JsonValue]


@attrs.frozen(kw_only=True)
class Scope:
    """The call an event is about."""

    request: RequestContext
    principal: Principal
    tool: str
    tenant_id: int | None
    namespace_id: int | None


@attrs.frozen(kw_only=True)
class RequestOutcome:
    """How a request ended: labels in the audit's spelling, sizes in bytes."""

    method: str
    tool: str | None
    error_code: int | None
    error_kind: str | None
    request_bytes: int
    response_bytes: int


def tool_authz(
    request: RequestContext, action: str, principal: Principal | None, reason: str | None, at_ms: int
) -> AuditEvent:
    """Tell of one authorization of a tool or listing; ``reason`` is none when it was allowed."""
    is_allowed = reason is None
    shown = principal if is_allowed else None
    return AuditEvent(
        event="mcp_tool_authz",
        is_denial=not is_allowed,
        members={
            "timestamp_ms": at_ms,
            "decision": "allow" if is_allowed else "deny",
            "action": action,
            "transport": request.transport,
            "peer_ip": request.peer_ip,
            "auth_method": shown.method if shown else None,
            "subject": shown.subject if shown else None,
            "token_fingerprint": shown.token_fingerprint if shown else None,
            "reason": reason,
            "request_id": request.request_id,
            "unsafe_client_correlation_id": request.client_correlation_id,
            "server_correlation_id": request.server_correlation_id,
        },
    )


def mcp_request(request: RequestContext, outcome: RequestOutcome, at_ms: int) -> AuditEvent:
    """Tell of one finished request, whatever became of it."""
    return AuditEvent(
        event="mcp_request",
        members={
            "timestamp_ms": at_ms,
            "request_id": request.request_id,
            "unsafe_client_correlation_id": request.client_correlation_id,
            "server_correlation_id": request.server_correlation_id,
            "transport": request.transport,
            "peer_ip": request.peer_ip,
            "method": outcome.method,
            "tool": outcome.tool,
            "outcome": "Ok" if outcome.error_code is None else "Error",
            "error_code": outcome.error_code,
            "error_kind": outcome.error_kind,
            "request_bytes": outcome.request_bytes,
            "response_bytes": outcome.response_bytes,
            "client_subject": request.client_subject,
            "redaction": "evidence" if outcome.tool == "evidence_query" else "full",
        },
    )


def tenant_authz(scope: Scope, verdict: Verdict, at_ms: int) -> AuditEvent:
    """Tell of one judgement of the tenant authorizer."""
    return AuditEvent(
        event="tenant_authz",
        is_denial=not verdict.allowed,
        members={
            "timestamp_ms": at_ms,
            **_correlation(scope.request),
            "tool": scope.tool,
            "allowed": verdict.allowed,
            "reason": verdict.reason,
            "principal_id": scope.principal.id,
            "tenant_id": _number(scope.tenant_id),
            "namespace_id": _number(scope.namespace_id),
        },
    )


def usage(scope: Scope, metric: str, units: int, verdict: Verdict, at_ms: int) -> AuditEvent:
    """Tell of one admission of one metric. A refused quota is no refused authorization."""
    return AuditEvent(
        event="usage_audit",
        members={
            "timestamp_ms": at_ms,
            **_correlation(scope.request),
            "tool": scope.tool,
            "tenant_id": _number(scope.tenant_id),
            "namespace_id": _number(scope.namespace_id),
            "principal_id": scope.principal.id,
            "metric": metric,
            "units": units,
            "allowed": verdict.allowed,
            "reason": verdict.reason,
        },
    )


def guard_denial(scope: Scope, guard: str, reason: str, at_ms: int) -> AuditEvent:
    """Tell of a refusal by a guard for which the reference has no event: namespace, time, trigger kind."""
    return AuditEvent(
        event="guard_denial",
        is_denial=True,
        members={
            "timestamp_ms": at_ms,
            **_correlation(scope.request),
            "tool": scope.tool,
            "guard": guard,
            "reason": reason,
            "principal_id": scope.principal.id,
            "tenant_id": _number(scope.tenant_id),
            "namespace_id": _number(scope.namespace_id),
        },
    )


@attrs.frozen(kw_only=True)
class Posture:
    """What a security event says about the server; ``authority`` is ``n/a`` where it does not matter."""

    dev_permissive: bool = False
    authority: str = "n/a"


def security(request: RequestContext | None, kind: str, message: str, posture: Posture, at_ms: int) -> AuditEvent:
    """Tell of a change of posture, or of an attack on the edge; ``request`` is none at start."""
    return AuditEvent(
        event="security_audit",
        members={
            "timestamp_ms": at_ms,
            "unsafe_client_correlation_id": None,
            "server_correlation_id": request.server_correlation_id if request else None,
            "kind": kind,
            "message": message,
            "dev_permissive": posture.dev_permissive,
            "namespace_authority": posture.authority,
        },
    )


def server_started(plugins: dict[str, JsonValue], posture: dict[str, JsonValue], at_ms: int) -> AuditEvent:
    """Tell which offers, of which distributions and versions, this server was built from."""
    return AuditEvent(event="server_started", members={"timestamp_ms": at_ms, "posture": posture, "plugins": plugins})


@attrs.frozen(kw_only=True)
class Actor:
    """Who a call says it acts for, beside its principal (deviation X14); client-chosen text."""

    agent_id: str | None = None
    source_id: str | None = None
    trigger_id: str | None = None
    trigger_kind: str | None = None


def run_commit(scope: Scope, actor: Actor, commit: Commit, at_ms: int) -> AuditEvent:
    """Tell of one commit to a run, with the head of its hash chain, so that an old copy is noticed."""
    head = commit.head
    return AuditEvent(
        event="run_commit",
        members={
            "timestamp_ms": at_ms,
            **_correlation(scope.request),
            "tool": scope.tool,
            "principal_id": scope.principal.id,
            "tenant_id": _number(head.key.tenant_id),
            "namespace_id": _number(head.key.namespace_id),
            "run_id": head.key.run_id,
            "scenario_id": head.scenario_id,
            "spec_hash": head.spec_hash,
            "version": head.version,
            "digest": head.digest,
            "status": head.status.value,
            "decisions": head.counts.decisions,
            "agent_id": actor.agent_id,
            "source_id": actor.source_id,
            "trigger_id": actor.trigger_id,
            "trigger_kind": actor.trigger_kind,
        },
    )


def tool_done(scope: Scope, at_ms: int) -> AuditEvent:
    """Tell of a successful call that changed nothing; only sinks that ride are told, others get ``mcp_request``."""
    return AuditEvent(
        event="tool_done",
        members={
            "timestamp_ms": at_ms,
            **_correlation(scope.request),
            "tool": scope.tool,
            "principal_id": scope.principal.id,
            "tenant_id": _number(scope.tenant_id),
            "namespace_id": _number(scope.namespace_id),
        },
    )


def runpack_exported(scope: Scope, head: RunHead, root_hash: str, at_ms: int) -> AuditEvent:
    """Tell of an exported run pack: which, by its root hash, and of which state of the run."""
    return AuditEvent(
        event="runpack_exported",
        members={
            "timestamp_ms": at_ms,
            **_correlation(scope.request),
            "tool": scope.tool,
            "principal_id": scope.principal.id,
            "tenant_id": _number(head.key.tenant_id),
            "namespace_id": _number(head.key.namespace_id),
            "run_id": head.key.run_id,
            "version": head.version,
            "digest": head.digest,
            "root_hash": root_hash,
        },
    )


def denial_not_kept(request: RequestContext, at_ms: int) -> AuditEvent:
    """Tell that the store could not take the record of a refused authorization."""
    return AuditEvent(event="denial_not_kept", members={"timestamp_ms": at_ms, **_correlation(request)})


def scenario_defined(scope: Scope, definition: ScenarioDefinition, at_ms: int) -> AuditEvent:
    """Tell of a new version of a scenario."""
    key = definition.key
    return AuditEvent(
        event="scenario_defined",
        members={
            "timestamp_ms": at_ms,
            **_correlation(scope.request),
            "tool": scope.tool,
            "principal_id": scope.principal.id,
            "owner": _number(key.owner),
            "namespace_id": _number(key.namespace_id),
            "scenario_id": key.scenario_id,
            "spec_version": definition.spec_version,
            "spec_hash": definition.spec_hash,
        },
    )


def registry(
    scope: Scope, action: str, verdict: Verdict, at_ms: int, shape: tuple[str, str] | None = None
) -> AuditEvent:
    """Tell of one judgement of the registry's access rules; ``shape`` is id and version, none for a listing."""
    schema_id, version = shape if shape is not None else (None, None)
    principal = scope.principal
    return AuditEvent(
        event="registry_audit",
        is_denial=not verdict.allowed,
        members={
            "timestamp_ms": at_ms,
            **_correlation(scope.request),
            "tenant_id": _number(scope.tenant_id),
            "namespace_id": _number(scope.namespace_id),
            "action": action,
            "allowed": verdict.allowed,
            "reason": verdict.reason,
            "principal_id": principal.id,
            "roles": [role.name for role in principal.roles],
            "policy_class": principal.policy_class,
            "schema_id": schema_id,
            "schema_version": version,
        },
    )


def schema_registered(scope: Scope, shape: tuple[str, str], schema_hash: str, at_ms: int) -> AuditEvent:
    """Tell of a new version of a data shape; ``shape`` is id and version."""
    return AuditEvent(
        event="schema_registered",
        members={
            "timestamp_ms": at_ms,
            **_correlation(scope.request),
            "tool": scope.tool,
            "principal_id": scope.principal.id,
            "tenant_id": _number(scope.tenant_id),
            "namespace_id": _number(scope.namespace_id),
            "schema_id": shape[0],
            "schema_version": shape[1],
            "schema_hash": schema_hash,
        },
    )


@attrs.frozen(kw_only=True)
class Prechecked:
    """One successful precheck: what it was about, the hashes of both sides, and the sides where they are kept."""

    scenario_id: str | None
    stage_id: str | None
    schema_id: str
    schema_version: str
    request_hash: JsonValue
    response_hash: JsonValue
    request: JsonValue = None
    response: JsonValue = None


def precheck(scope: Scope, checked: Prechecked, at_ms: int, *, keeps_payloads: bool) -> AuditEvent:
    """Tell of one successful precheck, by hashes unless ``server.audit.log_precheck_payloads`` (contract §8.3)."""
    return AuditEvent(
        event="precheck_audit",
        members={
            "timestamp_ms": at_ms,
            "unsafe_client_correlation_id": scope.request.client_correlation_id,
            "server_correlation_id": scope.request.server_correlation_id,
            "tenant_id": _number(scope.tenant_id),
            "namespace_id": _number(scope.namespace_id),
            "scenario_id": checked.scenario_id,
            "stage_id": checked.stage_id,
            "schema_id": checked.schema_id,
            "schema_version": checked.schema_version,
            "request_hash": checked.request_hash,
            "response_hash": checked.response_hash,
            "request": checked.request if keeps_payloads else None,
            "response": checked.response if keeps_payloads else None,
            "redaction": "payload" if keeps_payloads else "hash_only",
        },
    )


def _correlation(request: RequestContext) -> dict[str, JsonValue]:
    return {
        "request_id": request.request_id,
        "unsafe_client_correlation_id": request.client_correlation_id,
        "server_correlation_id": request.server_correlation_id,
    }


def _number(number: int | None) -> str | None:
    return None if number is None else str(number)
