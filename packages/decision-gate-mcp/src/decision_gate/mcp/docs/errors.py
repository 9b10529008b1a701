"""Why the documentation cannot be offered as configured; the server does not start."""

from typing import ClassVar

from decision_gate.core.errors import ConfigurationError


class DocsCatalogError(ConfigurationError):
    """The built-in documents do not fit, or a configured path is not there."""

    code: ClassVar[str] = "docs_catalog"

    def __init__(self, text: str) -> None:
        super().__init__(f"config error: docs catalog {text}")
