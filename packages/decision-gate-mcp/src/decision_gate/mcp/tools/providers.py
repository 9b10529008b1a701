"""The discovery tools: which providers there are and what each offers (contract §2.10 – §2.12, §7.6)."""

from collections.abc import Sequence
from typing import Any

import attrs

from decision_gate.core.codec import encode
from decision_gate.core.json import JsonValue, canonical, plain
from decision_gate.mcp.config.docs import ProviderDiscoveryTable
from decision_gate.mcp.errors import InvalidParamsError, ResponseTooLargeError
from decision_gate.mcp.evidence.capability_contract import BUILTIN, ProviderContract, ProviderContracts
from decision_gate.mcp.hooks import audit_events
from decision_gate.mcp.hooks.errors import UnauthorizedError
from decision_gate.mcp.tools.arguments import CheckArguments, ContractArguments, NoArguments
from decision_gate.mcp.tools.call import Call, Place, Tool
from decision_gate.mcp.validation import CapabilityError


@attrs.frozen(kw_only=True)
class ProviderTools:
    """The discovery family.

    Attributes:
        providers: Ids of the configured providers.
        contracts: What they offer.
        discovery: Whose contracts are shown, and how large an answer may be.
    """

    providers: Sequence[str]
    contracts: ProviderContracts
    discovery: ProviderDiscoveryTable

    def tools(self) -> tuple[Tool, ...]:
        """Return the three tools."""
        return (
            Tool(name="providers_list", arguments=NoArguments, place=_nowhere, work=self.list),
            Tool(name="provider_contract_get", arguments=ContractArguments, place=_nowhere, work=self.contract),
            Tool(name="provider_check_schema_get", arguments=CheckArguments, place=_nowhere, work=self.check),
        )

    def list(self, call: Call) -> bytes:
        """List every provider by id; the discovery lists do not filter this (contract §2.10)."""
        del call
        return plain({"providers": [self._entry(provider_id) for provider_id in sorted(self.providers)]})

    def contract(self, call: Call) -> bytes:
        """Return one contract with its hash."""
        arguments: ContractArguments = call.arguments
        contract = self._shown(call, arguments.provider_id)
        return self._bounded(
            {
                "provider_id": contract.provider_id,
                "contract": contract.value,
                "contract_hash": encode(contract.digest),
                "source": contract.source.value,
                "version": None,
            }
        )

    def check(self, call: Call) -> bytes:
        """Return what one check takes and answers."""
        arguments: CheckArguments = call.arguments
        contract = self._shown(call, arguments.provider_id, arguments.check_id)
        check = contract.checks.get(arguments.check_id)
        if check is None:
            raise CapabilityError("check_missing", f"check not supported: {contract.provider_id}.{arguments.check_id}")
        written: dict[str, Any] = encode(check.document)
        del written["description"]
        return self._bounded({"provider_id": contract.provider_id, **written, "contract_hash": encode(contract.digest)})

    def _entry(self, provider_id: str) -> JsonValue:
        contract = self.contracts.get(provider_id)
        checks: list[JsonValue] = []
        if contract is not None:
            checks.extend(sorted(contract.checks))
        return {
            "provider_id": provider_id,
            "transport": BUILTIN if contract is None else contract.transport,
            "checks": checks,
        }

    def _shown(self, call: Call, provider_id: str, check_id: str | None = None) -> ProviderContract:
        """Return a contract in the order of refusals of contract §2.11."""
        if not provider_id.strip():
            raise InvalidParamsError("provider_id must be non-empty")
        if check_id is not None and not check_id.strip():
            raise InvalidParamsError("check_id must be non-empty")
        discovery = self.discovery
        is_listed = not discovery.allowlist or provider_id in discovery.allowlist
        if provider_id in discovery.denylist or not is_listed:
            reason = "provider discovery denied"
            call.events.append(audit_events.guard_denial(call.scope, "discovery", reason, call.now_ms))
            raise UnauthorizedError(reason)
        if provider_id not in self.providers:
            raise CapabilityError("provider_missing", f"provider not registered: {provider_id}")
        contract = self.contracts.get(provider_id)
        if contract is None:
            raise CapabilityError("contract_missing", f"provider capability contract missing for {provider_id}")
        return contract

    def _bounded(self, answer: dict[str, JsonValue]) -> bytes:
        size = len(canonical(answer))
        if size > self.discovery.max_response_bytes:
            raise ResponseTooLargeError(size, self.discovery.max_response_bytes)
        return plain(answer)


def _nowhere(_arguments: object) -> Place:
    return Place()
