"""Runs in PostgreSQL: one function call, so one round trip, a commit."""

import hashlib
import itertools
from collections.abc import Callable, Iterator, Sequence

from decision_gate.core.ports import (
    MAX_PAGE,
    Commit,
    ConflictError,
    Integrity,
    Log,
    LogRecord,
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
    StoreCorruptError,
    StoredCommit,
    StoredRecord,
    decode_cursor,
    decode_head,
    encode_cursor,
    encode_head,
    walk_chain,
)
from decision_gate.enterprise.stores.postgres import run_statements as sql
from decision_gate.enterprise.stores.postgres.errors import UniqueTakenError
from decision_gate.enterprise.stores.postgres.keys import (
    HEAD_NUMBER,
    LOG_NUMBERS,
    LOGS_BY_NUMBER,
    number,
    run_columns,
    text,
)
from decision_gate.enterprise.stores.postgres.riders import rider_arrays
from decision_gate.enterprise.stores.postgres.session import Row, Session

_STEP_LOGS = [LOG_NUMBERS[log] for log in (Log.DECISIONS, Log.PACKETS, Log.GATE_EVALS)]


class PostgresRunStore:
    """A run store on PostgreSQL, safe for threads and for many servers on one database.

    *now_ms* is the clock of ``RunSummary.saved_at``; while it returns none, which is the rule, that is the clock of the
    database, one for all servers.
    """

    def __init__(
        self, session: Session, rider_kinds: frozenset[str], *, now_ms: Callable[[], int | None] = lambda: None
    ) -> None:
        self.rider_kinds = rider_kinds
        self._session = session
        self._now_ms = now_ms

    def create(self, commit: Commit, riders: Sequence[Rider] = ()) -> RunHead:
        """Make a run (port)."""
        scenario = text(commit.head.scenario_id)
        (made,) = self._commit(sql.CREATE, commit, (*run_columns(commit.key), scenario), riders)
        if not made:
            raise RunExistsError(commit.key.run_id)
        return commit.head

    def head(self, key: RunKey) -> RunHead | None:
        """Return the head of a run (port)."""
        rows = self._session.rows(sql.HEAD, run_columns(key))
        return decode_head(rows[0][0]) if rows else None

    def step(self, key: RunKey, trigger_id: str | None) -> StepRecords | None:
        """Return one decided step by its trigger, or the last one (port)."""
        columns = run_columns(key)
        if trigger_id is None:
            rows = self._session.rows(sql.LAST_STEP, (*columns, _STEP_LOGS, *columns))
        else:
            decision = LOG_NUMBERS[Log.DECISIONS], text(trigger_id)
            rows = self._session.rows(sql.STEP_OF_TRIGGER, (*columns, _STEP_LOGS, *columns, *decision))
        decisions, packets, gate_evals = (tuple(body for log, body in rows if log == n) for n in _STEP_LOGS)
        if not decisions:
            return None
        return StepRecords(decision=decisions[0], packets=packets, gate_evals=gate_evals)

    def submission(self, key: RunKey, submission_id: str) -> bytes | None:
        """Return one submission (port)."""
        columns = (*run_columns(key), LOG_NUMBERS[Log.SUBMISSIONS], text(submission_id))
        rows = self._session.rows(sql.BY_KEY, columns)
        return rows[0][0] if rows else None

    def append(self, commit: Commit, riders: Sequence[Rider] = ()) -> RunHead:
        """Add a commit to a run by compare-and-swap on its version (port)."""
        moved, current = self._commit(sql.APPEND, commit, (*run_columns(commit.key), commit.expected_version), riders)
        if moved:
            return commit.head
        if current is None:
            raise RunMissingError(commit.key.run_id)
        raise ConflictError(decode_head(current))

    def record(self, riders: Sequence[Rider]) -> None:
        """Write riders alone (port)."""
        if arrays := riders and rider_arrays(riders, self.rider_kinds):
            self._session.commit(sql.RECORD, tuple(arrays))

    def read(self, key: RunKey, log: Log, *, after: int = 0, upto: int | None = None) -> Iterator[bytes]:
        """Yield the bodies of a log in order (port); a missing run is refused at the call."""
        head = self.head(key)
        if head is None:
            raise RunMissingError(key.run_id)
        held = head.counts.of(log)
        return self._bodies(key, log, after, held if upto is None else min(upto, held))

    def runs(self, query: RunQuery, cursor: str | None, limit: int) -> RunPage:
        """List runs of one tenant in key order (port)."""
        if not 1 <= limit <= MAX_PAGE:
            raise PageLimitError(limit)
        conditions, parameters = ["tenant = %b"], [number(query.tenant_id)]
        if query.namespace_id is not None:
            conditions.append("namespace = %b")
            parameters.append(number(query.namespace_id))
        if query.scenario_id is not None:
            conditions.append("scenario_id = %b")
            parameters.append(text(query.scenario_id))
        if query.status is not None:
            conditions.append("status = convert_from(%b, 'UTF8')")
            parameters.append(text(query.status.value))
        if cursor is not None:
            conditions.append("(namespace, run_id) > (%b, %b)")
            parameters.extend(decode_cursor(cursor, 2))
        rows = self._session.rows(sql.listing(conditions), (*parameters, limit + 1))
        items = tuple(RunSummary(head=decode_head(head), saved_at=at) for head, at, _, _ in rows[:limit])
        next_cursor = encode_cursor(*rows[limit - 1][2:]) if len(rows) > limit else None
        return RunPage(items=items, next_cursor=next_cursor)

    def check(self, key: RunKey) -> Integrity:
        """Walk the chain of a run (port); the look-up columns of the run are compared too."""
        rows = self._session.rows(sql.COLUMNS, run_columns(key))
        if not rows:
            raise RunMissingError(key.run_id)
        stored, *columns = rows[0]
        found = walk_chain(key, stored, self._commits(key))
        if not found.is_sound:
            return found
        head = decode_head(stored)
        if columns != [text(head.scenario_id), *_summary_columns(head)]:
            return Integrity(commits=found.commits, problem="the columns of the run are not those of its head")
        return found

    def erase(self, key: RunKey, records: Sequence[RecordRef], tombstone: bytes) -> None:
        """Replace bodies by a tombstone, all or none (port)."""
        logs, seqs = [LOG_NUMBERS[ref.log] for ref in records], [ref.seq for ref in records]
        digest = hashlib.sha256(tombstone).digest()
        (missing,) = self._session.commit(sql.ERASE, (*run_columns(key), logs, seqs, tombstone, digest))
        if missing == 0:
            raise RunMissingError(key.run_id)
        if missing is not None:
            raise RecordMissingError(records[missing - 1])

    def ready(self) -> None:
        """Return when commits are accepted (port)."""
        self._session.ready()

    def _commit(self, statement: str, commit: Commit, place: tuple[object, ...], riders: Sequence[Rider]) -> Row:
        """Send a whole commit in one statement."""
        arrays = rider_arrays(riders, self.rider_kinds)
        head = encode_head(commit.head)
        summary = (*_summary_columns(commit.head), head, self._now_ms())
        try:
            return self._session.commit(statement, (*place, *summary, *_log_columns(commit, head), *arrays))
        except UniqueTakenError as error:
            if error.constraint == "run_log_by_key":
                raise RecordKeyTakenError(commit.key.run_id) from error
            raise

    def _bodies(self, key: RunKey, log: Log, after: int, upto: int) -> Iterator[bytes]:
        seq = after
        while seq < upto:
            page = self._session.rows(sql.PAGE_OF_LOG, (*run_columns(key), LOG_NUMBERS[log], seq, upto))
            for found, sha256, erased, body in page:
                seq += 1
                if found != seq:
                    break
                if hashlib.sha256(body).digest() != (erased or sha256):
                    raise StoreCorruptError(f"{log.value} {seq} does not match its hash")
                yield body
            else:
                if page:
                    continue
                seq += 1
            raise StoreCorruptError(f"{log.value} {seq} is missing")

    def _commits(self, key: RunKey) -> Iterator[StoredCommit]:
        for version, rows in itertools.groupby(self._all_rows(key), key=lambda row: int(row[0])):
            head: bytes | None = None
            records: list[StoredRecord] = []
            for _, _, log, seq, name, sha256, erased, body in rows:
                if log == HEAD_NUMBER:
                    head = body
                    continue
                tombstone = None if erased is None else erased.hex()
                records.append(
                    StoredRecord(
                        log=LOGS_BY_NUMBER[log],
                        seq=seq,
                        key=None if name is None else name.decode(errors="replace"),  # edited ones are no text
                        sha256=sha256.hex(),
                        body=body,
                        tombstone=tombstone,
                    )
                )
            yield StoredCommit(version=version, head=head, records=tuple(records))

    def _all_rows(self, key: RunKey) -> Iterator[Row]:
        place = (0, 0)
        while page := self._session.rows(sql.PAGE_OF_RUN, (*run_columns(key), *place)):
            yield from page
            place = page[-1][:2]


def _summary_columns(head: RunHead) -> tuple[str, int, int]:
    return head.status.value, head.version, head.decided_at_version


def _log_columns(
    commit: Commit, head: bytes
) -> tuple[list[int], list[int], list[bytes | None], list[bytes], list[bytes]]:
    """Return the rows of a commit as arrays: its head first, then its records in order."""
    records: Sequence[LogRecord] = commit.records
    return (
        [HEAD_NUMBER, *(LOG_NUMBERS[record.log] for record in records)],
        [commit.head.version, *(record.seq for record in records)],
        [None, *(None if record.key is None else text(record.key) for record in records)],
        [hashlib.sha256(head).digest(), *(bytes.fromhex(record.sha256) for record in records)],
        [head, *(record.body for record in records)],
    )
