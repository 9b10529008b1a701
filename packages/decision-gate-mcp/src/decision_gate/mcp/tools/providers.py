"""The discovery tools: which providers there are and what each offers (contract §2.10 – §2.12, §7.6)."""

from collections.abc import Callable

import attrs

from decision_gate.core.json import JsonValue, plain
from decision_gate.mcp.evidence.discovery import ProviderDiscovery
from decision_gate.mcp.hooks import audit_events
from decision_gate.mcp.hooks.errors import UnauthorizedError
from decision_gate.mcp.hooks.request import Dialect
from decision_gate.mcp.tools.arguments import CheckArguments, ContractArguments, NoArguments
from decision_gate.mcp.tools.call import Call, Place, Tool


@attrs.frozen(kw_only=True)
class ProviderTools:
    """The discovery family over what may be learned of one server's providers."""

    discovery: ProviderDiscovery

    def tools(self) -> tuple[Tool, ...]:
        """Return the three tools."""
        return (
            Tool(name="providers_list", arguments=NoArguments, place=_nowhere, work=self.list),
            Tool(name="provider_contract_get", arguments=ContractArguments, place=_nowhere, work=self.contract),
            Tool(name="provider_check_schema_get", arguments=CheckArguments, place=_nowhere, work=self.check),
        )

    def list(self, call: Call) -> bytes:
        """List every provider by id; the discovery lists do not filter this (contract §2.10).

        Through MCP with the circuits; the answer of ``/rpc`` is closed (deviation X9).
        """
        is_mcp = call.request.dialect is Dialect.MCP
        return plain(self.discovery.states()) if is_mcp else self.discovery.listing

    def contract(self, call: Call) -> bytes:
        """Return one contract with its hash."""
        arguments: ContractArguments = call.arguments
        return _audited(call, lambda: self.discovery.contract(arguments.provider_id))

    def check(self, call: Call) -> bytes:
        """Return what one check takes and answers."""
        arguments: CheckArguments = call.arguments
        return _audited(call, lambda: self.discovery.check(arguments.provider_id, arguments.check_id))


def _audited(call: Call, ask: Callable[[], dict[str, JsonValue]]) -> bytes:
    """Answer, and let the audit know what was denied."""
    try:
        return plain(ask())
    except UnauthorizedError as denied:
        call.events.append(audit_events.guard_denial(call.scope, "discovery", denied.reason, call.now_ms))
        raise


def _nowhere(_arguments: object) -> Place:
    return Place()
