"""Read and list files below one root, and nothing else (contract §1.4).

A path is first resolved as the operating system does (links and ``..`` are followed, so ``sub/../a.json`` and
a link that stays inside are fine) and refused when the result is not below the root. The resolved path is
then opened name by name from the root's own descriptor, refusing links: whatever somebody exchanges between
the two steps, no byte from outside is read.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs

from decision_gate.core.errors import ConfigurationError
from decision_gate.mcp.evidence.rooted_errors import (
    AbsolutePathForbiddenError,
    FileNotFoundBelowRootError,
    FileOpenFailedError,
    FileReadFailedError,
    PathInvalidError,
    PathMissingError,
    PathOutsideRootError,
    SizeLimitExceededError,
)

MAX_ROOT_ID_LENGTH = 64

_ROOT_ID_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_")
_CHUNK_BYTES = 1 << 20
OPEN_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: opening a pipe must not wait for somebody to write into it.
_OPEN_FILE = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC


class RootedFilesSettingError(ConfigurationError):
    """The root of a file provider cannot be used as configured."""

    code = "rooted_files_invalid"

    def __init__(self, text: str) -> None:
        super().__init__(f"init error: evidence provider error: {text}")


@attrs.frozen(kw_only=True)
class RootedFile:
    """What was read.

    Attributes:
        content: all bytes of the file.
        relative_path: its path below the root, links resolved, with forward slashes.
    """

    content: bytes
    relative_path: str


class RootedFiles:
    """Files below ``root``.

    Args:
        root: the folder; relative ones are taken from the working directory, links resolved, both once.
        root_id: stands for the root in references, so that they do not show where the server keeps its files.
        max_bytes: longest file that is read.
        provider_id: whose files they are; only words the messages.

    Raises:
        RootedFilesSettingError: the root is no folder, or its id is not 1 to 64 of ``a-z 0-9 - _``.
    """

    def __init__(self, root: Path, root_id: str, max_bytes: int, *, provider_id: str = "json") -> None:
        if not root_id:
            raise RootedFilesSettingError(f"{provider_id} provider requires config.root_id")
        if len(root_id) > MAX_ROOT_ID_LENGTH:
            raise RootedFilesSettingError(f"{provider_id} provider root_id exceeds {MAX_ROOT_ID_LENGTH} characters")
        if not _ROOT_ID_CHARACTERS.issuperset(root_id):
            raise RootedFilesSettingError(f"{provider_id} provider root_id must be lowercase ascii, digits, '-' or '_'")
        try:
            self._root = root.resolve(strict=True)
        except (OSError, RuntimeError) as error:
            raise RootedFilesSettingError(
                f"{provider_id} provider root does not exist: {root.absolute()}; make that folder, or name another"
            ) from error
        if not self._root.is_dir():
            raise RootedFilesSettingError(f"{provider_id} provider root is not a directory")
        self._max_bytes = max_bytes
        self._words = f"{provider_id} file"
        self.root_id = root_id

    def uri(self, relative_path: str) -> str:
        """Return the reference of a file below this root."""
        return f"dg+file://{self.root_id}/{relative_path}"

    def read(self, path: str) -> RootedFile:
        """Read a file whole.

        Raises:
            RootedFileError: one of its kinds, for every way in which this can fail.
        """
        relative = self._resolve(path)
        with self._opened(path, relative) as descriptor:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise FileReadFailedError(f"unable to read {self._words}", relative_path=relative)
            try:
                content = _read_up_to(descriptor, self._max_bytes + 1)
            except OSError as error:
                raise FileReadFailedError(f"unable to read {self._words}", relative_path=relative) from error
        if len(content) > self._max_bytes:
            raise SizeLimitExceededError(
                f"{self._words} exceeds size limit",
                details={"file": path, "max_bytes": self._max_bytes, "actual_bytes": len(content)},
                relative_path=relative,
            )
        return RootedFile(content=content, relative_path=relative)

    @contextmanager
    def open_root(self) -> Iterator[int]:
        """Open the root folder for walking; the descriptor is closed at the end.

        Raises:
            FileNotFoundBelowRootError: the root is gone.
        """
        try:
            descriptor = os.open(self._root, OPEN_DIRECTORY)
        except OSError as error:
            raise FileNotFoundBelowRootError(f"unable to resolve {self._words}") from error
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def check_relative(self, path: str) -> None:
        """Refuse a path that is empty or begins at the file system's root.

        Raises:
            PathMissingError: it is empty.
            AbsolutePathForbiddenError: it is absolute.
        """
        if not path:
            raise PathMissingError(f"{self._words} path is empty")
        if Path(path).is_absolute():
            raise AbsolutePathForbiddenError(
                f"{self._words} path must be relative to the configured root", details={"file": path}
            )

    def _resolve(self, path: str) -> str:
        self.check_relative(path)
        joined = os.path.join(self._root, path)  # noqa: PTH118 - a last slash demands a folder, pathlib drops it
        try:
            os.stat(joined)  # noqa: PTH116 - realpath takes "a.json/.." for a folder, the system does not
            resolved = os.path.realpath(joined, strict=True)
        except (OSError, ValueError) as error:
            raise FileNotFoundBelowRootError(f"unable to resolve {self._words}", details={"file": path}) from error
        try:
            relative = Path(resolved).relative_to(self._root).as_posix()
        except ValueError as error:
            raise self._outside(path) from error
        if relative == ".":
            raise PathInvalidError(f"{self._words} path resolves to empty path")
        try:
            relative.encode("utf-8")
        except UnicodeEncodeError as error:
            raise PathInvalidError(f"{self._words} path contains invalid components") from error
        return relative

    def _outside(self, path: str) -> PathOutsideRootError:
        return PathOutsideRootError(f"{self._words} path escapes root", details={"file": path})

    @contextmanager
    def _opened(self, path: str, relative: str) -> Iterator[int]:
        """Open a resolved path name by name, following no link."""
        *folders, name = relative.split("/")
        with self.open_root() as root:
            descriptor = os.dup(root)
            try:
                for folder in folders:
                    descriptor = _exchange(descriptor, os.open(folder, OPEN_DIRECTORY, dir_fd=descriptor))
                descriptor = _exchange(descriptor, os.open(name, _OPEN_FILE, dir_fd=descriptor))
            except OSError as error:
                os.close(descriptor)
                raise self._open_failure(error, path, relative) from error
            try:
                yield descriptor
            finally:
                os.close(descriptor)

    def _open_failure(self, error: OSError, path: str, relative: str) -> Exception:
        message = f"unable to open {self._words}"
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            return self._outside(path)  # resolved without links a moment ago: exchanged since
        if error.errno == errno.ENOENT:
            return FileNotFoundBelowRootError(message, details={"file": path}, relative_path=relative)
        return FileOpenFailedError(message, relative_path=relative)


def _exchange(old: int, new: int) -> int:
    os.close(old)
    return new


def _read_up_to(descriptor: int, limit: int) -> bytes:
    chunks: list[bytes] = []
    left = limit
    while left > 0 and (chunk := os.read(descriptor, min(left, _CHUNK_BYTES))):
        chunks.append(chunk)
        left -= len(chunk)
    return b"".join(chunks)
