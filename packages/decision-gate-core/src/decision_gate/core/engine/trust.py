"""Evidence of a lane that a gate does not accept counts as unknown there (contract §6.6 points 4 and 5)."""

import attrs

from decision_gate.core.logic import TriState
from decision_gate.core.model import EvidenceProviderError, EvidenceRecord

_TRUST_LANE = EvidenceProviderError(
    code="trust_lane", message="evidence lane Asserted does not satisfy Verified", details=None
)


def unverified(record: EvidenceRecord) -> EvidenceRecord:
    """Return asserted evidence as a gate sees it that needs verified; value, hash and an error of its own are kept."""
    result = record.result if record.result.error is not None else attrs.evolve(record.result, error=_TRUST_LANE)
    return EvidenceRecord(condition_id=record.condition_id, status=TriState.UNKNOWN, result=result)
