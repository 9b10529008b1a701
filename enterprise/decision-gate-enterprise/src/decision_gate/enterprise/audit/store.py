"""What the audit log needs of a database: an outbox that commits fill, and logs that only one writer at a time extends.

Both engines keep the same tables. The outbox takes a leaf in the transaction of what it tells of and costs one insert;
``place`` moves leaves into their logs, by compare-and-swap on the sizes of the logs, all of them or none.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from types import NoneType
from typing import Any, Final, Protocol, TypeVar

import attrs

from decision_gate.core.ports import Rider, StoreCorruptError
from decision_gate.enterprise.audit.leaf import AuditLeaf, EventClass
from decision_gate.enterprise.audit.tlog import EMPTY_ROOT, Growth

_T = TypeVar("_T")


@attrs.frozen(kw_only=True)
class LogHead:
    """Where a log stands. *note* is its signed checkpoint, none before its first entry."""

    size: int = 0
    root: bytes = EMPTY_ROOT
    note: str | None = None


@attrs.frozen(kw_only=True)
class Waiting:
    """A leaf in the outbox, and its place there."""

    seq: int
    leaf: AuditLeaf


@attrs.frozen(kw_only=True)
class StoredLeaf:
    """An entry in its place. Salt and body are none where there never was one, or it was erased.

    *key*, *event_class*, *at_ms* and *subject* are what it is found by (``NewLeaf``); the entry says the same.
    """

    index: int
    entry: bytes
    salt: bytes | None = None
    body: bytes | None = None
    key: bytes | None = None
    event_class: str = EventClass.OTHER.value
    at_ms: int = 0
    subject: bytes | None = None

    @classmethod
    def of_row(cls, row: Sequence[Any]) -> "StoredLeaf":
        """Return the leaf in a row of the database, whose columns come in the order of the attributes.

        Raises:
            StoreCorruptError: A cell is not of its kind: whoever has the database can put anything anywhere.
        """
        for name, cell, kinds in zip(_LEAF_CELLS, row, _LEAF_CELLS.values(), strict=True):
            if not isinstance(cell, kinds):
                place = f" of entry {row[0]}" if isinstance(row[0], int) else ""
                raise StoreCorruptError(f"audit_leaves.{name}{place} is no {kinds[0].__name__}")
        index, entry, salt, body, key, event_class, at_ms, subject = row
        return cls(
            index=index,
            entry=entry,
            salt=salt,
            body=body,
            key=key,
            event_class=event_class,
            at_ms=at_ms,
            subject=subject,
        )


_LEAF_CELLS: Final[Mapping[str, tuple[type, ...]]] = {
    "idx": (int,),
    "entry": (bytes,),
    "salt": (bytes, NoneType),
    "body": (bytes, NoneType),
    "key": (bytes, NoneType),
    "class": (str,),
    "time": (int,),
    "subject": (bytes, NoneType),
}


def cell_of(name: str, cell: Any, kind: type[_T]) -> _T:  # noqa: ANN401 - whatever a cell holds
    """Return a cell that must be of *kind*. Raise ``StoreCorruptError`` with its *name* when it is not."""
    if not isinstance(cell, kind):
        raise StoreCorruptError(f"{name} is no {kind.__name__}")
    return cell


@attrs.frozen(kw_only=True)
class NewLeaf:
    """An entry that gets a place, and what it is found by.

    Attributes:
        key: Makes it unique in its log; none needs to be.
        event_class: Which retention period is its own.
        at_ms: When its event happened.
        subject: What else it is found by: its run, in the root log the origin.
    """

    entry: bytes
    key: bytes | None = None
    salt: bytes | None = None
    body: bytes | None = None
    event_class: EventClass = EventClass.OTHER
    at_ms: int = 0
    subject: bytes | None = None


@attrs.frozen(kw_only=True)
class LogGrowth:
    """A log that grows from *before* entries."""

    log: bytes
    before: int
    leaves: tuple[NewLeaf, ...]
    growth: Growth
    note: str


@attrs.frozen(kw_only=True)
class Placement:
    """What one round of sequencing writes; *taken* leaves the outbox."""

    growths: tuple[LogGrowth, ...]
    taken: tuple[Waiting, ...]


@attrs.frozen(kw_only=True)
class Hold:
    """A legal hold: on a whole log, or with *subject* on what is found by it."""

    log: bytes
    subject: bytes | None = None


class AuditStore(Protocol):
    """The audit log in one database. Safe for many threads and for many servers on one database.

    Every method raises ``StoreUnavailableError`` when the database does not answer, and ``StoreCorruptError`` when what
    it reads is not of the kind that is kept there.
    """

    def logs(self) -> tuple[bytes, ...]:
        """Return the keys of all logs that have an entry, in order."""
        ...

    def head(self, log: bytes) -> LogHead:
        """Return where a log stands; an unknown one is empty."""
        ...

    def tile(self, log: bytes, level: int, number: int) -> bytes:
        """Return the hashes of a tile, none when it is not there."""
        ...

    def leaves(self, log: bytes, start: int = 0, end: int | None = None) -> Iterator[StoredLeaf]:
        """Yield the entries that are there from *start* to before *end*, by index, in constant memory.

        It looks at nothing else: rows missing in between or behind the head come as they are.
        """
        ...

    def count(self, log: bytes, end: int) -> int:
        """Return how many entries there are before *end*; as many as that, unless some have one place or none."""
        ...

    def about(self, log: bytes, subject: bytes, *, last: int = 1) -> tuple[StoredLeaf, ...]:
        """Return the *last* entries found by *subject*, newest first."""
        ...

    def stretch(self, log: bytes, from_ms: int, to_ms: int) -> tuple[int, int]:
        """Return start and end of the shortest stretch with all events from one time to before another; 0, 0 if none.

        Events get their places in the order of their commits, which is nearly that of their times.
        """
        ...

    def waiting(self, after: Waiting | None, limit: int) -> tuple[Waiting, ...]:
        """Return leaves that have no place yet, those of each log in the order they came.

        With *after*, the last one of an answer that was full, it goes on behind it, and may leave out others of its
        log. Whoever goes on until an answer is not full has met every log that had leaves when it began.
        """
        ...

    def waiting_count(self) -> int:
        """Return how many leaves have no place yet."""
        ...

    def placed(self, log: bytes, keys: Collection[bytes]) -> frozenset[bytes]:
        """Return those of *keys* that have a place already."""
        ...

    def place(self, placement: Placement) -> bool:
        """Write a round of sequencing, durably; false and nothing written when one of the logs has another size."""
        ...

    def due(self, log: bytes, event_class: EventClass, before_ms: int, limit: int) -> tuple[int, ...]:
        """Return the indexes of bodies of events before a time that no hold protects."""
        ...

    def erase(self, log: bytes, indexes: Sequence[int], told: Rider) -> int:
        """Forget salt, key and body of entries that no hold protects, tell of it, and return how many there were."""
        ...

    def holds(self) -> tuple[Hold, ...]:
        """Return the legal holds."""
        ...

    def hold(self, hold: Hold, told: Rider) -> None:
        """Set a legal hold, once, and tell of it."""
        ...

    def release(self, hold: Hold, told: Rider) -> None:
        """Lift a legal hold, if it is there, and tell of it."""
        ...
