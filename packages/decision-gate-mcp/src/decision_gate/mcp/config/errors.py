"""What can be wrong with a configuration: it cannot be had, is not one, or says what cannot work.

The prefixes of the three messages are part of the contract (contract §3.1).
"""

from typing import ClassVar

from decision_gate.core.errors import ConfigurationError


class ConfigIoError(ConfigurationError):
    """The file cannot be opened, is too large, or is not UTF-8."""

    code: ClassVar[str] = "config_io"

    def __init__(self, text: str) -> None:
        super().__init__(f"config io error: {text}")


class ConfigParseError(ConfigurationError):
    """The file is not TOML, has an unknown key, or a value of the wrong type (deviation X11)."""

    code: ClassVar[str] = "config_parse"

    def __init__(self, text: str) -> None:
        super().__init__(f"config parse error: {text}")


class InvalidConfigError(ConfigurationError):
    """Every value is well formed, but they cannot work, or not together."""

    code: ClassVar[str] = "config_invalid"

    def __init__(self, text: str) -> None:
        super().__init__(f"invalid config: {text}")


class SecretUnavailableError(ConfigurationError):
    """A secret is named by reference and cannot be had; the text names the reference, never the secret."""

    code: ClassVar[str] = "secret_unavailable"
