"""Which stores a configuration opens, and what they share (architecture §2)."""

from contextlib import contextmanager

import attrs
import pytest

from decision_gate.core.errors import DecisionGateError
from decision_gate.core.memory import MemoryRunStore, MemoryScenarioStore
from decision_gate.mcp.config import parse_config
from decision_gate.mcp.config.kinds import Integer
from decision_gate.mcp.config.table import key
from decision_gate.mcp.opening.stores import open_stores
from decision_gate.mcp.plugins import Offer, Offers
from decision_gate.mcp.stores.sqlite import SqliteDataShapeRegistry, SqliteRunStore, SqliteScenarioStore, open_database
from decision_gate.mcp.testing import ManualServerClock

GIVEN = []


@attrs.frozen(kw_only=True)
class AcmeSettings:
    """Settings of the plugged stores."""

    room: int = key(Integer(), "Which room.", default=1)


@contextmanager
def open_run_store(settings: AcmeSettings, tables):
    """Open the plugged run store of these tests."""
    GIVEN.append((settings, tuple(tables)))
    yield MemoryRunStore()


@contextmanager
def open_scenario_store(settings: AcmeSettings, tables):
    """Open the plugged scenario store of these tests."""
    GIVEN.append((settings, tuple(tables)))
    yield MemoryScenarioStore()


@contextmanager
def open_broken(settings: AcmeSettings, tables):
    """Open something that is no store."""
    yield settings, tables


def installed(group):
    names = {"decision_gate.run_stores": "open_run_store", "decision_gate.scenario_stores": "open_scenario_store"}
    if group not in names:
        return ()
    return (
        Offer(group=group, name="acme", reference=f"{__name__}:{names[group]}", distribution="acme", version="1"),
        Offer(group=group, name="broken", reference=f"{__name__}:open_broken", distribution="acme", version="1"),
    )


@contextmanager
def stores(text):
    made = []

    def settings_of(plugins):
        made.append(Offers(plugins, built_in={}, installed=installed))
        return made[0].settings_of

    config = parse_config(text.encode(), settings_of)
    with open_stores(config, made[0], lambda engine: (f"table for {engine}",), ManualServerClock()) as opened:
        yield opened


@pytest.fixture
def no_tables(monkeypatch):
    monkeypatch.setattr("decision_gate.mcp.opening.stores.MemoryRiders", lambda _tables: None)


def test_memory_is_the_default(no_tables):  # noqa: ARG001 - the strings above are no memory tables
    with stores("") as opened:
        assert opened.engine == "memory"
        assert isinstance(opened.runs, MemoryRunStore)
        assert isinstance(opened.scenarios, MemoryScenarioStore)


def test_two_tables_of_one_file_share_a_database(tmp_path, monkeypatch):
    seen = []

    def counted(settings, *, rider_tables, now_ms):
        seen.append((settings.path, tuple(rider_tables)))
        return open_database(settings, rider_tables=(), now_ms=now_ms)

    monkeypatch.setattr("decision_gate.mcp.opening.stores.open_database", counted)
    path = tmp_path / "gate.db"
    text = (
        f'[run_state_store]\ntype = "sqlite"\npath = "{path}"\n'
        f'[schema_registry]\ntype = "sqlite"\npath = "{tmp_path}/./gate.db"\n'
    )

    with stores(text) as opened:
        kinds = (type(opened.runs), type(opened.scenarios), type(opened.shapes))
        opened.runs.ready()

    assert opened.engine == "sqlite"
    assert kinds == (SqliteRunStore, SqliteScenarioStore, SqliteDataShapeRegistry)
    assert seen == [(path, ("table for sqlite",))]


def test_definitions_may_live_elsewhere(tmp_path, monkeypatch):
    monkeypatch.setattr("decision_gate.mcp.opening.stores.MemoryRiders", lambda _tables: None)
    monkeypatch.setattr("decision_gate.mcp.opening.stores._Opening.file", lambda _self, table: table.path)
    text = f'[scenario_store]\ntype = "sqlite"\npath = "{tmp_path}/s.db"\n'

    with stores(text) as opened:
        assert isinstance(opened.runs, MemoryRunStore)
        assert isinstance(opened.scenarios, SqliteScenarioStore)


def test_a_plugged_store_gets_its_settings_and_the_rider_tables_of_its_engine(no_tables):  # noqa: ARG001 - as above
    GIVEN.clear()
    with stores('[plugins]\ntrusted = ["acme"]\n[run_state_store]\ntype = "acme"\nroom = 4\n') as opened:
        assert opened.engine == "acme"
        assert isinstance(opened.scenarios, MemoryScenarioStore)

    assert [(AcmeSettings(room=4), ("table for acme",))] * 2 == GIVEN


def test_a_plugged_object_that_is_no_store_is_refused():
    with (
        pytest.raises(DecisionGateError) as refused,
        stores('[plugins]\ntrusted = ["acme"]\n[run_state_store]\ntype = "broken"\n'),
    ):
        pass

    assert refused.value.code == "offer_broken"
