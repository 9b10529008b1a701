"""Scenario plans by spec hash, bounded: a definition never changes under its hash."""

from collections.abc import Callable
from typing import Final

from decision_gate.core.engine.plan import ScenarioPlan

MAX_PLANS: Final = 256
"""How many plans are kept; the one unused for longest goes first."""


class PlanCache:
    """Plans of recently used scenarios.

    Safe under threads: a lost race plans twice, and both plans are equal.
    """

    def __init__(self) -> None:
        self._plans: dict[str, ScenarioPlan] = {}

    def get(self, spec_hash: str, make: Callable[[], ScenarioPlan]) -> ScenarioPlan:
        """Return the plan of *spec_hash*, made on first use."""
        plan = self._plans.pop(spec_hash, None)
        if plan is None:
            plan = make()
        self._plans[spec_hash] = plan
        if len(self._plans) > MAX_PLANS:
            # A copy: other threads change the dictionary while this one walks it.
            for oldest in list(self._plans)[:-MAX_PLANS]:
                self._plans.pop(oldest, None)
        return plan
