"""Who may receive which packet, by ``[policy]`` (contract §3.3, policy)."""

from collections.abc import Collection

from decision_gate.core.model import (
    AgentTarget,
    ChannelTarget,
    DispatchTarget,
    ExternalTarget,
    PacketEnvelope,
    PacketPayload,
    SessionTarget,
)
from decision_gate.core.ports import PolicyDecider, PolicyFailedError
from decision_gate.mcp.config.dispatch_policy import (
    Effect,
    PolicyEngine,
    PolicyRule,
    PolicyTable,
    StaticPolicyTable,
    TargetSelector,
)


def disclosure_policy(table: PolicyTable) -> PolicyDecider | None:
    """Return the policy that the configuration chooses; none permits everything."""
    match table.engine:
        case PolicyEngine.PERMIT_ALL:
            return None
        case PolicyEngine.DENY_ALL:
            return StaticPolicy(StaticPolicyTable())
        case PolicyEngine.STATIC:
            return StaticPolicy(table.static or StaticPolicyTable())


class StaticPolicy:
    """Rules in order; the first whose every criterion matches decides, else the default."""

    def __init__(self, table: StaticPolicyTable) -> None:
        self._table = table

    def permits(self, target: DispatchTarget, envelope: PacketEnvelope, payload: PacketPayload) -> bool:
        """Judge one disclosure. Raise ``PolicyFailedError`` where a rule says ``error``."""
        del payload
        for rule in self._table.rules:
            if _matches(rule, target, envelope):
                if rule.effect is Effect.ERROR:
                    raise PolicyFailedError(rule.error_message or "")
                return rule.effect is Effect.PERMIT
        return self._table.default is Effect.PERMIT


def _matches(rule: PolicyRule, target: DispatchTarget, envelope: PacketEnvelope) -> bool:
    labels = envelope.visibility.labels
    tags = envelope.visibility.policy_tags
    return (
        _any_of(rule.target_kinds, target.kind)
        and (not rule.targets or any(_selects(selector, target) for selector in rule.targets))
        and set(rule.require_labels) <= set(labels)
        and set(rule.forbid_labels).isdisjoint(labels)
        and set(rule.require_policy_tags) <= set(tags)
        and set(rule.forbid_policy_tags).isdisjoint(tags)
        and _any_of(rule.content_types, envelope.content_type)
        and _any_of(rule.schema_ids, envelope.schema_id)
        and _any_of(rule.packet_ids, envelope.packet_id)
        and _any_of(rule.stage_ids, envelope.stage_id)
        and _any_of(rule.scenario_ids, envelope.scenario_id)
    )


def _any_of(wanted: Collection[str], found: str) -> bool:
    return not wanted or found in wanted


def _selects(selector: TargetSelector, target: DispatchTarget) -> bool:
    if selector.target_kind != target.kind:
        return False
    match target:
        case AgentTarget(agent_id=name) | SessionTarget(session_id=name) | ChannelTarget(channel=name):
            return selector.target_id in (None, name)
        case ExternalTarget(system=system, target=name):
            return selector.system in (None, system) and selector.target in (None, name)
