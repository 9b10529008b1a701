"""The database file itself: made durably, for its owner alone, and recognised later."""

import os
import stat
import tempfile
from pathlib import Path

from decision_gate.core.ports import StoreUnavailableError
from decision_gate.mcp.stores.sqlite.errors import DatabasePathError


def ensure_file(path: Path) -> None:
    """Make an empty file and the folders above it when they are missing, readable for their owner alone.

    Raises:
        DatabasePathError: It cannot be made, or is no file.
    """
    try:
        for folder in reversed([folder for folder in path.absolute().parents if not folder.exists()]):
            folder.mkdir(mode=0o700, exist_ok=True)
            synchronise(folder.parent)
        if not path.exists():
            _make(path.absolute())
        if not stat.S_ISREG(path.stat().st_mode):
            raise DatabasePathError(str(path), "not a file")
    except OSError as error:
        raise DatabasePathError(str(path), error.strerror or "unknown") from error


def identity(path: Path) -> tuple[int, int]:
    """Return what tells the file at *path* from any other that may stand there later.

    Raises:
        StoreUnavailableError: There is none.
    """
    try:
        found = os.stat(path)  # noqa: PTH116 - asked for at every commit; Path.stat costs more than the question
    except OSError as error:
        raise StoreUnavailableError(f"the database file is gone ({error.strerror})") from error
    return found.st_dev, found.st_ino


def _make(path: Path) -> None:
    # Never open and close the database file itself: closing any descriptor of it gives up all locks that connections of
    # this process hold on it.
    descriptor, made = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    os.close(descriptor)
    try:
        os.link(made, path)
    except FileExistsError:
        return
    finally:
        os.unlink(made)  # noqa: PTH108 - a name, not a path of ours
    synchronise(path.parent)


def synchronise(folder: Path) -> None:
    """Make the names in *folder* durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
