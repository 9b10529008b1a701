"""Read a server's configuration for a command that is not the server."""

from collections.abc import Mapping
from pathlib import Path

import attrs

from decision_gate.core.errors import DecisionGateError
from decision_gate.mcp.cli.handled import RefusalError
from decision_gate.mcp.config import Config, config_path, load_config
from decision_gate.mcp.config.kinds import SettingsOf
from decision_gate.mcp.config.pluggable import PluginsTable
from decision_gate.mcp.config_view.provider_settings import provider_settings
from decision_gate.mcp.opening.built_in import offers_of
from decision_gate.mcp.plugins import Offers


@attrs.frozen(kw_only=True)
class Configuration:
    """A checked configuration, where it was found, and the offers that read it."""

    config: Config
    path: Path
    offers: Offers


def load_configuration(path: str | None, environment: Mapping[str, str]) -> Configuration:
    """Load the file that a command was given, and read the settings of its providers, which ``serve`` reads on opening.

    Raises:
        RefusalError: It cannot be had or cannot work; the text begins as that of ``serve`` does (contract §11.2).
    """
    made: list[Offers] = []

    def settings_of(plugins: PluginsTable) -> SettingsOf:
        made.append(offers_of(plugins))
        return made[-1].settings_of

    try:
        loaded = load_config(config_path(path, environment), settings_of)
        for provider in loaded.config.providers:
            provider_settings(provider, made[-1])
    except DecisionGateError as error:
        raise RefusalError(f"Failed to load config: {error}") from error
    return Configuration(config=loaded.config, path=loaded.path, offers=made[-1])
