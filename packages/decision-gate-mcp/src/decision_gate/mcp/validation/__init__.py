"""Validation of comparators against types, and of questions against contracts (contract §6, §7.4)."""

from decision_gate.mcp.validation.capabilities import CapabilityRule
from decision_gate.mcp.validation.errors import (
    CapabilityError,
    SchemaClassError,
    StrictValidationError,
)
from decision_gate.mcp.validation.scenario_rules import ScenarioRules
from decision_gate.mcp.validation.strict import StrictRule

__all__ = [
    "CapabilityError",
    "CapabilityRule",
    "ScenarioRules",
    "SchemaClassError",
    "StrictRule",
    "StrictValidationError",
]
