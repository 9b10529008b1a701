"""What callers may learn about providers: ids, contracts, single checks (contract §2.10 – §2.12, §7.6)."""

from collections.abc import Sequence
from functools import cached_property

import attrs

from decision_gate.core.codec import encode
from decision_gate.core.json import JsonValue, canonical, plain
from decision_gate.mcp.config.docs import ProviderDiscoveryTable
from decision_gate.mcp.errors import InvalidParamsError, ResponseTooLargeError
from decision_gate.mcp.evidence.capability_contract import BUILTIN, ProviderContract, ProviderContracts
from decision_gate.mcp.evidence.circuit import Circuit, Circuits, no_circuits
from decision_gate.mcp.hooks.errors import UnauthorizedError
from decision_gate.mcp.validation import CapabilityError

DENIED = "provider discovery denied"


@attrs.frozen(kw_only=True)
class ProviderDiscovery:
    """The answers about a server's providers.

    Attributes:
        providers: Ids of the configured providers.
        contracts: What they offer.
        table: Whose contracts are shown, and how large an answer may be.
        circuits: Tells which of them rest.
    """

    providers: Sequence[str]
    contracts: ProviderContracts
    table: ProviderDiscoveryTable
    circuits: Circuits = no_circuits

    @cached_property
    def listing(self) -> bytes:
        """The JSON text that lists every provider by id; the discovery lists do not filter this (contract §2.10)."""
        return plain({"providers": [self._entry(provider_id) for provider_id in sorted(self.providers)]})

    def states(self) -> dict[str, JsonValue]:
        """List them with the state of each that has a circuit (deviation X9)."""
        circuits = self.circuits()
        return {
            "providers": [
                {**self._entry(provider_id), **_circuit(circuits.get(provider_id))}
                for provider_id in sorted(self.providers)
            ]
        }

    def contract(self, provider_id: str) -> dict[str, JsonValue]:
        """Return one contract with its hash.

        Raises:
            InvalidParamsError: The id is blank.
            UnauthorizedError: The discovery lists do not show it.
            CapabilityError: There is no such provider, or nothing is known about it.
            ResponseTooLargeError: The answer is over the configured size.
        """
        contract = self._shown(provider_id)
        return self._bounded(
            {
                "provider_id": contract.provider_id,
                "contract": contract.value,
                "contract_hash": encode(contract.digest),
                "source": contract.source.value,
                "version": None,
            }
        )

    def check(self, provider_id: str, check_id: str) -> dict[str, JsonValue]:
        """Return what one check takes and answers; see ``contract`` for refusals."""
        contract = self._shown(provider_id, check_id)
        check = contract.checks.get(check_id)
        if check is None:
            raise CapabilityError("check_missing", f"check not supported: {contract.provider_id}.{check_id}")
        written: dict[str, JsonValue] = encode(check.document)
        del written["description"]
        return self._bounded({"provider_id": contract.provider_id, **written, "contract_hash": encode(contract.digest)})

    def _entry(self, provider_id: str) -> dict[str, JsonValue]:
        contract = self.contracts.get(provider_id)
        checks: list[JsonValue] = []
        if contract is not None:
            checks.extend(sorted(contract.checks))
        return {
            "provider_id": provider_id,
            "transport": BUILTIN if contract is None else contract.transport,
            "checks": checks,
        }

    def _shown(self, provider_id: str, check_id: str | None = None) -> ProviderContract:
        """Return a contract in the order of refusals of contract §2.11."""
        if not provider_id.strip():
            raise InvalidParamsError("provider_id must be non-empty")
        if check_id is not None and not check_id.strip():
            raise InvalidParamsError("check_id must be non-empty")
        is_listed = not self.table.allowlist or provider_id in self.table.allowlist
        if provider_id in self.table.denylist or not is_listed:
            raise UnauthorizedError(DENIED)
        if provider_id not in self.providers:
            raise CapabilityError("provider_missing", f"provider not registered: {provider_id}")
        contract = self.contracts.get(provider_id)
        if contract is None:
            raise CapabilityError("contract_missing", f"provider capability contract missing for {provider_id}")
        return contract

    def _bounded(self, answer: dict[str, JsonValue]) -> dict[str, JsonValue]:
        size = len(canonical(answer))
        if size > self.table.max_response_bytes:
            raise ResponseTooLargeError(size, self.table.max_response_bytes)
        return answer


def _circuit(state: Circuit | None) -> dict[str, JsonValue]:
    return {} if state is None else {"circuit": state.value}
