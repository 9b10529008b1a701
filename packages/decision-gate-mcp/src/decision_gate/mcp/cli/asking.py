"""The work of ``provider``: the providers there are, and one question to one of them."""

from pathlib import Path
from typing import ClassVar

import attrs

from decision_gate.core.engine import normalise
from decision_gate.core.errors import CallerError
from decision_gate.core.json import JsonValue
from decision_gate.core.memory import SequentialCollector
from decision_gate.core.model import EvidenceContext, EvidenceQuery, EvidenceResult
from decision_gate.core.timestamps import UnixMillis
from decision_gate.mcp.cli.configuration import Configuration
from decision_gate.mcp.cli.evidence import providers_below
from decision_gate.mcp.cli.workbench import TENANT
from decision_gate.mcp.config.kinds import nearest
from decision_gate.mcp.evidence.capability_contract import BUILTIN
from decision_gate.mcp.evidence.contract import BUILTIN_CONTRACTS, builtin_contract
from decision_gate.mcp.opening.contracts import read_contracts

_NO_RUN = "provider-query"


class UnknownProviderError(CallerError):
    """The command line has no such provider."""

    code: ClassVar[str] = "unknown_provider"


@attrs.frozen(kw_only=True)
class ListedProvider:
    """A provider, how it is reached, and the checks that it is known to answer, sorted."""

    provider_id: str
    transport: str
    checks: tuple[str, ...]

    def wire(self) -> dict[str, JsonValue]:
        """Return the entry as the reference's ``provider list`` writes it (contract §3.2)."""
        return {"provider_id": self.provider_id, "transport": self.transport, "checks": list(self.checks)}


def built_in_providers() -> tuple[ListedProvider, ...]:
    """Return the built-in providers, sorted by name."""
    return tuple(
        ListedProvider(provider_id=name, transport=BUILTIN, checks=_checks(builtin_contract(name)["checks"]))
        for name in sorted(BUILTIN_CONTRACTS)
    )


def configured_providers(configuration: Configuration) -> tuple[ListedProvider, ...]:
    """Return the providers that a server would have, plug-ins included, sorted by name.

    Raises:
        CapabilityContractError: The contract of one cannot be had or does not hold.
        ConfigurationError: The contract of a plug-in is not trusted or cannot be loaded.
    """
    contracts = read_contracts(configuration.config, configuration.offers)
    listed = []
    for table in sorted(configuration.config.providers, key=lambda table: table.name):
        contract = contracts.get(table.name)
        listed.append(
            ListedProvider(
                provider_id=table.name,
                transport=BUILTIN if contract is None else contract.transport,
                checks=() if contract is None else tuple(sorted(contract.checks)),
            )
        )
    return tuple(listed)


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


def _checks(checks: JsonValue) -> tuple[str, ...]:
    listed = checks if isinstance(checks, list) else []
    return tuple(sorted(str(check["check_id"]) for check in listed if isinstance(check, dict)))
