"""Database files with bytes replaced: every reader answers, or raises a documented error (house rule: fail closed)."""

import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from decision_gate.core.errors import DecisionGateError
from decision_gate.core.ports import Log, RunQuery
from decision_gate.core.testing.world import KEY, World, condition, gate, scenario, stage
from decision_gate.mcp.stores.sqlite import (
    SqliteArchive,
    SqliteDataShapeRegistry,
    SqliteRunStore,
    SqliteScenarioStore,
    SqliteSettings,
    back_up,
    open_database,
    verify_store,
)


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """Give a file with a run of three decisions, in one piece."""
    folder = tmp_path_factory.mktemp("damaged")
    with open_database(SqliteSettings(path=folder / "live.db"), now_ms=lambda: 1) as database:
        spec = scenario([stage("one", [gate("g", "a")])], [condition("a")])
        world = World.of(spec, runs=SqliteRunStore(database), scenarios=SqliteScenarioStore(database))
        world.start()
        for trigger in ("t1", "t2", "t3"):
            world.next(trigger)
    back_up(folder / "live.db", folder / "whole.db")
    return folder / "whole.db"


DAMAGE = st.lists(
    st.tuples(
        st.floats(0, 0.9999),
        st.one_of(st.binary(min_size=1, max_size=4), st.sampled_from([b"\x00" * 64, b"\xff" * 64])),
    ),
    min_size=1,
    max_size=4,
)


def readers(path):
    """Yield everything that can be read of a store that was opened for writing."""
    with open_database(SqliteSettings(path=path, busy_timeout_ms=100), now_ms=lambda: 1) as database:
        runs, scenarios, shapes = (
            SqliteRunStore(database),
            SqliteScenarioStore(database),
            SqliteDataShapeRegistry(database),
        )
        yield lambda: runs.head(KEY)
        yield lambda: runs.step(KEY, None)
        yield lambda: runs.step(KEY, "t2")
        yield lambda: runs.submission(KEY, "s")
        yield lambda: runs.runs(RunQuery(tenant_id=1), None, 10)
        yield lambda: runs.check(KEY)
        for log in Log:
            yield lambda log=log: list(runs.read(KEY, log))
        yield lambda: scenarios.scenarios(1, 1, None, 10)
        yield lambda: shapes.shapes(1, 1, None, 10)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DAMAGE)
def test_a_damaged_file_is_read_or_refused_and_never_crashes_a_reader(original, tmp_path, damage):
    path = tmp_path / "gate.db"
    content = bytearray(original.read_bytes())
    for place, piece in damage:
        at = int(place * len(content))
        content[at : at + len(piece)] = piece[: len(content) - at]
    for leftover in tmp_path.glob("gate.db*"):
        leftover.unlink()
    shutil.copy(original, path)
    path.write_bytes(content)

    try:
        report = verify_store(SqliteArchive(path))
    except DecisionGateError as error:
        assert error.code  # noqa: PT017 - refused as a whole
        report = None
    try:
        for read in readers(path):
            try:
                read()
            except DecisionGateError as error:
                assert error.code  # noqa: PT017 - any documented one
    except DecisionGateError as error:
        assert error.code  # noqa: PT017 - refused as a whole

    if report is not None and bytes(content) == original.read_bytes():
        assert report.is_sound
