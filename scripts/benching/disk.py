"""The disk's own price of durability, as the unit of everything durable: 4 KiB appended and synchronised."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BLOCK = bytes(range(256)) * 16


@contextmanager
def scratch() -> Iterator[Path]:
    """Yield a folder for databases; on the disk of ``TMPDIR``, which must be a disk for the figures to mean much."""
    with tempfile.TemporaryDirectory(prefix="decision-gate-bench-") as folder:
        yield Path(folder)


class DiskAppend:
    """Appends one block to a file of its own and makes it durable, at every call."""

    def __init__(self, folder: Path) -> None:
        self._file = os.open(folder / "append", os.O_WRONLY | os.O_CREAT, 0o600)
        self._at = 0

    def __call__(self) -> None:
        """Append and synchronise."""
        os.pwrite(self._file, BLOCK, self._at)
        self._at += len(BLOCK)
        os.fdatasync(self._file)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)
