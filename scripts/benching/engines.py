"""The engine over a SQLite file, one run after another, step by step."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import attrs

from benching.policies import held, policy
from decision_gate.core.control_plane import RiderSource, Work, no_riders
from decision_gate.core.memory import MemoryRunStore
from decision_gate.core.model import NextRequest, RunConfig
from decision_gate.core.ports import Commit, RunStore
from decision_gate.core.testing.world import World
from decision_gate.core.timestamps import UnixMillis
from decision_gate.mcp.stores.sqlite import SqliteRunStore, SqliteSettings, open_database
from decision_gate.mcp.turns import RunTurns


@attrs.frozen(kw_only=True)
class Driven:
    """An engine whose evidence always holds a run where it is."""

    world: World

    def run(self, name: str, riders: RiderSource = no_riders) -> "DrivenRun":
        """Start the run *name*, its commit shown to *riders*."""
        config = RunConfig(
            tenant_id=1,
            namespace_id=1,
            run_id=name,
            scenario_id=self.world.spec.scenario_id,
            dispatch_targets=(),
            policy_tags=(),
        )
        self.world.engine.start(config.scenario_id, config, UnixMillis(1_000), issue_entry_packets=False, riders=riders)
        return self.found(name)

    def found(self, name: str, steps: int = 0) -> "DrivenRun":
        """Go on with the run *name*, which has had *steps* steps."""
        return DrivenRun(engine=self, name=name, steps=steps)


@attrs.define(kw_only=True)
class DrivenRun:
    """One run; every call is one step of it."""

    engine: Driven
    name: str
    steps: int

    def __call__(self) -> None:
        """Take one step."""
        self.step(no_riders)

    def step(self, riders: RiderSource) -> None:
        """Take one step, its commit shown to *riders*."""
        self.steps += 1
        request = NextRequest(
            run_id=self.name,
            tenant_id=1,
            namespace_id=1,
            trigger_id=f"trigger-{self.steps}",
            agent_id="agent",
            time=UnixMillis(1_000 + self.steps),
        )
        world = self.engine.world
        world.engine.next(world.spec.scenario_id, request, riders=riders)


@contextmanager
def driven(path: Path, conditions: int, sync_mode: Literal["full", "normal"] = "full") -> Iterator[Driven]:
    """Open the engine of a policy of *conditions* conditions over the runs at *path*; its definition is in memory."""
    with open_database(SqliteSettings(path=path, sync_mode=sync_mode), now_ms=lambda: 0) as database:
        yield _engine(conditions, SqliteRunStore(database))


def recorded(conditions: int, steps: int) -> list[Commit]:
    """Return the commits of one run: its start and *steps* steps."""
    commits: list[Commit] = []

    def keep(work: Work) -> tuple[()]:
        commits.append(work.commit)
        return ()

    run = _engine(conditions, MemoryRunStore()).run("run", keep)
    for _ in range(steps):
        run.step(keep)
    return commits


def _engine(conditions: int, runs: RunStore) -> Driven:
    world = World.of(policy(conditions), runs=runs, turn=RunTurns())
    world.facts.answers.update(held(conditions))
    return Driven(world=world)
