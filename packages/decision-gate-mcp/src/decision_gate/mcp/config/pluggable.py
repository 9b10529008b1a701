"""Pluggable tables: a ``type`` names an offer, the rest of the table is the settings of that offer.

The settings class comes from the chosen offer, so an unknown key of a plug-in is refused as everywhere.
"""

from collections.abc import Collection

import attrs

from decision_gate.core.json import JsonValue
from decision_gate.mcp.config.errors import ConfigParseError
from decision_gate.mcp.config.kinds import Array, SettingsOf, Text, mismatch
from decision_gate.mcp.config.table import key, read_table, table_schema


@attrs.frozen(kw_only=True)
class Chosen:
    """A pluggable table after reading: which offer, and its decoded settings."""

    type: str
    settings: object


@attrs.frozen(kw_only=True)
class NoSettings:
    """Settings of an offer that has nothing to set."""


@attrs.frozen
class Pluggable:
    """A table of one plug-in group.

    Attributes:
        group: Entry point group, for example ``decision_gate.usage_meters``.
        own: Class of the table for the types the server decodes itself, ``type`` included; none for most
            groups.
        own_types: Those types.
    """

    group: str
    own: type | None = None
    own_types: Collection[str] = ()

    def read(self, value: object, path: str, settings_of: SettingsOf) -> object:
        """Decode with the class of the chosen offer; into ``Chosen`` unless the type is one of its own.

        Raises:
            ConfigParseError: No type, or settings of the wrong shape.
            ConfigurationError: There is no such offer, or its distribution is not trusted.
        """
        if not isinstance(value, dict):
            raise mismatch(path, "a table", value)
        chosen = value.get("type", next(iter(self.own_types), None))
        if not isinstance(chosen, str):
            raise ConfigParseError(f"{path}: missing field `type`")
        if self.own is not None and chosen in self.own_types:
            return read_table(self.own, value, path, settings_of)
        rest = {name: entry for name, entry in value.items() if name != "type"}
        settings: object = read_table(settings_of(self.group, chosen), rest, path, settings_of)
        return Chosen(type=chosen, settings=settings)

    def schema(self) -> dict[str, JsonValue]:
        """Describe the table; settings of plug-ins stay open, only their distribution knows them."""
        open_table: dict[str, JsonValue] = {
            "type": "object",
            "properties": {"type": {"type": "string"}},
            "required": ["type"],
        }
        if self.own is None:
            return open_table
        own_types: list[JsonValue] = [str(name) for name in self.own_types]
        return {
            "type": "object",
            "if": {"required": ["type"], "properties": {"type": {"not": {"enum": own_types}}}},
            "then": open_table,
            "else": table_schema(self.own),
        }


@attrs.frozen(kw_only=True)
class PluginsTable:
    """``[plugins]``: whose code may be loaded at all."""

    trusted: tuple[str, ...] = key(
        Array(Text()), "Distributions whose offers may be chosen, by their package names.", default=()
    )
