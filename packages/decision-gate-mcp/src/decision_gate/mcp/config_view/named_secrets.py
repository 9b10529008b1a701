"""Every secret that a configuration names, with its place in the file."""

from collections.abc import Iterator, Mapping

import attrs

from decision_gate.mcp.config.pluggable import Chosen
from decision_gate.mcp.config.root import Config
from decision_gate.mcp.config.secrets import EnvSecret, FileSecret, LiteralSecret, SecretSource
from decision_gate.mcp.config.table import keys_of
from decision_gate.mcp.config_view.provider_settings import provider_settings
from decision_gate.mcp.plugins import Offers


def named_secrets(config: Config, offers: Offers) -> Iterator[tuple[str, SecretSource]]:
    """Yield the dotted place of each secret and how it is named, in the order of the tables.

    Raises:
        ConfigParseError: The settings of a provider have the wrong shape.
    """
    yield from _secrets(config, "")
    for provider in config.providers:
        yield from _secrets(provider_settings(provider, offers), f"providers.{provider.name}.config")


def _secrets(value: object, path: str) -> Iterator[tuple[str, SecretSource]]:
    match value:
        case LiteralSecret() | EnvSecret() | FileSecret():
            yield path, value
        case tuple():
            for index, entry in enumerate(value):
                yield from _secrets(entry, f"{path}[{index}]")
        case Mapping():
            for name, entry in value.items():
                yield from _secrets(entry, f"{path}.{name}")
        case Chosen():
            yield from _secrets(value.settings, path)
        case _ if attrs.has(type(value)):
            for entry in keys_of(type(value)):
                inner = f"{path}.{entry.name}" if path else entry.name
                yield from _secrets(getattr(value, entry.attribute), inner)
        case _:
            return
