"""The databases of a deployment, and the tables of a configuration that put everything of a server into one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs


@attrs.frozen(kw_only=True)
class Database:
    """One database: a SQLite file or a PostgreSQL connection string."""

    path: str | None = None
    dsn: str | None = None

    @classmethod
    def in_folder(cls, folder: Path) -> "Database":
        """Name a SQLite file that does not exist yet."""
        return cls(path=str(folder / "gate.db"))

    def stores(self) -> dict[str, Any]:
        """Return the stores alone, as an open server has them."""
        if self.path is not None:
            table = {"type": "sqlite", "path": self.path}
            return {"run_state_store": table, "schema_registry": table}
        table = {"type": "postgres", "dsn": self.dsn}
        return {"run_state_store": table, "scenario_store": table, "schema_registry": table}

    def instead_of_file(self, table: Any) -> Any:  # noqa: ANN401 - a value of TOML
        """Return a value of the configuration in which a database of PostgreSQL takes the place of ``gate.db``."""
        if isinstance(table, list):
            return [self.instead_of_file(each) for each in table]
        if not isinstance(table, Mapping):
            return table
        changed = {name: self.instead_of_file(value) for name, value in table.items()}
        if self.dsn is not None and changed.get("path") == "gate.db":
            del changed["path"]
            changed |= {"dsn": self.dsn} | ({"type": "postgres"} if changed.get("type") == "sqlite" else {})
        return changed
