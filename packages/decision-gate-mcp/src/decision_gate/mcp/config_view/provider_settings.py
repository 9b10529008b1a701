"""Which class reads the ``config`` table of a provider."""

from collections.abc import Mapping
from typing import Final

from decision_gate.mcp.config.providers import PROVIDER_OFFERS, ProviderTable, ProviderType
from decision_gate.mcp.config.table import read_table
from decision_gate.mcp.evidence.env_provider import EnvSettings
from decision_gate.mcp.evidence.http_provider import HttpSettings
from decision_gate.mcp.evidence.json_provider import JsonSettings
from decision_gate.mcp.evidence.report_provider import ReportSettings
from decision_gate.mcp.evidence.time_provider import TimeSettings
from decision_gate.mcp.plugins import Offers

BUILTIN_SETTINGS: Final[Mapping[str, type]] = {
    "time": TimeSettings,
    "env": EnvSettings,
    "json": JsonSettings,
    "http": HttpSettings,
    "report": ReportSettings,
}
"""Settings of the built-in providers, by name."""


def provider_settings(table: ProviderTable, offers: Offers) -> object | None:
    """Decode the ``config`` of a provider without opening it; none for a provider of type ``mcp``, which has none.

    Raises:
        ConfigParseError: A key is unknown, missing or of the wrong type.
        ConfigurationError: The plug-in is not there, or not trusted.
    """
    match table.type:
        case ProviderType.MCP:
            return None
        case ProviderType.BUILTIN:
            settings_class = BUILTIN_SETTINGS[table.name]
        case offer:
            settings_class = offers.settings_of(PROVIDER_OFFERS, offer)
    path = f"providers.{table.name}.config"
    return read_table(settings_class, table.config or {}, path, offers.settings_of)
