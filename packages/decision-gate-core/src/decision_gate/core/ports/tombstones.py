"""What takes the place of a record that was erased under retention (``docs/adr/0001-run-log.md``)."""

from typing import Final

from decision_gate.core.json import JsonValue, canonical

TOMBSTONE_KEY: Final = "erased"
"""An erased record is an object with this key, which no record of the wire has."""


def tombstone(*, at_ms: int, reason: str) -> bytes:
    """Return the body that says when and why a record was erased; *at_ms* is in Unix milliseconds."""
    return canonical({TOMBSTONE_KEY: {"at": {"kind": "unix_millis", "value": at_ms}, "reason": reason}})


def is_tombstone(value: JsonValue) -> bool:
    """Tell whether *value* stands where a record was erased."""
    return isinstance(value, dict) and TOMBSTONE_KEY in value
