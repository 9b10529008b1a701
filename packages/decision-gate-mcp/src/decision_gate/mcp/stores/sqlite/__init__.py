"""Runs, scenario definitions and data shapes in one SQLite file."""

from decision_gate.mcp.stores.sqlite.archive import ListedRun, SqliteArchive, VersionMissingError
from decision_gate.mcp.stores.sqlite.copying import TargetTakenError, UnsoundCopyError, back_up, restore
from decision_gate.mcp.stores.sqlite.data_shapes import SqliteDataShapeRegistry
from decision_gate.mcp.stores.sqlite.database import SqliteDatabase, open_database
from decision_gate.mcp.stores.sqlite.errors import DatabasePathError, ForeignDatabaseError, SchemaTooNewError
from decision_gate.mcp.stores.sqlite.migrations import Migration
from decision_gate.mcp.stores.sqlite.retention import (
    DEFAULT_LOGS,
    ERASABLE,
    Erasure,
    NotErasableError,
    erase_run,
    finished_before,
)
from decision_gate.mcp.stores.sqlite.riders import SqliteRiderTable
from decision_gate.mcp.stores.sqlite.runs import SqliteRunStore
from decision_gate.mcp.stores.sqlite.scenarios import SqliteScenarioStore
from decision_gate.mcp.stores.sqlite.settings import SqliteSettings
from decision_gate.mcp.stores.sqlite.verifying import Problem, StoreReport, verify_store

__all__ = [
    "DEFAULT_LOGS",
    "ERASABLE",
    "DatabasePathError",
    "Erasure",
    "ForeignDatabaseError",
    "ListedRun",
    "Migration",
    "NotErasableError",
    "Problem",
    "SchemaTooNewError",
    "SqliteArchive",
    "SqliteDataShapeRegistry",
    "SqliteDatabase",
    "SqliteRiderTable",
    "SqliteRunStore",
    "SqliteScenarioStore",
    "SqliteSettings",
    "StoreReport",
    "TargetTakenError",
    "UnsoundCopyError",
    "VersionMissingError",
    "back_up",
    "erase_run",
    "finished_before",
    "open_database",
    "restore",
    "verify_store",
]
