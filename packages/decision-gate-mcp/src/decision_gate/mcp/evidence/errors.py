"""What can be wrong in asking for a built-in provider."""

from typing import ClassVar

from decision_gate.core.errors import ConfigurationError


class UnknownBuiltinProviderError(ConfigurationError):
    """A configuration names a built-in provider that does not exist."""

    code: ClassVar[str] = "unknown_builtin_provider"

    def __init__(self, provider_id: str) -> None:
        super().__init__(f"unknown builtin provider: {provider_id}")
        self.provider_id = provider_id
