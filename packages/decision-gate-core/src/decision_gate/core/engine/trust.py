"""Evidence of a lane that a gate does not accept counts as unknown there (contract §6.6 points 4 and 5)."""

import attrs

from decision_gate.core.logic import TriState
from decision_gate.core.model import EvidenceProviderError, EvidenceRecord, TrustLane

_TRUST_LANE = EvidenceProviderError(
    code="trust_lane", message="evidence lane Asserted does not satisfy Verified", details=None
)


def enforce(record: EvidenceRecord, *, needs_verified: bool) -> EvidenceRecord:
    """Return *record* as a gate sees it; value and hash are kept, an error it has already is kept too."""
    if not needs_verified or record.result.lane is TrustLane.VERIFIED:
        return record
    result = record.result if record.result.error is not None else attrs.evolve(record.result, error=_TRUST_LANE)
    return EvidenceRecord(condition_id=record.condition_id, status=TriState.UNKNOWN, result=result)
