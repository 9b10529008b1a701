"""Back a database file up while servers write to it, and put a backup back in place; both are verified first.

A copy is made beside its target under another name and gets its own name when it is complete, sound and on the disk:
whoever finds the target finds a whole one.
"""

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Final

from decision_gate.core.errors import ConfigurationError, StoreError
from decision_gate.mcp.stores.sqlite.archive import SqliteArchive
from decision_gate.mcp.stores.sqlite.errors import REPORTED, DatabasePathError, translated
from decision_gate.mcp.stores.sqlite.files import synchronise
from decision_gate.mcp.stores.sqlite.verifying import StoreReport, verify_store

_SIDE_FILES: Final = ("-wal", "-shm", "-journal")


class TargetTakenError(ConfigurationError):
    """A copy would overwrite a file, or would stand beside the journal of another database."""

    code = "store_target_taken"

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} is in the way: move it elsewhere first")
        self.path = path


class UnsoundCopyError(StoreError):
    """What was copied does not hold together; ``report`` says where, and nothing was put in place."""

    code = "store_unsound"

    def __init__(self, path: str, report: StoreReport) -> None:
        super().__init__(f"{path} is not sound: {report.problems[0]}")
        self.report = report


def back_up(source: Path, target: Path) -> StoreReport:
    """Copy the database *source*, as of one moment, to the new file *target*, and verify the copy.

    Servers may go on writing to *source*. The copy is one file without side files, readable for its owner alone. What
    was erased from *source* before is not in it; what is erased later is.

    Raises:
        TargetTakenError: *target* exists.
        UnsoundCopyError: *source* is damaged; there is no *target* then.
        DatabasePathError, ForeignDatabaseError, StoreUnavailableError: *source* cannot be read, or *target* not made.
    """
    for path in (target, *(Path(f"{target}{suffix}") for suffix in _SIDE_FILES)):
        if path.exists():
            raise TargetTakenError(str(path))
    folder = target.absolute().parent
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=folder)
        os.close(descriptor)
    except OSError as error:
        raise DatabasePathError(str(target), error.strerror or "unknown") from error
    made = Path(name)
    try:
        _copy(SqliteArchive(source), made)
        report = verify_store(SqliteArchive(made))
        if not report.is_sound:
            raise UnsoundCopyError(str(source), report)
        _settle(made, target)
    finally:
        for path in (made, *(Path(f"{made}{suffix}") for suffix in _SIDE_FILES)):
            path.unlink(missing_ok=True)
    return report


def restore(backup: Path, target: Path) -> StoreReport:
    """Put the verified content of *backup* into the new file *target*; stop the server that used *target* first.

    Raises:
        TargetTakenError: *target*, or a side file of the database that was there, still exists.
        UnsoundCopyError: *backup* is damaged; there is no *target* then.
        DatabasePathError, ForeignDatabaseError, StoreUnavailableError: *backup* cannot be read, or *target* not made.
    """
    return back_up(backup, target)


def _copy(source: SqliteArchive, made: Path) -> None:
    with source.reading() as connection:
        try:
            with closing(sqlite3.connect(made, isolation_level=None)) as copy:
                # All pages in one step: a read transaction, which in WAL mode holds nobody up.
                connection.backup(copy)
                # Back to a single file; whoever opens it as a store chooses its own journal again.
                copy.execute("PRAGMA journal_mode = DELETE").fetchall()
        except REPORTED as error:
            raise translated(error) from error


def _settle(made: Path, target: Path) -> None:
    """Give the finished copy its name, durably; never over a file that came meanwhile."""
    descriptor = os.open(made, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        os.link(made, target)
    except FileExistsError as error:
        raise TargetTakenError(str(target)) from error
    synchronise(target.absolute().parent)
