"""Secrets, literal or by reference: what a configuration says about a secret, and the one way to look it up.

A reference is resolved when the server is built, never while the file is read, so that ``config validate``
works on a machine that does not hold the secrets.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import attrs

from decision_gate.mcp.config.errors import SecretUnavailableError

MAX_SECRET_BYTES = 65_536


@attrs.frozen(kw_only=True)
class LiteralSecret:
    """Secret text written in the file itself."""

    text: str = attrs.field(repr=False)

    def reveal(self, environment: Mapping[str, str]) -> str:
        """Return the text."""
        del environment
        return self.text


@attrs.frozen(kw_only=True)
class EnvSecret:
    """Secret in an environment variable."""

    name: str

    def reveal(self, environment: Mapping[str, str]) -> str:
        """Return the variable's text. Raise ``SecretUnavailableError`` when it is not set or empty."""
        text = environment.get(self.name, "")
        if not text:
            raise SecretUnavailableError(f"environment variable {self.name} is not set")
        return text


@attrs.frozen(kw_only=True)
class FileSecret:
    """Secret in a file, as container platforms mount them."""

    path: str

    def reveal(self, environment: Mapping[str, str]) -> str:
        """Return the file's text without its final line end.

        Raises:
            SecretUnavailableError: The file cannot be read, is not UTF-8, is empty or over 64 KiB.
        """
        del environment
        try:
            with Path(self.path).open("rb") as file:
                raw = file.read(MAX_SECRET_BYTES + 1)
            text = raw.decode("utf-8").removesuffix("\n").removesuffix("\r")
        except (OSError, ValueError) as error:
            raise SecretUnavailableError(f"secret file {self.path} cannot be read") from error
        if not text or len(raw) > MAX_SECRET_BYTES:
            raise SecretUnavailableError(f"secret file {self.path} must hold 1 to {MAX_SECRET_BYTES} bytes")
        return text


SecretSource: TypeAlias = LiteralSecret | EnvSecret | FileSecret
