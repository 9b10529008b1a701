"""Open the evidence providers that ``[[providers]]`` names (contract §3.3, §8.1)."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

import attrs

from decision_gate.core.ports import EvidenceCollector, EvidenceProvider
from decision_gate.mcp.config.errors import ConfigParseError
from decision_gate.mcp.config.pluggable import NoSettings
from decision_gate.mcp.config.providers import PROVIDER_OFFERS, ProviderTable, ProviderType
from decision_gate.mcp.config.root import Config
from decision_gate.mcp.config.table import read_table
from decision_gate.mcp.config.trust import RequireSignature
from decision_gate.mcp.evidence.env_provider import EnvProvider, EnvSettings
from decision_gate.mcp.evidence.external.child_process import ChildProcess
from decision_gate.mcp.evidence.http_provider import HttpProvider, HttpSettings
from decision_gate.mcp.evidence.json_provider import JsonProvider, JsonSettings
from decision_gate.mcp.evidence.parallel_collector import Bulkhead, ParallelCollector, RegisteredProvider
from decision_gate.mcp.evidence.report_provider import ReportProvider, ReportSettings
from decision_gate.mcp.evidence.time_provider import TimeProvider, TimeSettings
from decision_gate.mcp.plugins import Offers, demand_protocol

_GRACE_MS = 500  # so that a request that takes too long is told as what it is, and not as a provider that hangs


@contextmanager
def open_evidence(
    config: Config, offers: Offers, environment: Mapping[str, str] | None = None
) -> Iterator[EvidenceCollector]:
    """Open every provider, in the order of the file.

    Those that answer at once are asked in the caller's thread, the others side by side (deviation S7).
    ``environment`` is where secrets named by ``env`` are looked up; without it there are none.

    Raises:
        ConfigurationError: A provider's settings cannot work, or a plug-in does not keep its contract.
    """
    with ExitStack() as stack:
        opened = {
            table.name: _trusted(_opened(table, offers, stack, environment or {}), table, config)
            for table in config.providers
        }
        collector = ParallelCollector(opened)
        stack.callback(collector.close)
        yield collector


def raw_value_rule(config: Config) -> Callable[[str], bool]:
    """Return the rule that tells whether a provider's raw values may be disclosed (contract §8.1)."""
    opted_in = frozenset(provider.name for provider in config.providers if provider.allow_raw)
    evidence = config.evidence
    return lambda provider_id: (
        evidence.allow_raw_values and (not evidence.require_provider_opt_in or provider_id in opted_in)
    )


def _trusted(opened: RegisteredProvider, table: ProviderTable, config: Config) -> RegisteredProvider:
    """Hold a provider, of whatever type, to its own signature policy, else to that of ``[trust]``."""
    policy = table.trust or config.trust.default_policy
    if not isinstance(policy, RequireSignature):
        return opened
    # Imported here: only a server that verifies signatures needs cryptography.
    from decision_gate.mcp.evidence.signed_provider import SignedProvider, evidence_keys  # noqa: PLC0415 - lazy

    return attrs.evolve(opened, provider=SignedProvider(provider=opened.provider, keys=evidence_keys(policy.keys)))


def _opened(
    table: ProviderTable, offers: Offers, stack: ExitStack, environment: Mapping[str, str]
) -> RegisteredProvider:
    match table.type:
        case ProviderType.BUILTIN:
            return _built_in(table)
        case ProviderType.MCP:
            return _external(table, stack, environment)
        case offer:
            return _plugged_in(table, offer, offers, stack)


def _plugged_in(table: ProviderTable, offer: str, offers: Offers, stack: ExitStack) -> RegisteredProvider:
    loaded = offers.load(PROVIDER_OFFERS, offer)
    path = f"providers.{table.name}.config"
    settings: object = read_table(loaded.settings_class, table.config or {}, path, offers.settings_of)
    opened = loaded.opener() if loaded.settings_class is NoSettings else loaded.opener(settings)
    provider: EvidenceProvider = stack.enter_context(opened)
    demand_protocol(provider, EvidenceProvider, offer)
    return RegisteredProvider(provider=provider, bulkhead=Bulkhead(deadline_ms=table.timeouts.request_timeout_ms))


def _external(table: ProviderTable, stack: ExitStack, environment: Mapping[str, str]) -> RegisteredProvider:
    """Open a process or a service; of a command and an address the command wins (contract §3.3)."""
    limits = table.timeouts
    deadline_ms = limits.request_timeout_ms + _GRACE_MS
    if table.command:
        child = ChildProcess(table.command, deadline_ms=limits.request_timeout_ms)
        stack.callback(child.close)
        # One place: a child answers one question at a time, and waiting threads would only hide that.
        return RegisteredProvider(
            provider=child, bulkhead=Bulkhead(deadline_ms=deadline_ms, places=1), circuit=child.circuit
        )
    # Imported here: only a server that asks a service needs an HTTP client.
    from decision_gate.mcp.evidence.external.http_service import open_http_service  # noqa: PLC0415 - lazy

    secret = None if table.auth is None else table.auth.bearer_token
    service = stack.enter_context(
        open_http_service(
            table.url or "",
            None if secret is None else secret.reveal(environment),
            connect_timeout_ms=limits.connect_timeout_ms,
            request_timeout_ms=limits.request_timeout_ms,
        )
    )
    return RegisteredProvider(provider=service, bulkhead=Bulkhead(deadline_ms=deadline_ms))


def _built_in(table: ProviderTable) -> RegisteredProvider:
    config = table.config or {}
    path = f"providers.{table.name}.config"
    match table.name:
        case "time":
            return RegisteredProvider(provider=TimeProvider(read_table(TimeSettings, config, path, _no_offers)))
        case "env":
            return RegisteredProvider(provider=EnvProvider(read_table(EnvSettings, config, path, _no_offers)))
        case "json":
            return RegisteredProvider(provider=JsonProvider(read_table(JsonSettings, config, path, _no_offers)))
        case "report":
            report = ReportProvider(read_table(ReportSettings, config, path, _no_offers))
            return RegisteredProvider(provider=report, bulkhead=Bulkhead(deadline_ms=table.timeouts.request_timeout_ms))
        case "http":
            settings = read_table(HttpSettings, config, path, _no_offers)
            bulkhead = Bulkhead(deadline_ms=settings.timeout_ms + _GRACE_MS)
            return RegisteredProvider(provider=HttpProvider(settings), bulkhead=bulkhead)
        case _:
            raise ConfigParseError(f"{path}: no provider {table.name}")


def _no_offers(group: str, name: str) -> type:
    raise AssertionError(f"a provider's settings hold no pluggable table, yet {group} {name} was asked for")
