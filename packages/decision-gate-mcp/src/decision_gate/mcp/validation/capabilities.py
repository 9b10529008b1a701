"""Does a provider offer what a condition or a query asks of it (contract §7.4); always on."""

from collections.abc import Callable

import attrs

from decision_gate.core.comparators import Comparator
from decision_gate.core.json import JsonValue
from decision_gate.core.model import ConditionSpec, EvidenceQuery
from decision_gate.mcp.evidence.capability_contract import Check, ProviderContracts
from decision_gate.mcp.json_schema import JsonSchema
from decision_gate.mcp.validation.errors import CapabilityError


@attrs.frozen(kw_only=True)
class CapabilityRule:
    """Holds questions against the contracts of the providers.

    Attributes:
        contracts: What the providers offer.
        is_registered: Tells whether a provider without a contract is there; such a one may be asked anything.
    """

    contracts: ProviderContracts
    is_registered: Callable[[EvidenceQuery], bool]

    def check_query(self, query: EvidenceQuery) -> Check | None:
        """Check provider, check and params, and return the check; none of a provider without a contract.

        Raises:
            CapabilityError: ``provider_missing``, ``check_missing``, ``params_missing`` or ``params_invalid``.
        """
        contract = self.contracts.get(query.provider_id)
        if contract is None:
            if not self.is_registered(query):
                raise CapabilityError("provider_missing", f"provider not registered: {query.provider_id}")
            return None
        pair = f"{query.provider_id}.{query.check_id}"
        check = contract.checks.get(query.check_id)
        if check is None:
            raise CapabilityError("check_missing", f"check not supported: {pair}")
        if query.params is None:
            if check.params_required:
                raise CapabilityError("params_missing", f"check params required for {pair}")
        elif mistakes := check.params.mistakes(query.params):
            raise CapabilityError("params_invalid", f"check params invalid for {pair}: {pair}: {'; '.join(mistakes)}")
        return check

    def check_condition(self, condition: ConditionSpec) -> Check | None:
        """Check the query of a condition, its expected value, then its comparator; see ``check_query``.

        Raises:
            CapabilityError: As for a query, or ``expected_invalid`` or ``comparator_not_allowed``.
        """
        check = self.check_query(condition.query)
        if check is None:
            return None
        pair = f"{condition.query.provider_id}.{condition.query.check_id}"
        if reason := _expected_problem(condition.comparator, condition.expected, check.result, pair):
            raise CapabilityError("expected_invalid", f"check expected value invalid for {pair}: {reason}")
        if condition.comparator not in check.allowed_comparators:
            raise CapabilityError(
                "comparator_not_allowed", f"comparator not allowed for {pair}: {condition.comparator.value}"
            )
        return check


def _expected_problem(comparator: Comparator, expected: JsonValue, result: JsonSchema, pair: str) -> str | None:
    match comparator:
        case Comparator.EXISTS | Comparator.NOT_EXISTS:
            return None if expected is None else "expected value must be omitted for exists/not_exists"
        case Comparator.IN_SET:
            if not isinstance(expected, list):
                return "expected array required for in_set comparator"
            values = expected
        case _:
            if expected is None:
                return "expected value required for comparator"
            values = [expected]
    for value in values:
        if mistakes := result.mistakes(value):
            return f"{pair}: {'; '.join(mistakes)}"
    return None
