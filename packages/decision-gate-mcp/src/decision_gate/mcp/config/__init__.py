"""Configuration: one frozen class a TOML table, each with its own checks."""

from decision_gate.mcp.config.errors import (
    ConfigIoError,
    ConfigParseError,
    InvalidConfigError,
    SecretUnavailableError,
)
from decision_gate.mcp.config.load import LoadedConfig, config_path, load_config, parse_config
from decision_gate.mcp.config.root import Config

__all__ = [
    "Config",
    "ConfigIoError",
    "ConfigParseError",
    "InvalidConfigError",
    "LoadedConfig",
    "SecretUnavailableError",
    "config_path",
    "load_config",
    "parse_config",
]
