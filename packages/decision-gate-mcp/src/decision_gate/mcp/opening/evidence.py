"""Open the evidence providers that ``[[providers]]`` names (contract §3.3, §8.1)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from decision_gate.core.memory import SequentialCollector
from decision_gate.core.ports import EvidenceCollector, EvidenceProvider
from decision_gate.mcp.config.errors import ConfigParseError
from decision_gate.mcp.config.providers import ProviderTable
from decision_gate.mcp.config.root import Config
from decision_gate.mcp.config.table import read_table
from decision_gate.mcp.evidence.env_provider import EnvProvider, EnvSettings
from decision_gate.mcp.evidence.json_provider import JsonProvider, JsonSettings
from decision_gate.mcp.evidence.time_provider import TimeProvider, TimeSettings


@contextmanager
def open_evidence(config: Config) -> Iterator[EvidenceCollector]:
    """Open every provider, in the order of the file.

    Raises:
        ConfigurationError: A provider's settings cannot work.
    """
    yield SequentialCollector({table.name: _built_in(table) for table in config.providers})


def raw_value_rule(config: Config) -> Callable[[str], bool]:
    """Return the rule that tells whether a provider's raw values may be disclosed (contract §8.1)."""
    opted_in = frozenset(provider.name for provider in config.providers if provider.allow_raw)
    evidence = config.evidence
    return lambda provider_id: (
        evidence.allow_raw_values and (not evidence.require_provider_opt_in or provider_id in opted_in)
    )


def _built_in(table: ProviderTable) -> EvidenceProvider:
    settings = table.config or {}
    path = f"providers.{table.name}.config"
    match table.name:
        case "time":
            return TimeProvider(read_table(TimeSettings, settings, path, _no_offers))
        case "env":
            return EnvProvider(read_table(EnvSettings, settings, path, _no_offers))
        case "json":
            return JsonProvider(read_table(JsonSettings, settings, path, _no_offers))
        case _:
            raise ConfigParseError(f"{path}: no provider {table.name}")


def _no_offers(group: str, name: str) -> type:
    raise AssertionError(f"a provider's settings hold no pluggable table, yet {group} {name} was asked for")
