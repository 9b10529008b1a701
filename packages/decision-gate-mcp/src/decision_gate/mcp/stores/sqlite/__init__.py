"""Runs, scenario definitions and data shapes in one SQLite file."""

from decision_gate.mcp.stores.sqlite.data_shapes import SqliteDataShapeRegistry
from decision_gate.mcp.stores.sqlite.database import SqliteDatabase, open_database
from decision_gate.mcp.stores.sqlite.errors import DatabasePathError, ForeignDatabaseError, SchemaTooNewError
from decision_gate.mcp.stores.sqlite.migrations import Migration
from decision_gate.mcp.stores.sqlite.riders import SqliteRiderTable
from decision_gate.mcp.stores.sqlite.runs import SqliteRunStore
from decision_gate.mcp.stores.sqlite.scenarios import SqliteScenarioStore
from decision_gate.mcp.stores.sqlite.settings import SqliteSettings

__all__ = [
    "DatabasePathError",
    "ForeignDatabaseError",
    "Migration",
    "SchemaTooNewError",
    "SqliteDataShapeRegistry",
    "SqliteDatabase",
    "SqliteRiderTable",
    "SqliteRunStore",
    "SqliteScenarioStore",
    "SqliteSettings",
    "open_database",
]
