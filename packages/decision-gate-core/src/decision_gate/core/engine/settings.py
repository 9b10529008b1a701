"""How an engine judges, apart from the scenario (contract §6.1)."""

from collections.abc import Mapping

import attrs

from decision_gate.core.limits import MAX_U64
from decision_gate.core.logic import LogicMode
from decision_gate.core.model import EvidenceAnchorPolicy, TrustLane, stricter


@attrs.frozen(kw_only=True)
class EngineSettings:
    """Settings of an engine.

    ``min_lane`` is the global minimum; ``provider_lanes`` can only tighten it (contract §6.6 point 4).
    ``shuffle_seed``, 0 … 2^64−1, asks conditions in a seeded order instead of their order in the gates; records do not
    change.
    """

    logic_mode: LogicMode = LogicMode.KLEENE
    min_lane: TrustLane = TrustLane.VERIFIED
    provider_lanes: Mapping[str, TrustLane] = attrs.field(factory=dict)
    anchor_policy: EvidenceAnchorPolicy = attrs.field(factory=EvidenceAnchorPolicy)
    shuffle_seed: int | None = attrs.field(
        default=None,
        validator=attrs.validators.optional([attrs.validators.ge(0), attrs.validators.le(MAX_U64)]),
    )

    def lane_for_provider(self, provider_id: str) -> TrustLane:
        """Return the weakest lane accepted of *provider_id*, before conditions and gates have their say."""
        return self.provider_lanes.get(provider_id, self.min_lane)

    def lane_for_gate(self, gate_lane: TrustLane | None) -> TrustLane:
        """Return the weakest lane a gate accepts."""
        return self.min_lane if gate_lane is None else stricter(self.min_lane, gate_lane)
