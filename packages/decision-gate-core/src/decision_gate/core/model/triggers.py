"""What asks a run to move (contract §3.5)."""

import enum

import attrs

from decision_gate.core.integers import U64
from decision_gate.core.model.packets import DispatchTarget, PacketPayload
from decision_gate.core.model.primitives import NamespaceId, TenantId
from decision_gate.core.timestamps import Timestamp


class TriggerKind(enum.Enum):
    """Who pulls the trigger; only a tick looks at timeouts."""

    AGENT_REQUEST_NEXT = "agent_request_next"
    TICK = "tick"
    EXTERNAL_EVENT = "external_event"
    BACKEND_EVENT = "backend_event"


@attrs.frozen(kw_only=True)
class RunConfig:
    """How a run is started; ``policy_tags`` are accepted and dropped."""

    tenant_id: TenantId
    namespace_id: NamespaceId
    run_id: str
    scenario_id: str
    dispatch_targets: tuple[DispatchTarget, ...]
    policy_tags: tuple[str, ...]


@attrs.frozen(kw_only=True)
class TriggerEvent:
    """One trigger; the payload is logged and never interpreted."""

    trigger_id: str
    tenant_id: TenantId
    namespace_id: NamespaceId
    run_id: str
    kind: TriggerKind
    time: Timestamp
    source_id: str
    payload: PacketPayload | None = None
    correlation_id: str | None = None


@attrs.frozen(kw_only=True)
class TriggerRecord:
    """A trigger in its run's log; ``seq`` counts from 1."""

    seq: U64
    event: TriggerEvent
