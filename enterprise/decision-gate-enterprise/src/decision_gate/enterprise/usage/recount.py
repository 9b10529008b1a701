"""``storage_bytes`` recounted: every thing that a tenant stores, against what was billed for it.

What was billed is compared as it was charged; corrections take money back, not bytes. The bytes of a commit that
records a refusal are kept and not billed (``billing.toml``), and those of an erased record were billed when it was
whole.

Servers may go on beside it: the stores are read before the ledger, and what differs is looked at once more.
"""

from collections.abc import Iterator
from typing import Final

import attrs

from decision_gate.core.json import JsonParseError, JsonValue, canonical, parse
from decision_gate.enterprise.stores.postgres.keys import number
from decision_gate.enterprise.transactions import Row, SqliteTransactions, Transactions
from decision_gate.mcp.hooks.usage_meter import Metric
from decision_gate.mcp.tools.call import operation_key

RUN: Final = "run"
SCENARIO: Final = "scenario"
DATA_SHAPE: Final = "data_shape"
RUN_PACK: Final = "run_pack"
OTHER: Final = "other"

_KINDS: Final = {"commit": RUN, "scenario": SCENARIO, "shape": DATA_SHAPE, "runpack": RUN_PACK}
_LEDGER: Final = (
    "SELECT tenant, key, units FROM decision_gate.usage_ledger "
    "WHERE metric = 'storage_bytes' AND reference IS NULL AND (tenant, key) > (?, ?) ORDER BY tenant, key LIMIT 1000"
)
_CHARGES_BETWEEN: Final = (
    "SELECT key, units FROM decision_gate.usage_ledger "
    "WHERE tenant = ? AND metric = 'storage_bytes' AND key > ? AND key < ? AND reference IS NULL"
)
_EXPORTED: Final = (
    "SELECT 1 FROM decision_gate.usage_ledger WHERE (tenant, metric, key) = (?, 'runpack_exports', ?) "
    "AND reference IS NULL"
)


@attrs.frozen(kw_only=True)
class _Statements:
    """What an engine keeps, as its tables have it."""

    runs: str
    versions: str
    calls: str
    scenarios: str
    shapes: str


_SQLITE: Final = _Statements(
    runs="SELECT r.tenant, r.namespace, r.run_id, sum(length(c.body)) FROM decision_gate.runs r "
    "JOIN decision_gate.records c ON c.run = r.id AND c.log > 0 GROUP BY r.id",
    versions="SELECT c.version, sum(length(c.body)), count(c.tombstone) FROM decision_gate.runs r "
    "JOIN decision_gate.records c ON c.run = r.id AND c.log > 0 "
    "WHERE (r.tenant, r.namespace, r.run_id) = (?, ?, ?) GROUP BY c.version",
    calls="SELECT c.body FROM decision_gate.runs r JOIN decision_gate.records c ON c.run = r.id AND c.log = 6 "
    "WHERE (r.tenant, r.namespace, r.run_id) = (?, ?, ?) AND c.version = ?",
    scenarios="SELECT s.owner, s.namespace, s.scenario_id, v.spec_hash, length(v.body) FROM decision_gate.scenarios s "
    "JOIN decision_gate.scenario_versions v ON v.scenario = s.id WHERE length(s.owner) = 8",
    shapes="SELECT tenant, namespace, schema_id, version, body FROM decision_gate.data_shapes",
)
_POSTGRES: Final = _Statements(
    runs="SELECT tenant, namespace, run_id, CAST(sum(octet_length(body)) AS bigint) FROM decision_gate.run_log "
    "WHERE log > 0 GROUP BY tenant, namespace, run_id",
    versions="SELECT version, CAST(sum(octet_length(body)) AS bigint), count(erased) FROM decision_gate.run_log "
    "WHERE (tenant, namespace, run_id) = (?, ?, ?) AND log > 0 GROUP BY version",
    calls="SELECT body FROM decision_gate.run_log "
    "WHERE (tenant, namespace, run_id) = (?, ?, ?) AND version = ? AND log = 6",
    scenarios="SELECT owner, namespace, scenario_id, spec_hash, CAST(octet_length(body) AS bigint) "
    "FROM decision_gate.scenario_versions WHERE owner <> decode('0000000000000000', 'hex')",
    shapes="SELECT tenant, namespace, schema_id, version, record FROM decision_gate.data_shapes",
)


@attrs.frozen(kw_only=True, order=True)
class Stored:
    """A thing that takes bytes: its tenant, what it is, and its name in the words of the ledger, namespace first."""

    tenant_id: int
    kind: str
    name: tuple[str, ...]


@attrs.frozen(kw_only=True)
class StorageDifference:
    """A thing for which other bytes were billed than it has."""

    stored: Stored
    billed: int
    kept: int

    def told(self) -> dict[str, JsonValue]:
        """Return it as JSON."""
        return {
            "tenant_id": str(self.stored.tenant_id),
            "kind": self.stored.kind,
            "name": [*self.stored.name],
            "billed": self.billed,
            "kept": self.kept,
        }


