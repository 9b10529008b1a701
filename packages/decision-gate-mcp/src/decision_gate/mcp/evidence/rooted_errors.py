"""Why a file below a root cannot be had; codes and messages of the ``json`` provider (contract §1.4).

``reference`` is the file's path below the root as soon as it is known, so that evidence can still say where
it looked.
"""

from typing import ClassVar

from decision_gate.core.errors import EvidenceError
from decision_gate.core.json import JsonValue


class RootedFileError(EvidenceError):
    """Base of the refusals.

    Attributes:
        details: facts for the caller, or None.
        relative_path: the path below the root with every link resolved, or None when it is not known.
    """

    code: ClassVar[str] = "file_invalid"

    def __init__(self, message: str, *, details: JsonValue = None, relative_path: str | None = None) -> None:
        super().__init__(message)
        self.details = details
        self.relative_path = relative_path


class PathMissingError(RootedFileError):
    """The path is empty."""

    code: ClassVar[str] = "path_missing"


class AbsolutePathForbiddenError(RootedFileError):
    """The path does not begin at the root."""

    code: ClassVar[str] = "absolute_path_forbidden"


class FileNotFoundBelowRootError(RootedFileError):
    """The path leads nowhere: absent, a dangling or circular link, or a folder that may not be searched."""

    code: ClassVar[str] = "file_not_found"


class PathOutsideRootError(RootedFileError):
    """The path leads out of the root, by ``..`` or through a link, or was changed under our hands."""

    code: ClassVar[str] = "path_outside_root"


class PathInvalidError(RootedFileError):
    """The path names the root itself, or a name on the way is not UTF-8."""

    code: ClassVar[str] = "path_invalid"


class FileOpenFailedError(RootedFileError):
    """The file is there and cannot be opened."""

    code: ClassVar[str] = "file_open_failed"


class FileReadFailedError(RootedFileError):
    """The file is not a regular one, or reading it failed."""

    code: ClassVar[str] = "file_read_failed"


class SizeLimitExceededError(RootedFileError):
    """The file is longer than the limit, or a listing meets more names than it may."""

    code: ClassVar[str] = "size_limit_exceeded"
