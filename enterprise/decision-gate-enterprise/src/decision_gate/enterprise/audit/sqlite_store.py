"""The audit log in SQLite, in the file of the runs."""
# ruff: noqa: S608 - only constants of this file are put together, every value is a parameter

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

from decision_gate.core.ports import Rider
from decision_gate.enterprise.audit.leaf import AUDIT, DEPLOYMENT, LOG_BYTES, EventClass, ridden_leaf, ridden_log
from decision_gate.enterprise.audit.logs import tenant_log
from decision_gate.enterprise.audit.sqlite_schema import MIGRATIONS
from decision_gate.enterprise.audit.store import Hold, LogGrowth, LogHead, Placement, StoredLeaf, Waiting, cell_of
from decision_gate.mcp.stores.sqlite import Migration, SqliteDatabase

_PAGE: Final = 512
_WHOLE: Final = b""
"""Subject of a hold on a whole log."""

_PUT = "INSERT INTO audit_outbox (log, key, leaf) VALUES (?, ?, ?)"
_LEAF = "SELECT idx, entry, salt, body, key, class, time, subject FROM audit_leaves "
_LEAVES = _LEAF + "WHERE log = ? AND idx >= ? AND idx < ? ORDER BY idx LIMIT ?"
_ABOUT = _LEAF + "WHERE log = ? AND subject = ? ORDER BY idx DESC LIMIT ?"
_STRETCH = (
    "SELECT coalesce(min(idx), 0), coalesce(max(idx) + 1, 0) FROM audit_leaves WHERE log = ? AND time >= ? AND time < ?"
)
# As bytes, whatever somebody put there: nothing may stand before everybody's events for ever.
_KEY = "ifnull(CAST(key AS BLOB), x'')"
_WAITING = (
    f"SELECT seq, CAST(log AS BLOB), {_KEY}, ifnull(CAST(leaf AS BLOB), x'') FROM audit_outbox"
    " WHERE seq > ? ORDER BY seq LIMIT ?"
)
_TAKE = f"DELETE FROM audit_outbox WHERE seq = ? AND {_KEY} = ?"
_NEW_LEAF = (
    "INSERT INTO audit_leaves (log, idx, key, entry, salt, body, class, time, subject)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_NOT_HELD = (
    "NOT EXISTS (SELECT 1 FROM audit_holds h WHERE h.log = l.log AND (h.subject = x'' OR h.subject = l.subject))"
)
_DUE = (
    "SELECT l.idx FROM audit_leaves l WHERE l.log = ? AND l.class = ? AND l.time < ? AND l.body IS NOT NULL"
    f" AND {_NOT_HELD} ORDER BY l.time LIMIT ?"
)
_ERASE = (
    "UPDATE audit_leaves AS l SET key = NULL, salt = NULL, body = NULL"
    f" WHERE l.log = ? AND l.idx = ? AND l.body IS NOT NULL AND {_NOT_HELD}"
)
_ENDLESS: Final = 2**63 - 1


class SqliteOutboxTable:
    """The ``SqliteRiderTable`` of audit: the outbox, and the tables that it is emptied into."""

    @property
    def kind(self) -> str:
        """See ``SqliteRiderTable``."""
        return AUDIT

    @property
    def migrations(self) -> Sequence[Migration]:
        """See ``SqliteRiderTable``."""
        return MIGRATIONS

    def apply(self, connection: sqlite3.Connection, rider: Rider) -> None:
        """Put a leaf into the outbox; one that is there twice gets one place (``Sequencer``)."""
        log = ridden_log(rider.body)
        connection.execute(_PUT, (log, bytes.fromhex(rider.key), rider.body[len(log) :]))


