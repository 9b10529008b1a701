"""Runs, scenarios and data shapes in one PostgreSQL database."""

from decision_gate.enterprise.stores.postgres.errors import (
    DatabaseUnfitError,
    MigrationChangedError,
    SchemaBehindError,
    SchemaNewerError,
)
from decision_gate.enterprise.stores.postgres.migrate import Family, Migration, bring_up, read_family
from decision_gate.enterprise.stores.postgres.offers import (
    open_data_shape_registry,
    open_run_store,
    open_scenario_store,
)
from decision_gate.enterprise.stores.postgres.riders import PostgresRiderTable
from decision_gate.enterprise.stores.postgres.session import open_session
from decision_gate.enterprise.stores.postgres.settings import PostgresRegistrySettings, PostgresSettings

__all__ = [
    "DatabaseUnfitError",
    "Family",
    "Migration",
    "MigrationChangedError",
    "PostgresRegistrySettings",
    "PostgresRiderTable",
    "PostgresSettings",
    "SchemaBehindError",
    "SchemaNewerError",
    "bring_up",
    "open_data_shape_registry",
    "open_run_store",
    "open_scenario_store",
    "open_session",
    "read_family",
]
