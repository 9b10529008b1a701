"""Runs in dictionaries: the smallest store that keeps the whole contract of ``RunStore``."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

import attrs

from decision_gate.core.memory.riders import MemoryRiders
from decision_gate.core.ports import (
    MAX_PAGE,
    Commit,
    ConflictError,
    CursorError,
    Integrity,
    Log,
    PageLimitError,
    RecordKeyTakenError,
    RecordMissingError,
    RecordRef,
    Rider,
    RunExistsError,
    RunHead,
    RunKey,
    RunMissingError,
    RunPage,
    RunQuery,
    RunSummary,
    StepRecords,
    StoredCommit,
    StoredRecord,
    decode_cursor,
    encode_cursor,
    encode_head,
    walk_chain,
)
from decision_gate.core.records import maker

_U64_BYTES: Final = 8

_make_record = maker(StoredRecord)


@attrs.frozen
class _Commit:
    """One commit: the head after it, and its records. Its bytes are written when somebody checks them."""

    head: RunHead
    records: tuple[StoredRecord, ...]

    def stored(self) -> StoredCommit:
        """Return it as other stores keep it."""
        return StoredCommit(version=self.head.version, head=encode_head(self.head), records=self.records)


@attrs.define
class _Run:
    """One run: its commits and, beside them, where its records are."""

    head: RunHead
    saved_at: int
    commits: list[_Commit] = attrs.field(factory=list)
    places: dict[Log, list[tuple[int, int]]] = attrs.field(factory=lambda: {log: [] for log in Log})
    keyed: dict[tuple[Log, str], tuple[int, int]] = attrs.field(factory=dict)

    def takes(self, commit: Commit) -> bool:
        """Whether no key of *commit* is taken."""
        keys = [(record.log, record.key) for record in commit.records if record.key is not None]
        return len(keys) == len(set(keys)) and self.keyed.keys().isdisjoint(keys)

    def add(self, commit: Commit, saved_at: int) -> None:
        """Append *commit*, which follows from the head."""
        version = commit.head.version
        records = []
        for position, record in enumerate(commit.records):
            self.places[record.log].append((version, position))
            if record.key is not None:
                self.keyed[record.log, record.key] = (version, position)
            records.append(_make_record(record.log, record.seq, record.key, record.sha256, record.body, None))
        self.commits.append(_Commit(commit.head, tuple(records)))
        self.head = commit.head
        self.saved_at = saved_at

    def record(self, place: tuple[int, int]) -> StoredRecord:
        """Return the record at *place*, a version and a position in its commit."""
        version, position = place
        return self.commits[version - 1].records[position]

    def replace(self, place: tuple[int, int], record: StoredRecord) -> None:
        """Put *record* at *place*."""
        version, position = place
        commit = self.commits[version - 1]
        records = (*commit.records[:position], record, *commit.records[position + 1 :])
        self.commits[version - 1] = attrs.evolve(commit, records=records)


class MemoryRunStore:
    """A ``RunStore`` for tests, demos and library users; everything is gone with the process.

    *now_ms* is the clock of ``RunSummary.saved_at``; without one it is 0. Safe for any number of threads.
    """

    def __init__(self, riders: MemoryRiders | None = None, *, now_ms: Callable[[], int] = lambda: 0) -> None:
        self._riders = riders or MemoryRiders()
        self._now_ms = now_ms
        self._lock = threading.Lock()
        self._runs: dict[RunKey, _Run] = {}

    @property
    def rider_kinds(self) -> frozenset[str]:
        """See ``RunStore``."""
        return self._riders.kinds

    def create(self, commit: Commit, riders: Sequence[Rider] = ()) -> RunHead:
        """See ``RunStore``."""
        self._riders.check(riders)
        with self._lock:
            if commit.key in self._runs:
                raise RunExistsError(commit.key.run_id)
            run = _Run(head=commit.head, saved_at=0)
            self._add(run, commit, riders)
            self._runs[commit.key] = run
        return commit.head

    def head(self, key: RunKey) -> RunHead | None:
        """See ``RunStore``."""
        with self._lock:
            run = self._runs.get(key)
            return run.head if run else None

    def step(self, key: RunKey, trigger_id: str | None) -> StepRecords | None:
        """See ``RunStore``."""
        with self._lock:
            run = self._runs.get(key)
            if run is None:
                return None
            if trigger_id is None:
                version = run.head.decided_at_version
            else:
                version, _ = run.keyed.get((Log.DECISIONS, trigger_id), (0, 0))
            if version == 0:
                return None
            records = run.commits[version - 1].records
        return StepRecords(
            decision=next(record.body for record in records if record.log is Log.DECISIONS),
            packets=tuple(record.body for record in records if record.log is Log.PACKETS),
            gate_evals=tuple(record.body for record in records if record.log is Log.GATE_EVALS),
        )

    def submission(self, key: RunKey, submission_id: str) -> bytes | None:
        """See ``RunStore``."""
        with self._lock:
            run = self._runs.get(key)
            place = run.keyed.get((Log.SUBMISSIONS, submission_id)) if run else None
            return run.record(place).body if run and place else None

    def append(self, commit: Commit, riders: Sequence[Rider] = ()) -> RunHead:
        """See ``RunStore``."""
        self._riders.check(riders)
        with self._lock:
            run = self._run(commit.key)
            if run.head.version != commit.expected_version:
                raise ConflictError(run.head)
            self._add(run, commit, riders)
        return commit.head

    def record(self, riders: Sequence[Rider]) -> None:
        """See ``RunStore``."""
        self._riders.check(riders)
        self._riders.apply(riders)

    def read(self, key: RunKey, log: Log, *, after: int = 0, upto: int | None = None) -> Iterator[bytes]:
        """See ``RunStore``."""
        with self._lock:
            run = self._run(key)
            count = len(run.places[log])
        return self._bodies(run, log, after, count if upto is None else min(upto, count))

    def runs(self, query: RunQuery, cursor: str | None, limit: int) -> RunPage:
        """See ``RunStore``."""
        if not 1 <= limit <= MAX_PAGE:
            raise PageLimitError(limit)
        after = _position(cursor)
        with self._lock:
            found = sorted(
                (run for key, run in self._runs.items() if _place(key) > after and _matches(query, run.head)),
                key=lambda run: _place(run.head.key),
            )
            items = tuple(RunSummary(head=run.head, saved_at=run.saved_at) for run in found[:limit])
        more = len(found) > limit
        return RunPage(items=items, next_cursor=encode_cursor(*_place(items[-1].head.key)) if more else None)

    def check(self, key: RunKey) -> Integrity:
        """See ``RunStore``."""
        with self._lock:
            run = self._run(key)
            current, commits = encode_head(run.head), list(run.commits)
        return walk_chain(key, current, (commit.stored() for commit in commits))

    def erase(self, key: RunKey, records: Sequence[RecordRef], tombstone: bytes) -> None:
        """See ``RunStore``."""
        with self._lock:
            run = self._run(key)
            for ref in records:
                if not 1 <= ref.seq <= len(run.places[ref.log]):
                    raise RecordMissingError(ref)
            for ref in records:
                place = run.places[ref.log][ref.seq - 1]
                run.replace(place, run.record(place).erased(tombstone))

    def ready(self) -> None:
        """See ``RunStore``; memory is always ready."""

    def _run(self, key: RunKey) -> _Run:
        run = self._runs.get(key)
        if run is None:
            raise RunMissingError(key.run_id)
        return run

    def _add(self, run: _Run, commit: Commit, riders: Iterable[Rider]) -> None:
        if not run.takes(commit):
            raise RecordKeyTakenError(commit.key.run_id)
        # Last of all that can refuse: after it nothing fails, so that riders and commit stand or fall together.
        self._riders.apply(tuple(riders))
        run.add(commit, self._now_ms())

    def _bodies(self, run: _Run, log: Log, after: int, upto: int) -> Iterator[bytes]:
        for index in range(after, upto):
            with self._lock:
                body = run.record(run.places[log][index]).body
            yield body


def _place(key: RunKey) -> tuple[bytes, bytes]:
    """Return where *key* stands among the runs of its tenant."""
    return key.namespace_id.to_bytes(_U64_BYTES, "big"), key.run_id.encode()


def _position(cursor: str | None) -> tuple[bytes, bytes]:
    if cursor is None:
        return b"", b""
    namespace, run_id = decode_cursor(cursor, 2)
    if len(namespace) != _U64_BYTES:
        raise CursorError
    return namespace, run_id


def _matches(query: RunQuery, head: RunHead) -> bool:
    return (
        head.key.tenant_id == query.tenant_id
        and query.namespace_id in (None, head.key.namespace_id)
        and query.scenario_id in (None, head.scenario_id)
        and query.status in (None, head.status)
    )
