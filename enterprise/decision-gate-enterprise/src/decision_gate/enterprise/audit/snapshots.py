"""Snapshots: signed checkpoints kept where who can rewrite the database cannot rewrite them.

A snapshot is made once and never changed. It is what a cut tail, an old copy of the database and a forked log are
noticed by; a log that is only compared with itself shows none of them.
"""

import contextlib
import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, Protocol

from decision_gate.core.ports import StoreUnavailableError
from decision_gate.enterprise.audit.errors import LogTamperedError, SnapshotTakenError
from decision_gate.enterprise.audit.logs import ROOT, LogNames
from decision_gate.enterprise.audit.store import AuditStore
from decision_gate.enterprise.audit.tlog import Checkpoint, LogVerifier, TileMissingError, Tree, open_checkpoint

_SIZE_DIGITS: Final = 20


class SnapshotStore(Protocol):
    """A place for snapshots. Every method raises ``StoreUnavailableError`` when it cannot be reached."""

    def put(self, origin: str, size: int, note: str) -> None:
        """Keep the note of a log at a size, durably, unless this very one is there.

        Raises:
            SnapshotTakenError: Another one is there.
        """
        ...

    def sizes(self, origin: str) -> tuple[int, ...]:
        """Return at which sizes a log has snapshots, ascending."""
        ...

    def get(self, origin: str, size: int) -> str:
        """Return one note."""
        ...


class SnapshotFolder:
    """Snapshots as files ``<sha256 of the origin>/checkpoint/<size with 20 digits>`` of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, origin: str, size: int, note: str) -> None:
        """See ``SnapshotStore``."""
        place = self._place(origin)
        path = place / f"{size:0{_SIZE_DIGITS}d}"
        part = place / f".{path.name}.{os.getpid()}"
        try:
            place.mkdir(parents=True, exist_ok=True)
            with part.open("w", encoding="utf-8", newline="\n") as file:
                file.write(note)
                file.flush()
                os.fsync(file.fileno())
            # A link is made whole or not at all, and never over another.
            try:
                with contextlib.suppress(FileExistsError):
                    path.hardlink_to(part)
            finally:
                part.unlink()
            _sync(place)
        except OSError as error:
            raise StoreUnavailableError(f"{place}: {error.strerror}") from error
        if self.get(origin, size).partition("\n\n")[0] != note.partition("\n\n")[0]:
            raise SnapshotTakenError(origin, size)

    def sizes(self, origin: str) -> tuple[int, ...]:
        """See ``SnapshotStore``."""
        place = self._place(origin)
        try:
            names = [path.name for path in place.iterdir()] if place.is_dir() else []
        except OSError as error:
            raise StoreUnavailableError(f"{place}: {error.strerror}") from error
        return tuple(sorted(int(name) for name in names if name.isdecimal()))

    def get(self, origin: str, size: int) -> str:
        """See ``SnapshotStore``."""
        path = self._place(origin) / f"{size:0{_SIZE_DIGITS}d}"
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            raise StoreUnavailableError(f"{path} cannot be read") from error

    def _place(self, origin: str) -> Path:
        return self._folder / hashlib.sha256(origin.encode()).hexdigest() / "checkpoint"


def publish(store: AuditStore, names: LogNames, snapshots: SnapshotStore, logs: Iterable[bytes]) -> int:
    """Keep the checkpoints that *logs* have now; return how many.

    Raises:
        SnapshotTakenError: One of them contradicts a snapshot.
        StoreUnavailableError: Database or snapshots cannot be reached.
    """
    kept = 0
    for log in logs:
        head = store.head(log)
        if head.note is not None:
            snapshots.put(names.origin(log), head.size, head.note)
            kept += 1
    return kept


def kept_checkpoints(snapshots: SnapshotStore, origin: str, verifiers: Sequence[LogVerifier]) -> tuple[Checkpoint, ...]:
    """Return all snapshots of a log, ascending by size.

    Raises:
        LogFormatError: One of them is no checkpoint.
        UntrustedNoteError: One of them is not signed by *verifiers*.
    """
    return tuple(open_checkpoint(snapshots.get(origin, size), verifiers) for size in snapshots.sizes(origin))


def demand_continuation(store: AuditStore, names: LogNames, snapshots: SnapshotStore) -> None:
    """Refuse a database whose root log does not continue the newest snapshot of it: an old copy, or a forked one.

    The root log holds the checkpoints of all logs, so the one comparison stands for all of them.

    Raises:
        LogTamperedError: It does not.
        LogFormatError: The snapshot is no checkpoint.
        UntrustedNoteError: The snapshot is not signed by our keys.
    """
    origin = names.origin(ROOT)
    sizes = snapshots.sizes(origin)
    if not sizes:
        return
    kept = open_checkpoint(snapshots.get(origin, sizes[-1]), names.verifiers(ROOT))
    head = store.head(ROOT)
    if head.size < kept.size:
        raise LogTamperedError(
            origin, f"the database ends after {head.size} entries, a snapshot has {kept.size}: it is an old copy"
        )
    try:
        root = Tree(lambda level, number: store.tile(ROOT, level, number)).root(kept.size)
    except TileMissingError as error:
        raise LogTamperedError(origin, str(error)) from error
    if root != kept.root:
        raise LogTamperedError(origin, f"its first {kept.size} entries are not those of a snapshot: it has forked")


def _sync(folder: Path) -> None:
    """Make the names of a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
