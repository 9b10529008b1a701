"""What SQLite reports, in the errors of the ports; and why a file is refused when it is opened."""

import sqlite3
from typing import Final

from decision_gate.core.errors import ConfigurationError, StoreError
from decision_gate.core.ports import StoreCorruptError, StoreUnavailableError

_PRIMARY = 0xFF
_CORRUPT = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


class SchemaTooNewError(ConfigurationError):
    """The file was written by a newer program; opening it could destroy what this one does not know."""

    code = "store_schema_too_new"

    def __init__(self, component: str, found: int, known: int) -> None:
        super().__init__(f"database schema of {component} is version {found}, this program knows {known}")
        self.component = component
        self.found = found
        self.known = known


class ForeignDatabaseError(ConfigurationError):
    """The file is a SQLite database of another program, and is left alone."""

    code = "store_foreign"

    def __init__(self, path: str) -> None:
        super().__init__(f"not a database of this program: {path}")
        self.path = path


class DatabasePathError(ConfigurationError):
    """The file cannot be made or opened where it should be."""

    code = "store_path"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"cannot open database {path}: {reason}")
        self.path = path


REPORTED: Final = (sqlite3.Error, UnicodeDecodeError)
"""What reading a damaged file raises: the second when the text of SQLite's own complaint quotes the damage."""

_NO_TEXT: Final = "Could not decode to UTF-8"
"""What Python says, without a code, of a cell whose text is none."""


def primary_code(error: sqlite3.Error) -> int:
    """Return the primary result code of *error*, 0 when SQLite was not asked at all."""
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY


def translated(error: sqlite3.Error | UnicodeDecodeError) -> StoreError:
    """Return the error of the ports that says what *error* means; its text holds no value of any row."""
    if isinstance(error, UnicodeDecodeError) or str(error).startswith(_NO_TEXT):
        return StoreCorruptError("the database file is damaged (it holds text that is none)")
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    if primary_code(error) in _CORRUPT:
        return StoreCorruptError(f"the database file is damaged ({name})")
    return StoreUnavailableError(f"the database cannot answer ({name})")