def recount(database: Transactions) -> tuple[StorageDifference, ...]:
    """Return what was billed otherwise than it is kept, in order of tenant, kind and name.

    Takes memory for every run, scenario, data shape and run pack, not for every commit.

    Raises:
        StoreError: The database cannot be read.
    """
    statements = _SQLITE if isinstance(database, SqliteTransactions) else _POSTGRES
    kept = dict(_kept(database, statements))
    billed = _billed(database)
    for stored in billed:
        if stored.kind == RUN_PACK and _is_exported(database, stored):
            kept[stored] = billed[stored]  # what lies in a folder is for ``backup verify``
    suspects = [stored for stored in sorted({*kept, *billed}) if billed.get(stored, 0) != kept.get(stored, 0)]
    # What was stored and billed after the stores were read is in the ledger only.
    now = dict(_kept(database, statements)) if suspects else {}
    found = []
    for stored in suspects:
        if stored.kind == RUN and stored in now:
            charged, size = _run_again(database, statements, stored)
        else:
            charged, size = billed.get(stored, 0), now.get(stored, kept.get(stored, 0))
        if charged != size:
            found.append(StorageDifference(stored=stored, billed=charged, kept=size))
    return tuple(found)


def _kept(database: Transactions, statements: _Statements) -> Iterator[tuple[Stored, int]]:
    for tenant, namespace, run_id, size in database.rows(statements.runs):
        yield _thing(tenant, RUN, namespace, run_id), size
    for owner, namespace, scenario_id, spec_hash, size in database.rows(statements.scenarios):
        yield _thing(owner, SCENARIO, namespace, scenario_id, spec_hash), size
    for tenant, namespace, schema_id, version, body in database.rows(statements.shapes):
        yield _thing(tenant, DATA_SHAPE, namespace, schema_id, version), _schema_bytes(body)


def _billed(database: Transactions) -> dict[Stored, int]:
    found: dict[Stored, int] = {}
    after: Row = (b"", b"")
    while rows := database.rows(_LEDGER, *after):
        for tenant, key, units in rows:
            stored = _charged_thing(int.from_bytes(tenant, "big"), key.decode())
            found[stored] = found.get(stored, 0) + units
        after = rows[-1][:2]
    return found


def _charged_thing(tenant_id: int, key: str) -> Stored:
    """Return what a charge is for, by the name of its operation (``operation_key`` of the tools)."""
    operation = key.removeprefix(f"{tenant_id}/{Metric.STORAGE_BYTES.value}/")
    try:
        parts = parse(operation)
    except JsonParseError:
        parts = None
    match parts:
        case [str() as word, *name] if word in _KINDS:
            kind = _KINDS[word]
            # All commits of a run are one thing.
            texts = tuple(str(part) for part in (name[:-1] if kind == RUN else name))
            return Stored(tenant_id=tenant_id, kind=kind, name=texts)
        case _:
            return Stored(tenant_id=tenant_id, kind=OTHER, name=(operation,))


def _is_exported(database: Transactions, pack: Stored) -> bool:
    key = f"{pack.tenant_id}/{Metric.RUNPACK_EXPORTS.value}/{pack.name[-1]}"
    return bool(database.rows(_EXPORTED, number(pack.tenant_id), key.encode()))


def _run_again(database: Transactions, statements: _Statements, run: Stored) -> tuple[int, int]:
    """Return what was billed for a run, and what of it was to be billed, commit by commit."""
    namespace_id, run_id = int(run.name[0]), run.name[1]
    place = (number(run.tenant_id), number(namespace_id), run_id.encode())
    versions = _versions(database, statements, place)
    charges = _charges(database, run.tenant_id, ["commit", namespace_id, run_id])
    if not charges.keys() <= versions.keys():
        versions = _versions(database, statements, place)
    kept = 0
    for version, (size, is_erased) in versions.items():
        if is_erased:
            kept += charges.get(version, 0)
        elif version in charges or not _is_refusal(database, statements, (*place, version)):
            kept += size
    return sum(charges.values()), kept


def _versions(database: Transactions, statements: _Statements, place: Row) -> dict[int, tuple[int, bool]]:
    """Return the bytes of each commit, and whether some of them were erased."""
    return {version: (size, erased > 0) for version, size, erased in database.rows(statements.versions, *place)}


def _charges(database: Transactions, tenant_id: int, run: list[JsonValue]) -> dict[int, int]:
    """Return what was billed for each commit of a run."""
    begin = f"{tenant_id}/{Metric.STORAGE_BYTES.value}/{operation_key(*run)[:-1]}"
    # All keys that go on with a comma; what follows it in order is the hyphen.
    rows = database.rows(_CHARGES_BETWEEN, number(tenant_id), f"{begin},".encode(), f"{begin}-".encode())
    return {int(key[len(begin.encode()) + 1 : -1]): units for key, units in rows}


def _is_refusal(database: Transactions, statements: _Statements, commit: Row) -> bool:
    """Tell whether a commit only records that a call was refused."""
    for (body,) in database.rows(statements.calls, *commit):
        try:
            record = parse(body)
        except JsonParseError:
            return False
        if isinstance(record, dict) and record.get("error") is not None:
            return True
    return False


def _schema_bytes(body: bytes) -> int:
    """Return the bytes of the schema in a stored data shape; all of it when it cannot be read."""
    try:
        record = parse(body)
    except JsonParseError:
        return len(body)
    return len(canonical(record["schema"])) if isinstance(record, dict) and "schema" in record else len(body)


def _thing(tenant: bytes, kind: str, namespace: bytes, *names: bytes) -> Stored:
    name = (str(int.from_bytes(namespace, "big")), *(each.decode(errors="replace") for each in names))
    return Stored(tenant_id=int.from_bytes(tenant, "big"), kind=kind, name=name)
