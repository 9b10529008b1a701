"""The pure rooms of a step: plan, normalise, judge, route, record (contract §6)."""

from decision_gate.core.engine.anchors import (
    anchor_problem,
)
from decision_gate.core.engine.call import (
    Call,
)
from decision_gate.core.engine.drafts import (
    CallDraft,
    Draft,
    IntentDraft,
    StepDraft,
    StoredStep,
)
from decision_gate.core.engine.errors import (
    ConcurrentUpdateError,
    EvidenceTooLargeError,
    GateResolutionError,
    InvalidScenarioError,
    NamespaceMismatchError,
    PayloadTooLargeError,
    ProviderMissingError,
    RunBusyError,
    RunNotActiveError,
    RunNotFoundError,
    RunOfOtherScenarioError,
    ScenarioMismatchError,
    ScenarioNotFoundError,
    SubmissionConflictError,
    TimeKindMismatchError,
    TimeoutCalculationError,
    UnknownStageError,
)
from decision_gate.core.engine.intent import (
    announce,
    announced,
)
from decision_gate.core.engine.judge import (
    evidence_record,
    judge,
    judge_results,
)
from decision_gate.core.engine.normalise import (
    evidence_bytes,
    hashed,
    normalise,
)
from decision_gate.core.engine.packets import (
    Packet,
    envelopes,
)
from decision_gate.core.engine.payloads import (
    content_hash,
)
from decision_gate.core.engine.plan import (
    ConditionPlan,
    GatePlan,
    ScenarioPlan,
    StagePlan,
    plan_stage,
)
from decision_gate.core.engine.prepared import (
    MAX_PLANS,
    PlanCache,
)
from decision_gate.core.engine.record import (
    response_hash,
    seal,
    store_step,
)
from decision_gate.core.engine.route import (
    Advance,
    Complete,
    Fail,
    Hold,
    Route,
    next_stage,
    route,
    route_timeout,
)
from decision_gate.core.engine.settings import (
    EngineSettings,
)
from decision_gate.core.engine.step import (
    AWAIT_EVIDENCE,
    decide,
    failed,
    outcome_of,
    start,
    with_packets,
)
from decision_gate.core.engine.timeout import (
    expired,
)
from decision_gate.core.engine.validate import (
    check_identifiers,
    check_scenario,
)

__all__ = [
    "AWAIT_EVIDENCE",
    "MAX_PLANS",
    "Advance",
    "Call",
    "CallDraft",
    "Complete",
    "ConcurrentUpdateError",
    "ConditionPlan",
    "Draft",
    "EngineSettings",
    "EvidenceTooLargeError",
    "Fail",
    "GatePlan",
    "GateResolutionError",
    "Hold",
    "IntentDraft",
    "InvalidScenarioError",
    "NamespaceMismatchError",
    "Packet",
    "PayloadTooLargeError",
    "PlanCache",
    "ProviderMissingError",
    "Route",
    "RunBusyError",
    "RunNotActiveError",
    "RunNotFoundError",
    "RunOfOtherScenarioError",
    "ScenarioMismatchError",
    "ScenarioNotFoundError",
    "ScenarioPlan",
    "StagePlan",
    "StepDraft",
    "StoredStep",
    "SubmissionConflictError",
    "TimeKindMismatchError",
    "TimeoutCalculationError",
    "UnknownStageError",
    "anchor_problem",
    "announce",
    "announced",
    "check_identifiers",
    "check_scenario",
    "content_hash",
    "decide",
    "envelopes",
    "evidence_bytes",
    "evidence_record",
    "expired",
    "failed",
    "hashed",
    "judge",
    "judge_results",
    "next_stage",
    "normalise",
    "outcome_of",
    "plan_stage",
    "response_hash",
    "route",
    "route_timeout",
    "seal",
    "start",
    "store_step",
    "with_packets",
]
