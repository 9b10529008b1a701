"""Find, read and decode a configuration file, in phases (contract §3.1).

Phases, and the error of each: find and read (``ConfigIoError``), parse and decode (``ConfigParseError``,
unknown keys included), check (``InvalidConfigError``). ``[plugins]`` is decoded first, because the settings
classes of pluggable tables come from distributions that it must trust.
"""

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

import attrs

from decision_gate.mcp.config.errors import ConfigIoError, ConfigParseError
from decision_gate.mcp.config.kinds import SettingsOf
from decision_gate.mcp.config.pluggable import PluginsTable
from decision_gate.mcp.config.root import Config
from decision_gate.mcp.config.rules import MAX_COMPONENT_BYTES, MAX_PATH_BYTES
from decision_gate.mcp.config.table import read_table

CONFIG_VARIABLE = "DECISION_GATE_CONFIG"
DEFAULT_NAME = "decision-gate.toml"
MAX_CONFIG_BYTES = 1_048_576


@attrs.frozen(kw_only=True)
class LoadedConfig:
    """A checked configuration and where it came from."""

    config: Config
    path: Path
    modified_at_ms: int


def config_path(explicit: str | None, environment: Mapping[str, str]) -> Path:
    """Choose the file: the argument, else ``DECISION_GATE_CONFIG``, else ``decision-gate.toml`` here.

    Raises:
        ConfigIoError: The path is over 4096 bytes, or a component over 255.
    """
    text = explicit if explicit is not None else environment.get(CONFIG_VARIABLE, DEFAULT_NAME)
    if len(text.encode("utf-8", "surrogateescape")) > MAX_PATH_BYTES:
        raise ConfigIoError("config path exceeds max length")
    if any(len(component.encode("utf-8", "surrogateescape")) > MAX_COMPONENT_BYTES for component in text.split("/")):
        raise ConfigIoError("config path component too long")
    return Path(text)


def load_config(path: Path, offers: Callable[[PluginsTable], SettingsOf]) -> LoadedConfig:
    """Read, decode and check the file.

    Args:
        path: File to read; relative paths inside it resolve against the working directory, not against it.
        offers: Makes the look-up of settings classes from the trust table.

    Raises:
        ConfigIoError: The file cannot be read, is over 1 MiB or not UTF-8.
        ConfigParseError: It is not TOML, or a key is unknown, missing or of the wrong type.
        InvalidConfigError: A value cannot work.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_CONFIG_BYTES + 1)
        modified = path.stat().st_mtime_ns // 1_000_000
    except OSError as error:
        raise ConfigIoError(f"{path}: {error.strerror or 'cannot be read'}") from error
    if len(raw) > MAX_CONFIG_BYTES:
        raise ConfigIoError("config file exceeds size limit")
    config = parse_config(raw, offers)
    config.check()
    return LoadedConfig(config=config, path=path, modified_at_ms=modified)


def parse_config(raw: bytes, offers: Callable[[PluginsTable], SettingsOf]) -> Config:
    """Decode the bytes of a configuration without checking whether it can work; see ``load_config``."""
    try:
        text = raw.decode("utf-8")
    except ValueError:
        raise ConfigIoError("config file must be utf-8") from None
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigParseError(str(error) or "nesting too deep") from error
    plugins = document.get("plugins", {})
    if not isinstance(plugins, dict):
        raise ConfigParseError("plugins: expected a table")
    settings_of = offers(read_table(PluginsTable, plugins, "plugins", _no_offers))
    return read_table(Config, document, "", settings_of)


def _no_offers(group: str, name: str) -> type:
    raise AssertionError(f"[plugins] holds no pluggable table, yet {group} {name} was asked for")
