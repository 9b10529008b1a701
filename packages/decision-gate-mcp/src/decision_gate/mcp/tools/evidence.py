"""``evidence_query``: ask one provider, outside any run (contract §2.7)."""

import attrs

from decision_gate.core.codec import encode
from decision_gate.core.engine import hashed
from decision_gate.core.json import plain
from decision_gate.core.model import EvidenceProviderError, EvidenceResult
from decision_gate.core.ports import EvidenceAnswer, EvidenceCollector, EvidenceProviderFailureError, ProviderFailure
from decision_gate.mcp.hooks.usage_meter import Charge, Metric
from decision_gate.mcp.tools.arguments import EvidenceArguments
from decision_gate.mcp.tools.call import Call, Place, Tool
from decision_gate.mcp.tools.feedback import redact_result
from decision_gate.mcp.tools.runs import RawRule
from decision_gate.mcp.validation import CapabilityRule


@attrs.frozen(kw_only=True)
class EvidenceTools:
    """The evidence family: run and scenario of the context need not exist, and nothing is kept."""

    evidence: EvidenceCollector
    capabilities: CapabilityRule
    raw_allowed: RawRule

    def tools(self) -> tuple[Tool, ...]:
        """Return the one tool."""
        return (
            Tool(
                name="evidence_query",
                arguments=EvidenceArguments,
                place=lambda arguments: Place(
                    tenant_id=arguments.context.tenant_id, namespace_id=arguments.context.namespace_id
                ),
                work=self.query,
                costs=lambda _arguments: ((Metric.EVIDENCE_QUERIES, 1),),
            ),
        )

    def query(self, call: Call) -> bytes:
        """Ask, and return the answer without what is not disclosed (contract §8.1).

        A hash that the provider sent is passed through; an absent one is computed before the value is hidden.
        """
        arguments: EvidenceArguments = call.arguments
        query = arguments.query
        self.capabilities.check_query(query)
        [answer] = self.evidence.collect([query], arguments.context)
        result = encode(_hashed(_result(answer)))
        redact_result(result, is_raw_allowed=self.raw_allowed(query.provider_id))
        call.owe(Charge(metric=Metric.EVIDENCE_QUERIES, units=1, operation=call.request.server_correlation_id))
        return plain({"result": result})


def _result(answer: EvidenceAnswer) -> EvidenceResult:
    """Return the answer as a result: a provider's failure is no failure of the call."""
    match answer:
        case ProviderFailure(message=message):
            text = str(EvidenceProviderFailureError(message))
            return EvidenceResult(error=EvidenceProviderError(code="provider_error", message=text))
        case EvidenceResult():
            return answer


def _hashed(result: EvidenceResult) -> EvidenceResult:
    return result if result.evidence_hash is not None or result.error is not None else hashed(result)
