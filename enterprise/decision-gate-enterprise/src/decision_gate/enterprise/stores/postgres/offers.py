"""What the entry points named ``postgres`` open: the three stores on one database."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files

from decision_gate.enterprise.stores.postgres.data_shapes import PostgresDataShapeRegistry
from decision_gate.enterprise.stores.postgres.migrate import Family, bring_up, read_family
from decision_gate.enterprise.stores.postgres.riders import PostgresRiderTable, kinds_of
from decision_gate.enterprise.stores.postgres.runs import PostgresRunStore
from decision_gate.enterprise.stores.postgres.scenarios import PostgresScenarioStore
from decision_gate.enterprise.stores.postgres.session import Session, open_session
from decision_gate.enterprise.stores.postgres.settings import PostgresRegistrySettings, PostgresSettings


def stores_family() -> Family:
    """Return the migrations of the stores."""
    return read_family("stores", files("decision_gate.enterprise.stores.postgres") / "migrations")


@contextlib.contextmanager
def open_run_store(
    settings: PostgresSettings,
    rider_tables: Sequence[PostgresRiderTable] = (),
    *,
    now_ms: Callable[[], int | None] = lambda: None,
) -> Iterator[PostgresRunStore]:
    """Open the run store; *rider_tables* are those of the meter and the audit sink."""
    with _open(settings, rider_tables) as session:
        yield PostgresRunStore(session, kinds_of(rider_tables), now_ms=now_ms)


@contextlib.contextmanager
def open_scenario_store(
    settings: PostgresSettings, rider_tables: Sequence[PostgresRiderTable] = ()
) -> Iterator[PostgresScenarioStore]:
    """Open the scenario store of the same database."""
    with _open(settings, rider_tables) as session:
        yield PostgresScenarioStore(session, kinds_of(rider_tables))


@contextlib.contextmanager
def open_data_shape_registry(
    settings: PostgresRegistrySettings, rider_tables: Sequence[PostgresRiderTable] = ()
) -> Iterator[PostgresDataShapeRegistry]:
    """Open the registry of data shapes of the same database."""
    with _open(settings, rider_tables) as session:
        yield PostgresDataShapeRegistry(
            session,
            kinds_of(rider_tables),
            max_schema_bytes=settings.max_schema_bytes,
            max_entries=settings.max_entries,
        )


@contextlib.contextmanager
def _open(settings: PostgresSettings, rider_tables: Sequence[PostgresRiderTable]) -> Iterator[Session]:
    bring_up(settings, [stores_family(), *(table.family for table in rider_tables)])
    with open_session(settings) as session:
        yield session
