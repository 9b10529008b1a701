"""List the files below a root whose paths fit a pattern (used by the ``report`` provider)."""

import os
import stat
from collections.abc import Iterator

import attrs

from decision_gate.mcp.evidence.glob_pattern import GlobPattern, parse_glob
from decision_gate.mcp.evidence.rooted_errors import FileOpenFailedError, SizeLimitExceededError
from decision_gate.mcp.evidence.rooted_files import OPEN_DIRECTORY, RootedFiles

MAX_NAMES = 100_000
"""Names that one listing may look at."""

MAX_DEPTH = 64
"""Folders below the root that a listing goes down."""


def list_files(files: RootedFiles, pattern: str) -> tuple[str, ...]:
    """Return the paths of all files below the root that fit ``pattern``, sorted; none fitting is an empty tuple.

    Links to folders are not followed, so a listing neither leaves the root nor runs in circles. A link to
    anything else is listed under its own name, and ``RootedFiles.read`` judges where it leads. Folders that
    could hold a match and cannot be listed are an error: a report must not disappear by taking away a
    permission.

    Raises:
        GlobPatternError: the pattern contains ``..`` or too many parts.
        PathMissingError: it is empty.
        AbsolutePathForbiddenError: it is absolute.
        FileNotFoundBelowRootError: the root is gone.
        FileOpenFailedError: a folder cannot be listed.
        SizeLimitExceededError: more than ``MAX_NAMES`` names or ``MAX_DEPTH`` folders were met.
    """
    files.check_relative(pattern)
    glob = parse_glob(pattern)
    with files.open_root() as root:
        return tuple(sorted(_Walk(glob, MAX_NAMES).files(root, "", glob.start())))


@attrs.define
class _Walk:
    glob: GlobPattern
    names_left: int

    def files(self, folder: int, prefix: str, states: frozenset[int]) -> Iterator[str]:
        if prefix.count("/") > MAX_DEPTH:
            raise SizeLimitExceededError(f"folders nest deeper than {MAX_DEPTH}")
        for entry in self._entries(folder, prefix):
            reached = self.glob.after(states, entry.name)
            if not reached:
                continue
            path = prefix + entry.name
            if entry.is_dir(follow_symlinks=False):
                yield from self._below(folder, entry.name, path, reached)
            elif self.glob.accepts(reached) and _is_file_or_link(folder, entry):
                yield path

    def _below(self, folder: int, name: str, path: str, states: frozenset[int]) -> Iterator[str]:
        try:
            inner = os.open(name, OPEN_DIRECTORY, dir_fd=folder)
        except OSError as error:
            raise _cannot_list(path) from error
        try:
            yield from self.files(inner, f"{path}/", states)
        finally:
            os.close(inner)

    def _entries(self, folder: int, prefix: str) -> "list[os.DirEntry[str]]":
        try:
            with os.scandir(folder) as found:
                entries: list[os.DirEntry[str]] = []
                for entry in found:
                    self.names_left -= 1
                    if self.names_left < 0:
                        raise SizeLimitExceededError(f"more than {MAX_NAMES} names below the root")
                    entries.append(entry)
                return entries
        except OSError as error:
            raise _cannot_list(prefix or ".") from error


def _is_file_or_link(folder: int, entry: "os.DirEntry[str]") -> bool:
    """Tell a file from a pipe, a device or a link to a folder."""
    if not entry.is_symlink():
        return entry.is_file(follow_symlinks=False)
    try:
        target = os.stat(entry.name, dir_fd=folder)
        return not stat.S_ISDIR(target.st_mode)
    except OSError:
        return True  # a dangling link is listed, and reading it is the error


def _cannot_list(path: str) -> FileOpenFailedError:
    return FileOpenFailedError(f"unable to list folder {path}")
