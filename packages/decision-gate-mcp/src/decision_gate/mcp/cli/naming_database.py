"""Say which database file an error is about; apart from ``naming``, because SQLite is not needed to read a run pack."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from decision_gate.core.ports import StoreCorruptError, StoreUnavailableError
from decision_gate.mcp.cli.naming import naming
from decision_gate.mcp.stores.sqlite.errors import SchemaTooNewError


@contextmanager
def naming_database(path: Path) -> Iterator[None]:
    """Put the name of a database file before what is wrong with it.

    Raises:
        NamedFileError: The file is damaged, of a newer program, or cannot answer.
    """
    with naming(path, StoreCorruptError, StoreUnavailableError, SchemaTooNewError):
        yield
