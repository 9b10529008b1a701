"""Read the members of a document one by one, noting what is missing, wrong or unknown and going on."""

from collections.abc import Collection, Mapping

from decision_gate.core.json import JsonValue
from decision_gate.core.limits import MAX_U64, MIN_NUMERIC_ID
from decision_gate.core.logic.found import found as described
from decision_gate.mcp.authoring.faults import Faults
from decision_gate.mcp.authoring.places import Path
from decision_gate.mcp.config.kinds import nearest

JsonObject = dict[str, JsonValue]


class Reader:
    """Reads one mapping of the document."""

    def __init__(self, value: JsonObject, path: Path, faults: Faults) -> None:
        self.value = value
        self.path = path
        self.faults = faults

    def refuse_unknown(self, known: Collection[str]) -> None:
        """Note every key that is not one of *known*, with the nearest one."""
        for name in self.value:
            if name not in known:
                self.faults.add(
                    (*self.path, name),
                    f"unknown key `{name}`{nearest(name, known)}",
                    ", ".join(known),
                    at_key=True,
                )

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text; one that is missing without *default* is noted, and so is an empty one."""
        if name not in self.value:
            if default is None:
                self.faults.add(self.path, f"`{name}` is missing", "a text")
            return default or ""
        value = self.value[name]
        if isinstance(value, str) and value:
            return value
        hint = f'a text, so write "{value}"' if isinstance(value, int | float) else "a text that is not empty"
        self.refuse(name, value, hint)
        return default or ""

    def one_of(self, name: str, allowed: Collection[str], default: str) -> str:
        """Return a text that is one of *allowed*."""
        value = self.value.get(name, default)
        if isinstance(value, str) and value in allowed:
            return value
        near = nearest(value, allowed) if isinstance(value, str) else ""
        self.faults.add((*self.path, name), f"{described(value)}{near}", ", ".join(allowed))
        return default

    def numeric_id(self, name: str, default: int | None) -> int | None:
        """Return a tenant or namespace number; null and absent are *default*."""
        value = self.value.get(name)
        if value is None:
            return default
        if isinstance(value, int) and not isinstance(value, bool) and MIN_NUMERIC_ID <= value <= MAX_U64:
            return value
        self.refuse(name, value, "a whole number from 1 to 2^64-1")
        return default

    def mapping(self, name: str) -> JsonObject:
        """Return a mapping; absent and null are empty."""
        value = self.value.get(name)
        if isinstance(value, dict):
            return value
        if value is not None:
            self.refuse(name, value, "a mapping")
        return {}

    def sequence(self, name: str) -> list[JsonValue]:
        """Return a list; absent and null are empty."""
        value = self.value.get(name)
        if isinstance(value, list):
            return value
        if value is not None:
            self.refuse(name, value, "a list")
        return []

    def texts(self, name: str) -> list[JsonValue]:
        """Return a list of texts; absent and null are empty."""
        values = self.sequence(name)
        for index, value in enumerate(values):
            if not isinstance(value, str):
                self.faults.add((*self.path, name, index), described(value), "a text")
        return values

    def refuse(self, name: str, value: JsonValue, allowed: str) -> None:
        """Note that the value of *name* is of the wrong kind."""
        self.faults.add((*self.path, name), described(value), allowed)


def as_mapping(value: JsonValue, path: Path, faults: Faults, allowed: str) -> JsonObject | None:
    """Return *value* when it is a mapping, else note that it is not."""
    if isinstance(value, Mapping):
        return value
    faults.add(path, described(value), allowed)
    return None
