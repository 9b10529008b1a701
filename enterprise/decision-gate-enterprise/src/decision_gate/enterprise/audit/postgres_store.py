"""The audit log in PostgreSQL; ``migrations/0001_audit.sql`` has the tables and functions."""
# ruff: noqa: S608 - only constants of this file are put together, every value is a parameter

from collections.abc import Collection, Iterator, Sequence
from importlib.resources import files
from typing import Any, Final

from decision_gate.core.ports import Rider
from decision_gate.enterprise.audit.leaf import AUDIT, EventClass, ridden_leaf
from decision_gate.enterprise.audit.store import Hold, LogHead, Placement, StoredLeaf, Waiting, cell_of
from decision_gate.enterprise.stores.postgres import Family, read_family
from decision_gate.enterprise.stores.postgres.session import Session

_PAGE: Final = 512
_ENDLESS: Final = 2**63 - 1
_WHOLE: Final = b""
"""Subject of a hold on a whole log."""

_LEAF = "SELECT idx, entry, salt, body, key, class, time, subject FROM decision_gate.audit_leaves "
_LEAVES = _LEAF + "WHERE log = %b AND idx >= %s AND idx < %s ORDER BY idx LIMIT %s"
_ABOUT = _LEAF + "WHERE log = %b AND subject = %b ORDER BY idx DESC LIMIT %s"
_STRETCH = (
    "SELECT coalesce(min(idx), 0), coalesce(max(idx) + 1, 0) FROM decision_gate.audit_leaves "
    "WHERE log = %b AND time >= %s AND time < %s"
)
_WAITING = "SELECT seq, log, key, leaf FROM decision_gate.audit_outbox WHERE log > %b ORDER BY log, seq LIMIT %s"
_PLACED = "SELECT key FROM decision_gate.audit_leaves WHERE log = %b AND key = ANY(%b::bytea[])"
_PLACE = (
    "SELECT decision_gate.audit_place(%b::bytea[], %b::bigint[], %b::bigint[], %b::bytea[], %b::bytea[], "
    "%b::bytea[], %b::bigint[], %b::bytea[], %b::bytea[], %b::bytea[], %b::bytea[], %b::text[], %b::bigint[], "
    "%b::bytea[], %b::bytea[], %b::smallint[], %b::bigint[], %b::bytea[], %b::bytea[], %b::bigint[])"
)
_DUE = (
    "SELECT idx FROM decision_gate.audit_leaves WHERE log = %b AND class = %s AND time < %s AND body IS NOT NULL "
    "AND decision_gate.audit_may_forget(log, subject) ORDER BY time LIMIT %s"
)
_TOLD = "SELECT decision_gate.record_riders(ARRAY[%s], ARRAY[%b::bytea], ARRAY[%b::bytea])"
_ERASE = (
    "WITH erased AS (UPDATE decision_gate.audit_leaves SET key = NULL, salt = NULL, body = NULL "
    "WHERE log = %b AND idx = ANY(%b::bigint[]) AND body IS NOT NULL "
    f"AND decision_gate.audit_may_forget(log, subject) RETURNING 1), told AS ({_TOLD}) "
    "SELECT (SELECT count(*) FROM erased) FROM told"
)
_HOLD = (
    "WITH held AS (INSERT INTO decision_gate.audit_holds VALUES (%b, %b) ON CONFLICT DO NOTHING), "
    f"told AS ({_TOLD}) SELECT count(*) FROM told"
)
_RELEASE = (
    "WITH released AS (DELETE FROM decision_gate.audit_holds WHERE log = %b AND subject = %b), "
    f"told AS ({_TOLD}) SELECT count(*) FROM told"
)


class PostgresOutboxTable:
    """The ``PostgresRiderTable`` of audit: the outbox, and the tables that it is emptied into."""

    @property
    def kind(self) -> str:
        """See ``PostgresRiderTable``."""
        return AUDIT

    @property
    def family(self) -> Family:
        """See ``PostgresRiderTable``."""
        return read_family(AUDIT, files("decision_gate.enterprise.audit") / "migrations")


