"""The JSON Schema of ``decision-gate.toml``, assembled from the classes that read the file (contract §3.4).

Unlike the reference's published schema it accepts every configuration that the loader accepts: its conditions demand
the keys that they look at. The loader itself never asks it.
"""

from typing import Final

from decision_gate.core.json import JsonValue
from decision_gate.mcp.config.pluggable import Pluggable, PluginsTable
from decision_gate.mcp.config.root import Config
from decision_gate.mcp.config.schema_rules import Schema, has
from decision_gate.mcp.config.table import keys_of, table_schema
from decision_gate.mcp.config_view.provider_settings import BUILTIN_SETTINGS
from decision_gate.mcp.opening.built_in import BUILT_IN, offers_of
from decision_gate.mcp.plugins import Offers

SCHEMA_ID: Final = "decision-gate://contract/schemas/config.schema.json"
SCHEMA_FILE: Final = "decision-gate.schema.json"
"""Name of the file, where it is written beside a configuration."""


def config_schema() -> Schema:
    """Return the schema (draft 2020-12) of a configuration; a fresh copy.

    Settings of plug-ins that are not built in stay open: only their distributions know them.
    """
    schema = table_schema(Config)
    properties = schema["properties"]
    if not isinstance(properties, dict):
        raise TypeError("a table has properties")
    offers = offers_of(PluginsTable())
    for entry in keys_of(Config):
        if isinstance(entry.kind, Pluggable) and entry.kind.own is None:
            described = properties[entry.name]
            if isinstance(described, dict):
                described["allOf"] = [*_built_in_offers(entry.kind.group, offers)]
    _describe_providers(properties["providers"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "Decision Gate configuration",
        **schema,
    }


def offered_settings(group: str, offers: Offers) -> dict[str, type]:
    """Return the settings class of each built-in offer of a plug-in group, by type."""
    return {name: offers.settings_of(group, name) for name in BUILT_IN.get(group, {})}


def _built_in_offers(group: str, offers: Offers) -> list[JsonValue]:
    """Describe the table for each type that the server offers itself: closed, where that of a plug-in is open."""
    described: list[JsonValue] = []
    for name, settings_class in offered_settings(group, offers).items():
        settings = table_schema(settings_class)
        properties = settings["properties"]
        if isinstance(properties, dict):
            properties["type"] = {"const": name}
        described.append({"if": has(type=name), "then": settings})
    return described


def _describe_providers(providers: JsonValue) -> None:
    """Close the ``config`` of every built-in provider over its own keys."""
    match providers:
        case {"items": {"allOf": list(rules)}}:
            rules += [
                {
                    "if": has(type="builtin", name=name),
                    "then": {"properties": {"config": table_schema(settings_class)}},
                }
                for name, settings_class in BUILTIN_SETTINGS.items()
            ]
        case _:
            raise TypeError("providers are a list of tables with rules")
