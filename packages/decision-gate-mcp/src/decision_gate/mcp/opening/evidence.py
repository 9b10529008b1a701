"""Open the evidence providers that ``[[providers]]`` names (contract §3.3, §8.1)."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from decision_gate.core.ports import EvidenceCollector, EvidenceProvider
from decision_gate.mcp.config.errors import ConfigParseError
from decision_gate.mcp.config.pluggable import NoSettings
from decision_gate.mcp.config.providers import PROVIDER_OFFERS, ProviderTable, ProviderType
from decision_gate.mcp.config.root import Config
from decision_gate.mcp.config.table import read_table
from decision_gate.mcp.evidence.env_provider import EnvProvider, EnvSettings
from decision_gate.mcp.evidence.http_provider import HttpProvider, HttpSettings
from decision_gate.mcp.evidence.json_provider import JsonProvider, JsonSettings
from decision_gate.mcp.evidence.parallel_collector import Bulkhead, ParallelCollector, RegisteredProvider
from decision_gate.mcp.evidence.report_provider import ReportProvider, ReportSettings
from decision_gate.mcp.evidence.time_provider import TimeProvider, TimeSettings
from decision_gate.mcp.plugins import Offers, demand_protocol

_GRACE_MS = 500  # so that a request that takes too long is told as what it is, and not as a provider that hangs


@contextmanager
def open_evidence(config: Config, offers: Offers) -> Iterator[EvidenceCollector]:
    """Open every provider, in the order of the file.

    Those that answer at once are asked in the caller's thread, the others side by side (deviation S7).

    Raises:
        ConfigurationError: A provider's settings cannot work, or a plug-in does not keep its contract.
    """
    with ExitStack() as stack:
        collector = ParallelCollector({table.name: _opened(table, offers, stack) for table in config.providers})
        stack.callback(collector.close)
        yield collector


def raw_value_rule(config: Config) -> Callable[[str], bool]:
    """Return the rule that tells whether a provider's raw values may be disclosed (contract §8.1)."""
    opted_in = frozenset(provider.name for provider in config.providers if provider.allow_raw)
    evidence = config.evidence
    return lambda provider_id: (
        evidence.allow_raw_values and (not evidence.require_provider_opt_in or provider_id in opted_in)
    )


def _opened(table: ProviderTable, offers: Offers, stack: ExitStack) -> RegisteredProvider:
    if isinstance(table.type, ProviderType):
        return _built_in(table)
    loaded = offers.load(PROVIDER_OFFERS, table.type)
    path = f"providers.{table.name}.config"
    settings: object = read_table(loaded.settings_class, table.config or {}, path, offers.settings_of)
    opened = loaded.opener() if loaded.settings_class is NoSettings else loaded.opener(settings)
    provider: EvidenceProvider = stack.enter_context(opened)
    demand_protocol(provider, EvidenceProvider, table.type)
    return RegisteredProvider(provider=provider, bulkhead=Bulkhead(deadline_ms=table.timeouts.request_timeout_ms))


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
