"""Does the evidence of a pack meet the anchor policy that its manifest names? (contract §8.2 point 6)."""

from collections.abc import Iterator

from decision_gate.core.engine import anchor_problem
from decision_gate.core.model import EvidenceAnchorPolicy, GateEvalRecord, ScenarioSpec


class AnchorCheck:
    """The anchor policy of a pack, applied to the conditions of its scenario."""

    def __init__(self, policy: EvidenceAnchorPolicy, spec: ScenarioSpec) -> None:
        self._policy = policy
        self._providers = {each.condition_id: each.query.provider_id for each in spec.conditions}

    def problems(self, record: GateEvalRecord) -> Iterator[str]:
        """Yield a problem for each piece of evidence without error whose anchor is not as required."""
        place = f"(trigger {record.trigger_id}, stage {record.stage_id})"
        for evidence in record.evidence:
            if evidence.result.error is not None:
                continue
            provider_id = self._providers.get(evidence.condition_id)
            if provider_id is None:
                yield f"condition {evidence.condition_id} missing from scenario spec {place}"
                continue
            requirement = self._policy.requirement_for(provider_id)
            if requirement is None:
                continue
            problem = anchor_problem(evidence.result.evidence_anchor, requirement)
            if problem is not None:
                yield f"anchor invalid for condition {evidence.condition_id} {place}: {problem}"
