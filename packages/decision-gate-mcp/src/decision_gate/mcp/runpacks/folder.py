"""One folder on the disk, walked by descriptors (contract §9.3, deviation X4).

Every component is opened relative to its parent and never through a symbolic link, so that nobody can swap a folder
for a link between the check and the write. Files appear whole or not at all.
"""

import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from decision_gate.core.ports import ArtifactError
from decision_gate.mcp.runpacks.roots import check_path_length

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_CHUNK_BYTES = 262_144
_FOLDER_MODE = 0o777
_FILE_MODE = 0o666


class Folder:
    """An open folder; files below it are named by relative paths with ``/``."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def write(self, path: str, chunks: Iterable[bytes], *, what: str = "artifact") -> None:
        """Write one file, replacing an earlier one of this name.

        Args:
            path: Relative path; its folders are made.
            chunks: The content.
            what: ``artifact`` or ``manifest``, for the refusal.

        Raises:
            ArtifactError: The path is no relative path below this folder, or the file cannot be written.
        """
        *folders, name = relative_parts(path)
        with self._parent(folders, create=what) as parent:
            temporary = f".{secrets.token_hex(8)}.tmp"
            try:
                self._write_new(parent, temporary, chunks)
                os.replace(temporary, name, src_dir_fd=parent, dst_dir_fd=parent)
                os.fsync(parent)
            except BaseException as error:
                with suppress(OSError):
                    os.unlink(temporary, dir_fd=parent)
                if isinstance(error, OSError):
                    raise ArtifactError(f"unable to write {what}") from error
                raise

    def remove(self, path: str) -> None:
        """Remove one file; nothing happens when it is not there.

        Raises:
            ArtifactError: The path is no relative path below this folder, or the file cannot be removed.
        """
        *folders, name = relative_parts(path)
        with self._parent(folders) as parent:
            try:
                os.unlink(name, dir_fd=parent)
            except FileNotFoundError:
                return
            except OSError as error:
                raise ArtifactError("unable to write artifact") from error

    def chunks(self, path: str) -> Iterator[bytes]:
        """Yield the content of one file.

        Raises:
            ArtifactError: The path is no relative path below this folder, or the file cannot be read.
        """
        *folders, name = relative_parts(path)
        with self._parent(folders) as parent:
            try:
                descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK, dir_fd=parent)
            except OSError as error:
                raise ArtifactError("unable to read artifact metadata") from error
            try:
                file = open(descriptor, "rb", buffering=0)  # noqa: PTH123, SIM115 - a descriptor has no path; see below
            except OSError as error:  # a folder, which can be opened and not read
                os.close(descriptor)
                raise ArtifactError("unable to read artifact") from error
            with file:
                yield from _read(file.read)

    def paths(self, below: str) -> frozenset[str]:
        """Return the path of every file below a sub-folder; empty when there is none.

        Raises:
            ArtifactError: The folder cannot be listed.
        """
        found: set[str] = set()
        try:
            for place, _, names, _ in os.fwalk(below, dir_fd=self._descriptor, onerror=_refuse):
                found.update(f"{place}/{name}" for name in names)
        except FileNotFoundError:
            return frozenset()
        except OSError as error:
            raise ArtifactError("unable to read artifact metadata") from error
        return frozenset(found)

    def _write_new(self, parent: int, name: str, chunks: Iterable[bytes]) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(name, flags, _FILE_MODE, dir_fd=parent)
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor has no path
            file.writelines(chunks)
            file.flush()
            os.fsync(descriptor)

    @contextmanager
    def _parent(self, folders: list[str], *, create: str = "") -> Iterator[int]:
        """Open the folder that holds a file, step by step; ``create`` names what it is made for."""
        current = os.dup(self._descriptor)
        try:
            for folder in folders:
                if create:
                    _make(folder, current, create)
                following = _step(folder, current)
                os.close(current)
                current = following
            yield current
        finally:
            os.close(current)


@contextmanager
def open_folder(path: Path, *, root: Path | None = None, create: bool = False) -> Iterator[Folder]:
    """Open a folder.

    Args:
        path: The folder, links resolved when ``root`` is given.
        root: Folder from which the way is walked without following links; the file system's own way when absent.
        create: Whether missing folders are made.

    Raises:
        ArtifactError: It does not exist, is no folder, or a link stands where none stood before.
    """
    start = root if root is not None else path
    try:
        if create:
            start.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(start, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise ArtifactError("unable to resolve runpack root") from error
    try:
        for part in path.relative_to(start).parts:
            if create:
                _make(part, descriptor, "artifact")
            try:
                following = os.open(part, _DIRECTORY, dir_fd=descriptor)
            except OSError as error:
                raise ArtifactError("unable to resolve runpack root") from error
            os.close(descriptor)
            descriptor = following
        yield Folder(descriptor)
    finally:
        os.close(descriptor)


def relative_parts(path: str) -> list[str]:
    """Split a relative path. Raise ``ArtifactError`` where it is absolute, climbs, or names no file (contract §9.3)."""
    check_path_length(path)
    if path.startswith("/"):
        raise ArtifactError("absolute artifact path not allowed")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts or "\0" in path:
        raise ArtifactError("artifact path escapes runpack root")
    if not parts:
        raise ArtifactError("artifact path missing filename")
    return parts


def _make(folder: str, parent: int, what: str) -> None:
    try:
        os.mkdir(folder, _FOLDER_MODE, dir_fd=parent)
    except FileExistsError:
        return
    except OSError as error:
        raise ArtifactError(f"unable to create {what} directory") from error


def _step(folder: str, parent: int) -> int:
    try:
        return os.open(folder, _DIRECTORY, dir_fd=parent)
    except OSError as error:
        raise ArtifactError("unable to resolve artifact path") from error


def _refuse(error: OSError) -> None:
    raise error


def _read(read: Callable[[int], bytes | None]) -> Iterator[bytes]:
    try:
        while chunk := read(_CHUNK_BYTES):
            yield chunk
    except OSError as error:
        raise ArtifactError("unable to read artifact") from error
