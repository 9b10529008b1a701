"""Say which file an error is about.

Stores and verifiers also serve callers elsewhere, who may not learn where the files of a server are, so their errors
name none. Whoever is at the command line has named the file.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import ClassVar

from decision_gate.core.errors import CallerError, DecisionGateError
from decision_gate.core.ports import ArtifactError
from decision_gate.mcp.runpacks.folder import Folder, open_folder


class NamedFileError(CallerError):
    """A file that somebody named cannot be used; ``path`` is how it was named."""

    code: ClassVar[str] = "named_file"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path


@contextmanager
def naming(path: Path, *errors: type[DecisionGateError]) -> Iterator[None]:
    """Put the name of the file before what *errors* say.

    Raises:
        NamedFileError: Instead of one of *errors*.
    """
    try:
        yield
    except errors as error:
        raise NamedFileError(path, str(error)) from error


@contextmanager
def named_folder(path: Path, *, create: bool = False) -> Iterator[Folder]:
    """Open the folder of a run pack; *create* makes it.

    Raises:
        NamedFileError: It is none, or cannot be made.
    """
    with ExitStack() as stack:
        with naming(path, ArtifactError):
            folder = stack.enter_context(open_folder(path, create=create))
        yield folder