class PostgresAuditStore:
    """See ``AuditStore``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def logs(self) -> tuple[bytes, ...]:
        """See ``AuditStore``."""
        return tuple(log for (log,) in self._session.rows("SELECT log FROM decision_gate.audit_logs ORDER BY log", ()))

    def head(self, log: bytes) -> LogHead:
        """See ``AuditStore``."""
        rows = self._session.rows("SELECT size, root, note FROM decision_gate.audit_logs WHERE log = %b", (log,))
        if not rows:
            return LogHead()
        size, root, note = rows[0]
        return LogHead(
            size=cell_of("audit_logs.size", size, int),
            root=cell_of("audit_logs.root", root, bytes),
            note=cell_of("audit_logs.note", note, bytes).decode(errors="replace"),
        )

    def tile(self, log: bytes, level: int, number: int) -> bytes:
        """See ``AuditStore``."""
        query = "SELECT hashes FROM decision_gate.audit_tiles WHERE log = %b AND level = %s AND n = %s"
        rows = self._session.rows(query, (log, level, number))
        return cell_of("audit_tiles.hashes", rows[0][0], bytes) if rows else b""

    def leaves(self, log: bytes, start: int = 0, end: int | None = None) -> Iterator[StoredLeaf]:
        """See ``AuditStore``."""
        while page := self._session.rows(_LEAVES, (log, start, _ENDLESS if end is None else end, _PAGE)):
            yield from map(StoredLeaf.of_row, page)
            start = page[-1][0] + 1

    def count(self, log: bytes, end: int) -> int:
        """See ``AuditStore``."""
        query = "SELECT count(*) FROM decision_gate.audit_leaves WHERE log = %b AND idx < %s"
        ((count,),) = self._session.rows(query, (log, end))
        return int(count)

    def about(self, log: bytes, subject: bytes, *, last: int = 1) -> tuple[StoredLeaf, ...]:
        """See ``AuditStore``."""
        return tuple(map(StoredLeaf.of_row, self._session.rows(_ABOUT, (log, subject, last))))

    def stretch(self, log: bytes, from_ms: int, to_ms: int) -> tuple[int, int]:
        """See ``AuditStore``."""
        ((start, end),) = self._session.rows(_STRETCH, (log, from_ms, to_ms))
        return start, end

    def waiting(self, after: Waiting | None, limit: int) -> tuple[Waiting, ...]:
        """See ``AuditStore``; log by log, so that nobody's backlog stands before everybody else's events."""
        rows = self._session.rows(_WAITING, (b"" if after is None else after.leaf.log, limit))
        return tuple(Waiting(seq=seq, leaf=ridden_leaf(log, key, leaf)) for seq, log, key, leaf in rows)

    def waiting_count(self) -> int:
        """See ``AuditStore``."""
        ((count,),) = self._session.rows("SELECT count(*) FROM decision_gate.audit_outbox", ())
        return int(count)

    def placed(self, log: bytes, keys: Collection[bytes]) -> frozenset[bytes]:
        """See ``AuditStore``."""
        return frozenset(key for (key,) in self._session.rows(_PLACED, (log, list(keys))))

    def place(self, placement: Placement) -> bool:
        """See ``AuditStore``."""
        growths = placement.growths
        (is_placed,) = self._session.commit(
            _PLACE,
            (
                *_columns(((g.log, g.before, g.growth.size, g.growth.root, g.note.encode()) for g in growths), 5),
                *_columns(_leaf_rows(placement), 9),
                *_columns(((g.log, t.level, t.number, t.hashes) for g in growths for t in g.growth.tiles), 4),
                *_columns(((each.leaf.log, each.seq) for each in placement.taken), 2),
            ),
        )
        return bool(is_placed)

    def due(self, log: bytes, event_class: EventClass, before_ms: int, limit: int) -> tuple[int, ...]:
        """See ``AuditStore``."""
        return tuple(index for (index,) in self._session.rows(_DUE, (log, event_class.value, before_ms, limit)))

    def erase(self, log: bytes, indexes: Sequence[int], told: Rider) -> int:
        """See ``AuditStore``."""
        (erased,) = self._session.commit(_ERASE, (log, list(indexes), *_riding(told)))
        return int(erased)

    def holds(self) -> tuple[Hold, ...]:
        """See ``AuditStore``."""
        rows = self._session.rows("SELECT log, subject FROM decision_gate.audit_holds ORDER BY log, subject", ())
        return tuple(Hold(log=log, subject=subject or None) for log, subject in rows)

    def hold(self, hold: Hold, told: Rider) -> None:
        """See ``AuditStore``."""
        self._session.commit(_HOLD, (hold.log, hold.subject or _WHOLE, *_riding(told)))

    def release(self, hold: Hold, told: Rider) -> None:
        """See ``AuditStore``."""
        self._session.commit(_RELEASE, (hold.log, hold.subject or _WHOLE, *_riding(told)))


def _riding(told: Rider) -> tuple[str, bytes, bytes]:
    return told.kind, told.key.encode(), told.body


def _leaf_rows(placement: Placement) -> Iterator[tuple[Any, ...]]:
    for grown in placement.growths:
        for index, leaf in enumerate(grown.leaves, grown.before):
            yield (
                *(grown.log, index, leaf.key, leaf.entry, leaf.salt, leaf.body),
                *(leaf.event_class.value, leaf.at_ms, leaf.subject),
            )


def _columns(rows: Iterator[tuple[Any, ...]], width: int) -> list[list[Any]]:
    """Return *rows* as the arrays of their columns, which a function takes in one round trip."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    return columns or [[] for _ in range(width)]
