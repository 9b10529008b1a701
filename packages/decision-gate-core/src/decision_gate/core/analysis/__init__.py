"""Questions about requirements and scenarios that are answered without running them."""

from decision_gate.core.analysis.nearest_pass import Change, NearestPass, nearest_pass

__all__ = ["Change", "NearestPass", "nearest_pass"]
