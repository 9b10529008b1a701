"""A file system that keeps what was synchronised and forgets the rest when it dies.

``python lossy_disk.py STORE MOUNT``: written bytes live in this process until ``fsync`` puts them below STORE; killing
the process is the loss of power. Names (create, rename, remove) are kept at once, so it loses less than a cruel disk,
never more than a real one may.
"""

import os
import sys
from pathlib import Path
from typing import Any

import mfusepy


class LossyDisk(mfusepy.Operations):  # type: ignore[misc] # mfusepy has no types
    """Passes names through and holds content back."""

    use_ns = True

    def __init__(self, store: Path) -> None:
        self._store = store
        self._content: dict[str, bytearray] = {}
        self._unsafe: set[str] = set()

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
        """Return what is known about a name."""
        del fh
        try:
            found = os.lstat(self._real(path))
        except OSError as error:
            raise mfusepy.FuseOSError(error.errno) from None
        names = ("st_mode", "st_nlink", "st_uid", "st_gid", "st_ino", "st_dev")
        known: dict[str, Any] = {name: getattr(found, name) for name in names}
        known |= {"st_atime": found.st_atime_ns, "st_mtime": found.st_mtime_ns, "st_ctime": found.st_ctime_ns}
        known["st_size"] = len(self._content[path]) if path in self._content else found.st_size
        return known

    def readdir(self, path: str, fh: int) -> list[str]:
        """List a folder."""
        del fh
        return [".", "..", *(entry.name for entry in self._real(path).iterdir())]

    def create(self, path: str, mode: int, fi: Any = None) -> int:  # noqa: ANN401 - of the library
        """Make a file."""
        del fi
        os.close(os.open(self._real(path), os.O_RDWR | os.O_CREAT, mode))
        return 0

    def open(self, path: str, flags: int) -> int:
        """Open a file."""
        del path, flags
        return 0

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        """Read what was written, safe or not."""
        del fh
        return bytes(self._bytes(path)[offset : offset + size])

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        """Remember *data*."""
        del fh
        content = self._bytes(path)
        if offset > len(content):
            content.extend(bytes(offset - len(content)))
        content[offset : offset + len(data)] = data
        self._unsafe.add(path)
        return len(data)

    def truncate(self, path: str, length: int, fh: int | None = None) -> int:
        """Remember a new length."""
        del fh
        content = self._bytes(path)
        del content[length:]
        content.extend(bytes(length - len(content)))
        self._unsafe.add(path)
        return 0

    def fsync(self, path: str, datasync: int, fh: int) -> int:
        """Make what was written safe."""
        del datasync, fh
        if path in self._unsafe:
            self._real(path).write_bytes(self._content[path])
            self._unsafe.remove(path)
        return 0

    def fsyncdir(self, path: str, datasync: int, fh: int) -> int:
        """Do nothing: names are safe."""
        del path, datasync, fh
        return 0

    def flush(self, path: str, fh: int) -> int:
        """Do nothing: closing makes nothing safe."""
        del path, fh
        return 0

    def release(self, path: str, fh: int) -> int:
        """Do nothing."""
        del path, fh
        return 0

    def unlink(self, path: str) -> None:
        """Remove a name."""
        self._content.pop(path, None)
        self._unsafe.discard(path)
        self._real(path).unlink()

    def link(self, target: str, source: str) -> None:
        """Give an empty file, as a program makes one before it fills it, a second name."""
        os.link(self._real(source), self._real(target))

    def rename(self, old: str, new: str) -> None:
        """Rename a file."""
        self._real(old).rename(self._real(new))
        if old in self._content:
            self._content[new] = self._content.pop(old)
        if old in self._unsafe:
            self._unsafe.remove(old)
            self._unsafe.add(new)

    def mkdir(self, path: str, mode: int) -> None:
        """Make a folder."""
        self._real(path).mkdir(mode)

    def rmdir(self, path: str) -> None:
        """Remove a folder."""
        self._real(path).rmdir()

    def chmod(self, path: str, mode: int) -> None:
        """Change the mode."""
        self._real(path).chmod(mode)

    def chown(self, path: str, uid: int, gid: int) -> None:
        """Keep the owner."""

    def utimens(self, path: str, times: Any = None) -> None:  # noqa: ANN401 - of the library
        """Keep the times."""

    def _real(self, path: str) -> Path:
        return self._store / path.lstrip("/")

    def _bytes(self, path: str) -> bytearray:
        if path not in self._content:
            self._content[path] = bytearray(self._real(path).read_bytes())
        return self._content[path]


if __name__ == "__main__":
    mfusepy.FUSE(LossyDisk(Path(sys.argv[1])), sys.argv[2], foreground=True, nothreads=True, attr_timeout=0)
