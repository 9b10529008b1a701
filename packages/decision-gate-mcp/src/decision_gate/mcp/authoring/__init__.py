"""Scenarios as people write them: the short form, and the wire form with the place of every fault."""

from decision_gate.mcp.authoring.document import Authored, DocumentLanguage, read_scenario, read_scenario_file
from decision_gate.mcp.authoring.faults import Fault, ScenarioDocumentError

__all__ = ["Authored", "DocumentLanguage", "Fault", "ScenarioDocumentError", "read_scenario", "read_scenario_file"]
