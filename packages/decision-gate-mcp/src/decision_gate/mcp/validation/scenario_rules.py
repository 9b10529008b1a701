"""What a scenario is held against before the engine sees it: capabilities, then strict rules (contract §2.1)."""

import attrs

from decision_gate.core.json import JsonValue
from decision_gate.core.model import ScenarioSpec
from decision_gate.mcp.validation.capabilities import CapabilityRule
from decision_gate.mcp.validation.shape_mapping import check_shape
from decision_gate.mcp.validation.strict import StrictRule


@attrs.frozen(kw_only=True)
class ScenarioRules:
    """The two rule sets; ``strict`` is none where strict validation is off. The first failing condition wins."""

    capabilities: CapabilityRule
    strict: StrictRule | None

    def check_capabilities(self, spec: ScenarioSpec) -> None:
        """Hold every condition against its provider's contract. Raise ``CapabilityError``."""
        for condition in spec.conditions:
            self.capabilities.check_condition(condition)

    def check_comparators(self, spec: ScenarioSpec) -> None:
        """Hold every comparator against the type of what its check answers.

        Raises:
            StrictValidationError, InvalidSchemaError: A comparator cannot apply.
            CapabilityError: A condition asks for what is not offered.
        """
        if self.strict is None:
            return
        for condition in spec.conditions:
            check = self.capabilities.check_query(condition.query)
            if check is not None:
                self.strict.check(condition, check.result_schema)

    def check_shape(self, spec: ScenarioSpec, shape: JsonValue) -> None:
        """Hold every comparator against the type a data shape gives it; see ``shape_mapping.check_shape``."""
        if self.strict is not None:
            check_shape(self.strict, spec, shape)
