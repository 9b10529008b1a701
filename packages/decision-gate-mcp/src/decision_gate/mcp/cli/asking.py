"""The work of ``provider``: the providers there are, and one question to one of them."""

from pathlib import Path
from typing import ClassVar

from decision_gate.core.engine import normalise
from decision_gate.core.errors import CallerError
from decision_gate.core.json import JsonValue
from decision_gate.core.memory import SequentialCollector
from decision_gate.core.model import EvidenceContext, EvidenceQuery, EvidenceResult
from decision_gate.core.timestamps import UnixMillis
from decision_gate.mcp.cli.configuration import Configuration
from decision_gate.mcp.cli.evidence import providers_below
from decision_gate.mcp.cli.workbench import TENANT
from decision_gate.mcp.config.docs import ProviderDiscoveryTable
from decision_gate.mcp.config.kinds import nearest
from decision_gate.mcp.evidence.capability_contract import BUILTIN, ContractSource, read_contract
from decision_gate.mcp.evidence.contract import BUILTIN_CONTRACTS, builtin_contract
from decision_gate.mcp.evidence.discovery import ProviderDiscovery
from decision_gate.mcp.opening.contracts import read_contracts

_NO_RUN = "provider-query"


class UnknownProviderError(CallerError):
    """The command line has no such provider."""

    code: ClassVar[str] = "unknown_provider"


def built_in_providers() -> ProviderDiscovery:
    """Return what may be learned of the built-in providers: everything."""
    contracts = {
        name: read_contract(builtin_contract(name), name, transport=BUILTIN, origin=name, source=ContractSource.BUILTIN)
        for name in BUILTIN_CONTRACTS
    }
    return ProviderDiscovery(providers=BUILTIN_CONTRACTS, contracts=contracts, table=ProviderDiscoveryTable())


def configured_providers(configuration: Configuration) -> ProviderDiscovery:
    """Return what callers of a server may learn of its providers, plug-ins included; none of them is started.

    Raises:
        CapabilityContractError: The contract of one cannot be had or does not hold.
        ConfigurationError: The contract of a plug-in is not trusted or cannot be loaded.
    """
    return ProviderDiscovery(
        providers=tuple(table.name for table in configuration.config.providers),
        contracts=read_contracts(configuration.config, configuration.offers),
        table=configuration.config.provider_discovery,
    )


def ask(provider_id: str, check_id: str, params: dict[str, JsonValue] | None, root: Path, at_ms: int) -> EvidenceResult:
    """Ask a built-in provider one question at a moment, and return the answer as it would be judged.

    Raises:
        UnknownProviderError: There is no such provider.
        RootedFilesSettingError: *root* is no folder.
        EvidenceTooLargeError: The answer is over 1 MiB.
    """
    providers = providers_below(root)
    if provider_id not in providers:
        known = ", ".join(providers)
        raise UnknownProviderError(f"no provider `{provider_id}`{nearest(provider_id, providers)}; there are: {known}")
    query = EvidenceQuery(provider_id=provider_id, check_id=check_id, params=params)
    context = EvidenceContext(
        tenant_id=TENANT,
        namespace_id=1,
        run_id=_NO_RUN,
        scenario_id=_NO_RUN,
        stage_id=_NO_RUN,
        trigger_id=_NO_RUN,
        trigger_time=UnixMillis(at_ms),
    )
    [answer] = SequentialCollector(providers).collect([query], context)
    return normalise(answer, None)
