"""Requests to the engine and its answers (contract §3.9)."""

import attrs

from decision_gate.core.model.decisions import DecisionOutcome, DecisionRecord, GateEvaluation, SafeSummary
from decision_gate.core.model.evidence import EvidenceResult
from decision_gate.core.model.packets import PacketPayload, PacketRecord
from decision_gate.core.model.primitives import NamespaceId, TenantId
from decision_gate.core.model.run_state import RunStatus
from decision_gate.core.model.submissions import SubmissionRecord
from decision_gate.core.timestamps import Timestamp


@attrs.frozen(kw_only=True)
class StatusRequest:
    """Ask where a run stands."""

    run_id: str
    tenant_id: TenantId
    namespace_id: NamespaceId
    requested_at: Timestamp
    correlation_id: str | None = None


@attrs.frozen(kw_only=True)
class NextRequest:
    """An agent asks whether it may go on."""

    run_id: str
    tenant_id: TenantId
    namespace_id: NamespaceId
    trigger_id: str
    agent_id: str
    time: Timestamp
    correlation_id: str | None = None


@attrs.frozen(kw_only=True)
class SubmitRequest:
    """Hand something in."""

    run_id: str
    tenant_id: TenantId
    namespace_id: NamespaceId
    submission_id: str
    payload: PacketPayload
    content_type: str
    submitted_at: Timestamp
    correlation_id: str | None = None


@attrs.frozen(kw_only=True)
class PrecheckRequest:
    """Judge asserted evidence without a run; the stage defaults to the first."""

    stage_id: str | None = None
    evidence: dict[str, EvidenceResult]


@attrs.frozen(kw_only=True)
class EvaluationResult:
    """Answer of next and trigger."""

    decision: DecisionRecord
    packets: tuple[PacketRecord, ...]
    status: RunStatus


@attrs.frozen(kw_only=True)
class SubmitResult:
    """Answer of submit."""

    record: SubmissionRecord


@attrs.frozen(kw_only=True)
class PrecheckResult:
    """Answer of precheck; the outcome is not recorded anywhere."""

    decision: DecisionOutcome
    gate_evaluations: tuple[GateEvaluation, ...]


@attrs.frozen(kw_only=True)
class ScenarioStatus:
    """Answer of status; packet ids in log order, repeats possible."""

    run_id: str
    scenario_id: str
    current_stage_id: str
    status: RunStatus
    last_decision: DecisionRecord | None
    issued_packet_ids: tuple[str, ...]
    safe_summary: SafeSummary | None
