"""Strict comparator validation: can this comparator ever apply to values of this schema (contract §6.4, §6.5)."""

from typing import Final

import attrs

from decision_gate.core.codec import DecodeError, decode
from decision_gate.core.comparators import Comparator
from decision_gate.core.json import JsonValue
from decision_gate.core.model import ConditionSpec
from decision_gate.mcp.json_schema import JsonSchema
from decision_gate.mcp.validation.allowance import FAMILY_OF, Allowance, Family, allowance
from decision_gate.mcp.validation.errors import SchemaClassError, StrictValidationError
from decision_gate.mcp.validation.value_classes import classes_of, extension_of

_NO_EXPECTED: Final = (Comparator.EXISTS, Comparator.NOT_EXISTS)


@attrs.frozen(kw_only=True)
class StrictRule:
    """The rules of profile ``strict_core_v1`` with their two switches."""

    allows_lexical: bool = False
    allows_deep: bool = False

    def check(self, condition: ConditionSpec, schema: JsonValue) -> None:
        """Hold one condition against the schema of its values, in the order of contract §6.4.

        Raises:
            StrictValidationError: The comparator cannot apply, or the schema does not say.
            InvalidSchemaError: The schema is none.
        """
        comparator = condition.comparator
        label = f"condition {condition.condition_id} comparator {comparator.value}"
        override = self._override(schema)
        classes = classes_of(schema)
        if self._is_disabled(comparator):
            raise StrictValidationError(f"{label} is disabled by config")
        permitted = allowance(classes, comparator)
        if permitted is Allowance.FORBIDDEN:
            raise StrictValidationError(f"{label} not allowed for schema type")
        if permitted is Allowance.OPT_IN and override is None:
            raise StrictValidationError(f"{label} requires explicit opt-in")
        if override is not None and comparator not in override:
            raise StrictValidationError(f"{label} not in allowed_comparators")
        _check_expected(condition, label, JsonSchema(schema))

    def _override(self, schema: JsonValue) -> tuple[Comparator, ...] | None:
        """Return the comparators that the schema itself lists; they narrow, and they opt in."""
        extension = extension_of(schema)
        if "allowed_comparators" not in extension:
            return None
        try:
            listed = decode(tuple[Comparator, ...], extension["allowed_comparators"])
        except DecodeError as error:
            raise SchemaClassError(f"allowed_comparators invalid: {error.reason}") from error
        if not listed:
            raise SchemaClassError("allowed_comparators must not be empty")
        for comparator in listed:
            if self._is_disabled(comparator):
                raise SchemaClassError(f"allowed_comparators includes disabled comparator {comparator.value}")
            if allowance(classes_of(schema), comparator) is Allowance.FORBIDDEN:
                raise SchemaClassError(
                    f"allowed_comparators includes comparator {comparator.value} not valid for schema"
                )
        return listed

    def _is_disabled(self, comparator: Comparator) -> bool:
        match FAMILY_OF[comparator]:
            case Family.LEXICAL:
                return not self.allows_lexical
            case Family.DEEP:
                return not self.allows_deep
            case _:
                return False


def _check_expected(condition: ConditionSpec, label: str, schema: JsonSchema) -> None:
    expected = condition.expected
    if condition.comparator in _NO_EXPECTED:
        if expected is not None:
            raise StrictValidationError(f"{label} does not accept expected values")
        return
    if condition.comparator is Comparator.IN_SET:
        if not isinstance(expected, list):
            raise StrictValidationError(f"{label} requires expected array")
        values = expected
    elif expected is None:
        raise StrictValidationError(f"{label} requires expected value")
    else:
        values = [expected]
    for value in values:
        if mistakes := schema.mistakes(value):
            raise StrictValidationError(
                f"condition {condition.condition_id} expected value invalid: {'; '.join(mistakes)}"
            )
