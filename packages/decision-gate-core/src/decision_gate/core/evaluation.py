"""One answer and no run: judge evidence that the caller brings, at once and without I/O."""

from collections.abc import Mapping

import attrs

from decision_gate.core.codec import decode
from decision_gate.core.engine import EngineSettings, ScenarioPlan, check_scenario, judge, outcome_of, route
from decision_gate.core.json import CanonicalJsonError, JsonValue, canonical, canonical_kinds, parse
from decision_gate.core.model import (
    BytesEvidence,
    DecisionOutcome,
    EvidenceResult,
    GateEvalRecord,
    HoldOutcome,
    JsonEvidence,
    ScenarioSpec,
    TrustLane,
)

NO_EVIDENCE = EvidenceResult(lane=TrustLane.ASSERTED)
"""What a condition without evidence gets: no value, and nobody who vouches for it (contract §6.10)."""


@attrs.frozen(kw_only=True)
class Decision:
    """What a stage decides on the evidence given.

    ``outcome`` is advance, complete or hold; ``gates`` are in the order of the scenario, with evidence and trace.
    """

    outcome: DecisionOutcome
    gates: tuple[GateEvalRecord, ...]

    @property
    def passed(self) -> bool:
        """Whether work may go on; unknown never passes."""
        return not isinstance(self.outcome, HoldOutcome)

    @property
    def unmet_gates(self) -> tuple[str, ...]:
        """The gates that hold it up, in the order of the scenario."""
        return self.outcome.summary.unmet_gates if isinstance(self.outcome, HoldOutcome) else ()


def evaluate(
    scenario: ScenarioSpec | JsonValue | bytes,
    evidence: Mapping[str, JsonValue | bytes | EvidenceResult],
    *,
    stage_id: str | None = None,
    settings: EngineSettings | None = None,
) -> Decision:
    """Judge one stage of *scenario* by *evidence*.

    Args:
        scenario: A scenario record, its wire value, or its JSON text.
        evidence: By condition id: a JSON value or bytes, which the caller vouches for, or a whole ``EvidenceResult``
            with its own lane. A condition not named has no evidence; a name that is no condition is ignored.
        stage_id: Which stage; the first when none.
        settings: How evidence is judged; the anchor policy does not apply to evidence that the caller brings.

    Raises:
        JsonParseError, DecodeError: *scenario* is not a scenario.
        CanonicalJsonError: An expectation or a value made in Python is not JSON, or contains itself.
        InvalidScenarioError: It contradicts itself.
        UnknownStageError: It has no such stage.
        EvidenceTooLargeError: A value is over 1 MiB.
        GateResolutionError: All gates are true, no branch matches and there is no default.
    """
    spec = _spec(scenario)
    check_scenario(spec)
    for condition in spec.conditions:
        # A reader of text cannot bring sets and dates, a caller in Python can.
        canonical(condition.expected)
    judged_by = attrs.evolve(settings or EngineSettings(), anchor_policy=EngineSettings().anchor_policy)
    plan = ScenarioPlan(spec=spec, spec_hash="", settings=judged_by)
    stage = plan.stage(spec.stages[0].stage_id if stage_id is None else stage_id)
    answers = [_answer(evidence, condition.spec.condition_id) for condition in stage.conditions]
    gates = judge(stage, answers, "")
    where = route(spec, stage.spec, [gate.evaluation for gate in gates])
    return Decision(outcome=outcome_of(stage.spec.stage_id, where), gates=gates)


def _spec(scenario: ScenarioSpec | JsonValue | bytes) -> ScenarioSpec:
    if isinstance(scenario, ScenarioSpec):
        return scenario
    return decode(ScenarioSpec, parse(scenario) if isinstance(scenario, str | bytes) else scenario)


def _answer(evidence: Mapping[str, JsonValue | bytes | EvidenceResult], condition_id: str) -> EvidenceResult:
    if condition_id not in evidence:
        return NO_EVIDENCE
    given = evidence[condition_id]
    if isinstance(given, EvidenceResult):
        return given
    if isinstance(given, bytes):
        return EvidenceResult(value=BytesEvidence(value=given))
    # Values made in Python may hold tuples and 1.0; what is judged is what a reader of their canonical bytes sees.
    try:
        return EvidenceResult(value=JsonEvidence(value=canonical_kinds(given)))
    except RecursionError as error:
        raise CanonicalJsonError("nesting has no end or is too deep") from error
