"""Ways in which a PostgreSQL database is not fit to be used."""

from decision_gate.core.errors import ConfigurationError
from decision_gate.core.ports import StoreCorruptError


class DatabaseUnfitError(ConfigurationError):
    """The database works, but not in a way that keeps our promises; the message names the setting."""

    code = "database_unfit"


class SchemaNewerError(ConfigurationError):
    """The database was changed by a newer release; running on it could lose what that release writes."""

    code = "schema_newer"

    def __init__(self, family: str, found: int, known: int) -> None:
        super().__init__(f"database has migration {found} of {family}, this release knows {known}: upgrade it")
        self.family = family
        self.found = found
        self.known = known


class SchemaBehindError(ConfigurationError):
    """Migrations are missing and this server may not apply them."""

    code = "schema_behind"

    def __init__(self, family: str, found: int, known: int) -> None:
        super().__init__(
            f"database has migration {found} of {family}, this release needs {known}: start once with migrate = true "
            "and a role that owns the schema decision_gate"
        )
        self.family = family
        self.found = found
        self.known = known


class MigrationChangedError(ConfigurationError):
    """An applied migration is not the one this release ships under its number."""

    code = "migration_changed"

    def __init__(self, family: str, number: int) -> None:
        super().__init__(f"migration {number} of {family} was applied in another form than this release ships")
        self.family = family
        self.number = number


class UniqueTakenError(StoreCorruptError):
    """A row breaks the unique index or constraint of this name."""

    code = "unique_taken"

    def __init__(self, constraint: str) -> None:
        super().__init__(f"a row contradicts what is stored ({constraint})")
        self.constraint = constraint