class SqliteAuditStore:
    """See ``AuditStore``."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    def logs(self) -> tuple[bytes, ...]:
        """See ``AuditStore``."""
        # A log under a name that is none is gone under its own, which the root log knows.
        return tuple(log for (log,) in self._rows("SELECT log FROM audit_logs WHERE typeof(log) = 'blob' ORDER BY log"))

    def head(self, log: bytes) -> LogHead:
        """See ``AuditStore``."""
        rows = self._rows("SELECT size, root, note FROM audit_logs WHERE log = ?", log)
        if not rows:
            return LogHead()
        size, root, note = rows[0]
        return LogHead(
            size=cell_of("audit_logs.size", size, int),
            root=cell_of("audit_logs.root", root, bytes),
            note=cell_of("audit_logs.note", note, str),
        )

    def tile(self, log: bytes, level: int, number: int) -> bytes:
        """See ``AuditStore``."""
        rows = self._rows("SELECT hashes FROM audit_tiles WHERE log = ? AND level = ? AND n = ?", log, level, number)
        return cell_of("audit_tiles.hashes", rows[0][0], bytes) if rows else b""

    def leaves(self, log: bytes, start: int = 0, end: int | None = None) -> Iterator[StoredLeaf]:
        """See ``AuditStore``."""
        while page := self._rows(_LEAVES, log, start, _ENDLESS if end is None else end, _PAGE):
            yield from map(StoredLeaf.of_row, page)
            start = page[-1][0] + 1

    def count(self, log: bytes, end: int) -> int:
        """See ``AuditStore``."""
        count: int = self._rows("SELECT count(*) FROM audit_leaves WHERE log = ? AND idx < ?", log, end)[0][0]
        return count

    def about(self, log: bytes, subject: bytes, *, last: int = 1) -> tuple[StoredLeaf, ...]:
        """See ``AuditStore``."""
        return tuple(map(StoredLeaf.of_row, self._rows(_ABOUT, log, subject, last)))

    def stretch(self, log: bytes, from_ms: int, to_ms: int) -> tuple[int, int]:
        """See ``AuditStore``."""
        start, end = self._rows(_STRETCH, log, from_ms, to_ms)[0]
        return start, end

    def waiting(self, after: Waiting | None, limit: int) -> tuple[Waiting, ...]:
        """See ``AuditStore``; first come, first served, whosever they are."""
        rows = self._rows(_WAITING, -1 if after is None else after.seq, limit)
        return tuple(Waiting(seq=seq, leaf=ridden_leaf(_log(log), key, leaf)) for seq, log, key, leaf in rows)

    def waiting_count(self) -> int:
        """See ``AuditStore``."""
        count: int = self._rows("SELECT count(*) FROM audit_outbox")[0][0]
        return count

    def placed(self, log: bytes, keys: Collection[bytes]) -> frozenset[bytes]:
        """See ``AuditStore``."""
        with self._database.reading() as connection:
            known = "SELECT 1 FROM audit_leaves WHERE log = ? AND key = ?"
            return frozenset(key for key in keys if connection.execute(known, (log, key)).fetchone())

    def place(self, placement: Placement) -> bool:
        """See ``AuditStore``."""

        def work(connection: sqlite3.Connection) -> bool:
            if any(_size(connection, growth.log) != growth.before for growth in placement.growths):
                return False
            for growth in placement.growths:
                _extend(connection, growth)
            # With the key, because an outbox that was empty in between counts from 1 again.
            taken = ((each.seq, each.leaf.key) for each in placement.taken)
            connection.executemany(_TAKE, taken)
            return True

        return self._database.write(work)

    def due(self, log: bytes, event_class: EventClass, before_ms: int, limit: int) -> tuple[int, ...]:
        """See ``AuditStore``."""
        return tuple(index for (index,) in self._rows(_DUE, log, event_class.value, before_ms, limit))

    def erase(self, log: bytes, indexes: Sequence[int], told: Rider) -> int:
        """See ``AuditStore``."""

        def work(connection: sqlite3.Connection) -> int:
            erased = sum(connection.execute(_ERASE, (log, index)).rowcount for index in indexes)
            _tell(connection, told)
            return erased

        erased = self._database.write(work)
        self._database.forget_erased()
        return erased

    def holds(self) -> tuple[Hold, ...]:
        """See ``AuditStore``."""
        rows = self._rows("SELECT log, subject FROM audit_holds ORDER BY log, subject")
        return tuple(Hold(log=log, subject=subject or None) for log, subject in rows)

    def hold(self, hold: Hold, told: Rider) -> None:
        """See ``AuditStore``."""
        self._change("INSERT OR IGNORE INTO audit_holds VALUES (?, ?)", hold, told)

    def release(self, hold: Hold, told: Rider) -> None:
        """See ``AuditStore``."""
        self._change("DELETE FROM audit_holds WHERE log = ? AND subject = ?", hold, told)

    def _change(self, statement: str, hold: Hold, told: Rider) -> None:
        def work(connection: sqlite3.Connection) -> None:
            connection.execute(statement, (hold.log, hold.subject or _WHOLE))
            _tell(connection, told)

        self._database.write(work)

    def _rows(self, statement: str, *parameters: object) -> list[Any]:
        with self._database.reading() as connection:
            return connection.execute(statement, parameters).fetchall()


def _log(cell: bytes | None) -> bytes:
    """Return the log of a waiting leaf; the deployment's when it names none, which only a hand can have put there."""
    return cell if cell is not None and len(cell) == LOG_BYTES else tenant_log(DEPLOYMENT)


def _tell(connection: sqlite3.Connection, told: Rider) -> None:
    SqliteOutboxTable().apply(connection, told)


def _size(connection: sqlite3.Connection, log: bytes) -> int:
    row = connection.execute("SELECT size FROM audit_logs WHERE log = ?", (log,)).fetchone()
    return row[0] if row else 0


def _extend(connection: sqlite3.Connection, grown: LogGrowth) -> None:
    log = grown.log
    connection.executemany(
        _NEW_LEAF,
        (
            (log, index, leaf.key, leaf.entry, leaf.salt, leaf.body, leaf.event_class.value, leaf.at_ms, leaf.subject)
            for index, leaf in enumerate(grown.leaves, grown.before)
        ),
    )
    connection.executemany(
        "INSERT OR REPLACE INTO audit_tiles VALUES (?, ?, ?, ?)",
        ((log, tile.level, tile.number, tile.hashes) for tile in grown.growth.tiles),
    )
    connection.execute(
        "INSERT OR REPLACE INTO audit_logs VALUES (?, ?, ?, ?)",
        (log, grown.growth.size, grown.growth.root, grown.note),
    )
