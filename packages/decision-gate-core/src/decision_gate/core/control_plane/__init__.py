"""Drive runs: where the engine's pure rooms meet the ports."""

from decision_gate.core.control_plane.plane import ControlPlane
from decision_gate.core.control_plane.precheck import precheck
from decision_gate.core.control_plane.run_fold import fold_store
from decision_gate.core.control_plane.scenario_lookup import ScenarioLookup, define
from decision_gate.core.control_plane.work import RiderSource, Work, no_riders

__all__ = ["ControlPlane", "RiderSource", "ScenarioLookup", "Work", "define", "fold_store", "no_riders", "precheck"]
