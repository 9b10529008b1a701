"""The runs against the audit log: every commit of every run has its one leaf, with the head of the run's own chain.

So a leaf that was changed, left out or put in while it waited in the outbox is seen, where the tree cannot help: it
does not fit the run. And a run that was put back to an old state, or removed, does not fit the log.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import attrs

from decision_gate.core.json import JsonParseError, JsonValue, parse
from decision_gate.core.ports import RunHead, RunKey, StoreCorruptError, decode_head
from decision_gate.enterprise.audit.damage import Damage, Finding
from decision_gate.enterprise.audit.leaf import ROOT_HASH, run_subject
from decision_gate.enterprise.audit.logs import ROOT, LogNames, tenant_log
from decision_gate.enterprise.audit.store import AuditStore, Waiting
from decision_gate.enterprise.stores.postgres.keys import number
from decision_gate.enterprise.transactions import Row, SqliteTransactions, Transactions

_RUNS: Final = (
    "SELECT tenant, namespace, run_id FROM decision_gate.runs WHERE (tenant, namespace, run_id) > (?, ?, ?) "
    "ORDER BY tenant, namespace, run_id LIMIT 256"
)
_FIND: Final = "SELECT 1 FROM decision_gate.runs WHERE (tenant, namespace, run_id) = (?, ?, ?)"
_HEADS: Final = (
    "SELECT body FROM decision_gate.run_log WHERE (tenant, namespace, run_id) = (?, ?, ?) AND log = 0 ORDER BY version"
)
_SQLITE_HEADS: Final = (
    "SELECT c.body FROM decision_gate.runs r JOIN decision_gate.records c ON c.run = r.id AND c.log = 0 "
    "WHERE (r.tenant, r.namespace, r.run_id) = (?, ?, ?) ORDER BY c.version"
)
_NUMBER_BYTES: Final = 8
_ALL: Final = 2**31 - 1
_WAITING_AT_ONCE: Final = 10_000


@attrs.frozen(kw_only=True)
class _Told:
    """What an entry says of a commit; *index* is none while it waits for its place."""

    index: int | None
    key: bytes | None
    tenant_id: int
    namespace_id: JsonValue
    run_id: JsonValue
    version: JsonValue
    digest: JsonValue

    @classmethod
    def read(cls, log: bytes, index: int | None, key: bytes | None, entry: bytes) -> "_Told | None":
        """Read an entry; none when it is not about a commit to a run. The export of a run pack is about a run too."""
        try:
            members = parse(entry)
        except JsonParseError:
            return None
        match members:
            case {
                "run": {"namespace_id": namespace_id, "run_id": run_id, "version": version, "digest": digest},
                **rest,
            } if ROOT_HASH not in rest:
                return cls(
                    index=index,
                    key=key,
                    tenant_id=int.from_bytes(log, "big"),
                    namespace_id=namespace_id,
                    run_id=run_id,
                    version=version,
                    digest=digest,
                )
            case _:
                return None


def compare_chains(store: AuditStore, names: LogNames, database: Transactions) -> Iterator[Finding]:
    """Yield, for each run of *database* that does not fit its tenant's log, the first thing that is wrong.

    Servers may go on beside it. Runs that were there before there was an audit log do not fit it.
    """
    try:
        yield from _with_a_run(store, names, database)
        yield from _without_a_run(store, names, database)
    except StoreCorruptError as error:
        text = f"the runs cannot be read: {error}"
        yield Finding(damage=Damage.MALFORMED, origin=names.origin(ROOT), index=None, text=text)


def _with_a_run(store: AuditStore, names: LogNames, database: Transactions) -> Iterator[Finding]:
    after: Row = (b"", b"", b"")
    while rows := database.rows(_RUNS, *after):
        # INVARIANT: first the runs, then the outbox, then the logs: this is how a leaf moves.
        chains = [(key, chain) for row in rows if (key := _key(row)) and (chain := _chain(database, key))]
        waiting = _waiting(store)
        for key, chain in chains:
            yield from _run(store, names, database, key, chain, waiting)
        after = rows[-1]


def _run(
    store: AuditStore,
    names: LogNames,
    database: Transactions,
    key: RunKey,
    chain: Sequence[RunHead],
    waiting: Mapping[tuple[int, JsonValue, JsonValue], Sequence[_Told]],
) -> Iterator[Finding]:
    log = tenant_log(key.tenant_id)
    told = list(waiting.get((key.tenant_id, str(key.namespace_id), key.run_id), ()))
    moving = {each.key for each in told}
    try:
        for leaf in store.about(log, run_subject(key.namespace_id, key.run_id), last=_ALL):
            read = _Told.read(log, leaf.index, leaf.key, leaf.entry)
            if read is not None and (leaf.key is None or leaf.key not in moving):
                told.append(read)
    except StoreCorruptError:
        return  # ``examine`` names the cell
    if any(isinstance(each.version, int) and each.version > chain[-1].version for each in told):
        # It may have been committed since.
        chain = _chain(database, key) or chain
    finding = _first_wrong(names.origin(log), key, chain, told)
    if finding is not None:
        yield finding


def _first_wrong(origin: str, key: RunKey, chain: Sequence[RunHead], told: Sequence[_Told]) -> Finding | None:
    def found(damage: Damage, index: int | None, text: str) -> Finding:
        text = f"run {key.run_id} of namespace {key.namespace_id}: {text}"
        return Finding(damage=damage, origin=origin, index=index, text=text)

    entries: dict[int, _Told] = {}
    for each in told:
        if not isinstance(each.version, int):
            return found(Damage.MALFORMED, each.index, "an entry does not say which commit it is about")
        if each.version in entries:
            return found(Damage.INSERTED, each.index, f"two entries are about commit {each.version}")
        entries[each.version] = each
    for head in chain:
        entry = entries.pop(head.version, None)
        if entry is None:
            return found(Damage.DELETED, None, f"commit {head.version} has no entry")
        if entry.digest != head.digest:
            return found(Damage.EDITED, entry.index, f"commit {head.version} is not the one that was logged")
    for version, entry in sorted(entries.items()):
        text = f"it ends with commit {chain[-1].version}, the log knows commit {version}"
        return found(Damage.ROLLED_BACK, entry.index, text)
    return None


def _without_a_run(store: AuditStore, names: LogNames, database: Transactions) -> Iterator[Finding]:
    """Yield the first entry of each run that the log knows and the database does not."""
    seen: set[bytes] = set()
    for log in store.logs():
        seen.clear()
        try:
            for leaf in store.leaves(log) if log != ROOT else ():
                if leaf.subject is None or leaf.subject in seen:
                    continue
                seen.add(leaf.subject)
                told = _Told.read(log, leaf.index, leaf.key, leaf.entry)
                if told is not None and not _is_there(database, told):
                    text = f"run {told.run_id} of namespace {told.namespace_id} is gone, the log knows it"
                    yield Finding(damage=Damage.ROLLED_BACK, origin=names.origin(log), index=leaf.index, text=text)
        except StoreCorruptError:
            continue  # ``examine`` names the cell


def _is_there(database: Transactions, told: _Told) -> bool:
    match told.namespace_id, told.run_id:
        case str() as namespace, str() as run_id if namespace.isascii() and namespace.isdecimal():
            if int(namespace) >= 2**64:
                return False
            return bool(database.rows(_FIND, number(told.tenant_id), number(int(namespace)), run_id.encode()))
        case _:
            return False


def _key(row: Row) -> RunKey | None:
    """Return the key of a run, none when its row is damaged, which those find who verify the runs."""
    tenant, namespace, run_id = row
    if not all(isinstance(cell, bytes) for cell in row) or not len(tenant) == len(namespace) == _NUMBER_BYTES:
        return None
    return RunKey(int.from_bytes(tenant, "big"), int.from_bytes(namespace, "big"), run_id.decode(errors="replace"))


def _chain(database: Transactions, key: RunKey) -> Sequence[RunHead]:
    """Return the head after each commit of a run; nothing when it cannot be read, which its own chain shows."""
    statement = _SQLITE_HEADS if isinstance(database, SqliteTransactions) else _HEADS
    place = (number(key.tenant_id), number(key.namespace_id), key.run_id.encode())
    try:
        return [_head(body) for (body,) in database.rows(statement, *place)]
    except StoreCorruptError:
        return ()


def _head(body: Any) -> RunHead:  # noqa: ANN401 - whatever a cell holds
    if not isinstance(body, bytes):
        raise StoreCorruptError("a head of a run is no bytes")
    head = decode_head(body)
    if not isinstance(head.version, int):
        raise StoreCorruptError("a head of a run has no version")
    return head


def _waiting(store: AuditStore) -> Mapping[tuple[int, JsonValue, JsonValue], Sequence[_Told]]:
    """Return what the outbox tells of commits, by run."""
    found: dict[tuple[int, JsonValue, JsonValue], list[_Told]] = {}
    for each in _all_waiting(store):
        leaf = each.leaf
        told = _Told.read(leaf.log, None, leaf.key, leaf.entry)
        if told is not None and isinstance(told.namespace_id, str) and isinstance(told.run_id, str):
            found.setdefault((told.tenant_id, told.namespace_id, told.run_id), []).append(told)
    return found


def _all_waiting(store: AuditStore) -> Iterator[Waiting]:
    """Yield what waits; an engine may go on log by log, so the limit grows until all of them are there."""
    limit = _WAITING_AT_ONCE
    while len(found := store.waiting(None, limit)) == limit:
        limit *= 4
    yield from found
