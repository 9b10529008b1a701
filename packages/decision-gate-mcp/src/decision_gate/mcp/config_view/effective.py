"""What is in effect: a configuration with every default written out, and no secret in it."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import attrs

from decision_gate.core.json import JsonValue
from decision_gate.mcp.config.pluggable import Chosen
from decision_gate.mcp.config.providers import ProviderTable
from decision_gate.mcp.config.root import Config
from decision_gate.mcp.config.secrets import EnvSecret, FileSecret, LiteralSecret
from decision_gate.mcp.config.table import keys_of
from decision_gate.mcp.config.trust import Audited, RequireSignature
from decision_gate.mcp.config_view.provider_settings import provider_settings
from decision_gate.mcp.plugins import Offers

HIDDEN: Final = "(hidden)"
_CREDENTIALS_IN_ADDRESS = re.compile(r"(?<=://)[^/@\s]+(?=@)")


def effective(config: Config, offers: Offers) -> dict[str, JsonValue]:
    """Return every table with its defaults, as it would be written in the file; keys without a value are left out.

    Secrets show as the reference that names them, ``{"env": …}`` or ``{"file": …}``. One that is written in the file
    itself shows as ``{"literal": "(hidden)"}``, which no loader accepts, so that the output cannot be mistaken for it.

    Raises:
        ConfigParseError: The settings of a provider have the wrong shape.
    """
    resolved = attrs.evolve(config, time=attrs.evolve(config.time, source=config.time_source))
    shown = _table(resolved)
    if config.providers:
        shown["providers"] = [_provider(table, offers) for table in config.providers]
    return shown


def _provider(table: ProviderTable, offers: Offers) -> JsonValue:
    shown = _table(attrs.evolve(table, config=None))
    settings = provider_settings(table, offers)
    if settings is not None:
        shown["config"] = _table(settings)
    return shown


def _table(table: object) -> dict[str, JsonValue]:
    shown = {entry.name: _value(getattr(table, entry.attribute)) for entry in keys_of(type(table))}
    return {name: value for name, value in shown.items() if value is not None}


def _value(value: object) -> JsonValue:  # noqa: PLR0911 - one return a kind of value
    match value:
        case None | bool() | int():
            return value
        case StrEnum():
            return value.value
        case str():
            return _CREDENTIALS_IN_ADDRESS.sub(HIDDEN, value)
        case EnvSecret(name=name):
            return {"env": name}
        case FileSecret(path=path):
            return {"file": path}
        case LiteralSecret():
            return {"literal": HIDDEN}
        case tuple():
            return [_value(entry) for entry in value]
        case Chosen():
            return {"type": value.type, **_table(value.settings)}
        case Audited():
            return "audit"
        case RequireSignature():
            return {"require_signature": _table(value)}
        case Mapping():
            # Names of the user's own; values that are no table are understood by their reader only.
            return {str(name): _table(entry) if attrs.has(type(entry)) else HIDDEN for name, entry in value.items()}
        case _ if attrs.has(type(value)):
            return _table(value)
        case _:
            return HIDDEN
