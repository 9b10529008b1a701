"""The wire form of a whole run, folded from its head and logs when somebody asks (contract §3.8)."""

import enum

import attrs

from decision_gate.core.model.decisions import DecisionRecord, GateEvalRecord
from decision_gate.core.model.hash_digest import HashDigest
from decision_gate.core.model.packets import DispatchTarget, PacketRecord
from decision_gate.core.model.primitives import NamespaceId, TenantId
from decision_gate.core.model.submissions import SubmissionRecord, ToolCallRecord
from decision_gate.core.model.triggers import TriggerRecord
from decision_gate.core.timestamps import Timestamp


class RunStatus(enum.Enum):
    """Whether a run can still move."""

    ACTIVE = "active"
    COMPLETED = "completed"
    FAILED = "failed"


@attrs.frozen(kw_only=True)
class RunState:
    """Everything about a run."""

    tenant_id: TenantId
    namespace_id: NamespaceId
    run_id: str
    scenario_id: str
    spec_hash: HashDigest
    current_stage_id: str
    stage_entered_at: Timestamp
    status: RunStatus
    dispatch_targets: tuple[DispatchTarget, ...]
    triggers: tuple[TriggerRecord, ...]
    gate_evals: tuple[GateEvalRecord, ...]
    decisions: tuple[DecisionRecord, ...]
    packets: tuple[PacketRecord, ...]
    submissions: tuple[SubmissionRecord, ...]
    tool_calls: tuple[ToolCallRecord, ...]
