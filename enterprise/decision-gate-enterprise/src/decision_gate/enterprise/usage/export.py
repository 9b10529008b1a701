"""Exports of a tenant's ledger: JSON Lines, and a manifest by which anybody verifies them.

``usage.jsonl`` has one row of the ledger a line, as canonical JSON, in order of metric and key. ``manifest.json`` says
whose rows of which time they are, how many, their sum by metric, and the SHA-256 of the file.
"""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import attrs

from decision_gate.core.json import JsonParseError, JsonValue, canonical, parse
from decision_gate.enterprise.usage.books import Entry
from decision_gate.enterprise.usage.charge_body import details_of
from decision_gate.enterprise.usage.errors import UsageExportError

ROWS_NAME: Final = "usage.jsonl"
MANIFEST_NAME: Final = "manifest.json"
MANIFEST_VERSION: Final = 1


@attrs.frozen(kw_only=True)
class Span:
    """From when to before when, Unix milliseconds; none has no border."""

    from_ms: int | None = None
    to_ms: int | None = None

    def holds(self, at_ms: int) -> bool:
        """Whether a moment is within."""
        return (self.from_ms is None or self.from_ms <= at_ms) and (self.to_ms is None or at_ms < self.to_ms)


def export_usage(
    entries: Iterable[Entry], tenant_id: int, folder: Path, span: Span, *, exported_at_ms: int
) -> dict[str, JsonValue]:
    """Write the rows of a tenant whose use or correction falls into *span* to the new folder; return the manifest.

    Memory is constant, whatever the length of the ledger.

    Raises:
        OSError: The folder is there already, or cannot be written.
    """
    folder.mkdir(parents=True)
    tally = _Tally()
    with (folder / ROWS_NAME).open("wb") as file:
        for entry in entries:
            if span.holds(details_of(entry.details)["at_ms"]):
                line = canonical(_row(tenant_id, entry)) + b"\n"
                file.write(line)
                tally.add(line, entry.metric.value, entry.units)
    manifest: dict[str, JsonValue] = {
        "version": MANIFEST_VERSION,
        "tenant_id": str(tenant_id),
        "from_ms": span.from_ms,
        "to_ms": span.to_ms,
        "exported_at_ms": exported_at_ms,
        "file": ROWS_NAME,
        **tally.told(),
    }
    (folder / MANIFEST_NAME).write_bytes(canonical(manifest) + b"\n")
    return manifest


def verify_usage(folder: Path) -> dict[str, JsonValue]:
    """Return the manifest of an export whose rows are what it says.

    Raises:
        UsageExportError: Something differs, or is no export.
        OSError: A file cannot be read.
    """
    manifest = _parsed((folder / MANIFEST_NAME).read_bytes(), MANIFEST_NAME)
    if manifest.get("version") != MANIFEST_VERSION:
        raise UsageExportError(f"{MANIFEST_NAME} is of another version than {MANIFEST_VERSION}")
    tally = _Tally()
    for place, line in enumerate(_lines(folder / ROWS_NAME), start=1):
        row = _parsed(line, f"line {place}")
        metric, units = row.get("metric"), row.get("units")
        if row.get("tenant_id") != manifest.get("tenant_id"):
            raise UsageExportError(f"line {place} is of another tenant")
        if not isinstance(metric, str) or not isinstance(units, int):
            raise UsageExportError(f"line {place} is no row of a ledger")
        tally.add(line, metric, units)
    for name, found in tally.told().items():
        if manifest.get(name) != found:
            raise UsageExportError(f"{name} of {ROWS_NAME} is not what {MANIFEST_NAME} says")
    return manifest


class _Tally:
    """Counts and hashes rows as they pass."""

    def __init__(self) -> None:
        self._count = 0
        self._sums: dict[str, int] = {}
        self._digest = hashlib.sha256()

    def add(self, line: bytes, metric: str, units: int) -> None:
        self._count += 1
        self._sums[metric] = self._sums.get(metric, 0) + units
        self._digest.update(line)

    def told(self) -> dict[str, JsonValue]:
        sums: dict[str, JsonValue] = {**self._sums}
        return {"count": self._count, "units": sums, "sha256": self._digest.hexdigest()}


def _row(tenant_id: int, entry: Entry) -> dict[str, JsonValue]:
    return {
        "tenant_id": str(tenant_id),
        "namespace_id": None if entry.namespace_id is None else str(entry.namespace_id),
        "metric": entry.metric.value,
        "key": entry.key,
        "units": entry.units,
        "period": entry.period,
        "namespace_period": entry.namespace_period,
        "reference": entry.reference,
        "details": details_of(entry.details),
    }


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from file


def _parsed(text: bytes, place: str) -> dict[str, JsonValue]:
    try:
        found = parse(text)
    except JsonParseError as error:
        raise UsageExportError(f"{place} is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise UsageExportError(f"{place} is no JSON object")
    return found
