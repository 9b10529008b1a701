"""What was evaluated and what was decided (contract §3.6)."""

from typing import ClassVar

import attrs

from decision_gate.core.integers import U64
from decision_gate.core.logic import TriState
from decision_gate.core.model.evidence import EvidenceResult
from decision_gate.core.timestamps import Timestamp


@attrs.frozen(kw_only=True)
class EvidenceRecord:
    """The evidence of one condition and the status it gave."""

    condition_id: str
    status: TriState
    result: EvidenceResult


@attrs.frozen(kw_only=True)
class GateTraceEntry:
    """One leaf as the evaluation met it."""

    condition_id: str
    status: TriState


@attrs.frozen(kw_only=True)
class GateEvaluation:
    """The status of a gate; the trace is in tree order, with repeats."""

    gate_id: str
    status: TriState
    trace: tuple[GateTraceEntry, ...]


@attrs.frozen(kw_only=True)
class GateEvalRecord:
    """One gate evaluation in the run's log; evidence is sorted by condition id bytes."""

    trigger_id: str
    stage_id: str
    evaluation: GateEvaluation
    evidence: tuple[EvidenceRecord, ...]


@attrs.frozen(kw_only=True)
class SafeSummary:
    """What may be said about a hold without disclosing evidence."""

    status: str
    unmet_gates: tuple[str, ...]
    retry_hint: str | None = None
    policy_tags: tuple[str, ...]


@attrs.frozen(kw_only=True)
class StartOutcome:
    """The run entered its initial stage."""

    kind: ClassVar[str] = "start"
    stage_id: str


@attrs.frozen(kw_only=True)
class CompleteOutcome:
    """The run is complete."""

    kind: ClassVar[str] = "complete"
    stage_id: str


@attrs.frozen(kw_only=True)
class AdvanceOutcome:
    """The run moved; ``timeout`` says that a deadline did it."""

    kind: ClassVar[str] = "advance"
    from_stage: str
    to_stage: str
    timeout: bool


@attrs.frozen(kw_only=True)
class HoldOutcome:
    """The run stays where it is."""

    kind: ClassVar[str] = "hold"
    summary: SafeSummary


@attrs.frozen(kw_only=True)
class FailOutcome:
    """The run failed."""

    kind: ClassVar[str] = "fail"
    reason: str


DecisionOutcome = StartOutcome | CompleteOutcome | AdvanceOutcome | HoldOutcome | FailOutcome


@attrs.frozen(kw_only=True)
class DecisionRecord:
    """One decision; ``stage_id`` is the stage before it, ``decision_id`` is ``decision-<seq>``."""

    decision_id: str
    seq: U64
    trigger_id: str
    stage_id: str
    decided_at: Timestamp
    outcome: DecisionOutcome
    correlation_id: str | None = None
