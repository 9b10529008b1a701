"""Read back what a run recorded; what was erased under retention is said to be (``docs/adr/0001-run-log.md``)."""

from typing import TypeVar

from decision_gate.core.codec import decode
from decision_gate.core.json import parse
from decision_gate.core.limits import MAX_RECORD_DEPTH
from decision_gate.core.ports import RecordErasedError, is_tombstone

Record = TypeVar("Record")


def stored(kind: type[Record], body: bytes) -> Record:
    """Return a stored record.

    Raises:
        RecordErasedError: It was erased.
    """
    value = parse(body, max_depth=MAX_RECORD_DEPTH)
    if is_tombstone(value):
        raise RecordErasedError
    return decode(kind, value)


def stored_unless_erased(kind: type[Record], body: bytes) -> Record | None:
    """Return a stored record, none when it was erased."""
    value = parse(body, max_depth=MAX_RECORD_DEPTH)
    return None if is_tombstone(value) else decode(kind, value)
