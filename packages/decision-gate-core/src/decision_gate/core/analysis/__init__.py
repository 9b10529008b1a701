"""Questions about requirements and scenarios that are answered without running them."""

from decision_gate.core.analysis.explain import explain
from decision_gate.core.analysis.nearest_pass import Change, NearestPass, nearest_pass
from decision_gate.core.analysis.reasons import DisclosureLevel, GateExplanation, Reason, ReasonClass, ReasonCode

__all__ = [
    "Change",
    "DisclosureLevel",
    "GateExplanation",
    "NearestPass",
    "Reason",
    "ReasonClass",
    "ReasonCode",
    "explain",
    "nearest_pass",
]
