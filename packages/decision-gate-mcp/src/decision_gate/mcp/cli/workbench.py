"""An engine for one command: providers below a folder, stores in memory or in one file, the clock of this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import attrs

from decision_gate.core.codec import decode
from decision_gate.core.control_plane import ControlPlane, define
from decision_gate.core.engine import EngineSettings, RunNotFoundError
from decision_gate.core.json import parse
from decision_gate.core.limits import MAX_RECORD_DEPTH
from decision_gate.core.memory import MemoryRunStore, MemoryScenarioStore, ReceiptDispatcher
from decision_gate.core.model import (
    EvaluationResult,
    GateEvalRecord,
    RunConfig,
    ScenarioSpec,
    TriggerEvent,
    TriggerKind,
    TrustLane,
)
from decision_gate.core.ports import EvidenceCollector, RunHead, RunKey, RunStore, ScenarioDefinition, ScenarioStore
from decision_gate.core.runpack import Export, ExportRequest, export
from decision_gate.core.timestamps import UnixMillis
from decision_gate.mcp.cli.naming import named_folder
from decision_gate.mcp.cli.naming_database import naming_database
from decision_gate.mcp.clock import Clock, SystemClock
from decision_gate.mcp.runpacks.directory import DirectoryPack
from decision_gate.mcp.stores.sqlite import SqliteRunStore, SqliteScenarioStore, SqliteSettings, open_database

TENANT: Final = 1
"""Tenant of runs that the command line makes for a scenario that names none."""

SOURCE: Final = "decision-gate-cli"

SETTINGS: Final = EngineSettings(min_lane=TrustLane.ASSERTED)
"""How evidence is judged on the command line; see ``open_workbench``."""


@attrs.frozen(kw_only=True)
class Evaluated:
    """One trigger and what came of it."""

    stage_id: str
    result: EvaluationResult
    gates: tuple[GateEvalRecord, ...]


@attrs.frozen(kw_only=True)
class Workbench:
    """The engine and the few things a command does with it."""

    plane: ControlPlane
    clock: Clock

    def define(self, spec: ScenarioSpec) -> ScenarioDefinition:
        """Store a scenario and make it current; an identical one is no conflict (deviation S8)."""
        definition = define(spec, spec.default_tenant_id)
        self.plane.scenarios.publish(definition)
        return definition

    def start(self, spec: ScenarioSpec, run_id: str) -> RunKey:
        """Start a run and return its key."""
        key = RunKey(spec.default_tenant_id or TENANT, spec.namespace_id, run_id)
        config = RunConfig(
            tenant_id=key.tenant_id,
            namespace_id=key.namespace_id,
            run_id=run_id,
            scenario_id=spec.scenario_id,
            dispatch_targets=(),
            policy_tags=(),
        )
        now = UnixMillis(self.clock.now_ms())
        self.plane.start(spec.scenario_id, config, now, issue_entry_packets=True)
        return key

    def evaluate(self, spec: ScenarioSpec, key: RunKey, trigger_id: str) -> Evaluated:
        """Ask once whether the run may go on."""
        event = TriggerEvent(
            trigger_id=trigger_id,
            tenant_id=key.tenant_id,
            namespace_id=key.namespace_id,
            run_id=key.run_id,
            kind=TriggerKind.AGENT_REQUEST_NEXT,
            time=UnixMillis(self.clock.now_ms()),
            source_id=SOURCE,
        )
        result = self.plane.trigger(spec.scenario_id, event)
        return Evaluated(
            stage_id=result.decision.stage_id,
            result=result,
            gates=self.gates_of(key, result.decision.trigger_id),
        )

    def gates_of(self, key: RunKey, trigger_id: str | None = None) -> tuple[GateEvalRecord, ...]:
        """Return what one trigger evaluated, the last one when none is named."""
        step = self.plane.runs.step(key, trigger_id)
        return (
            ()
            if step is None
            else tuple(decode(GateEvalRecord, parse(body, max_depth=MAX_RECORD_DEPTH)) for body in step.gate_evals)
        )

    def head(self, key: RunKey) -> RunHead:
        """Return the head of a run.

        Raises:
            RunNotFoundError: There is no such run.
        """
        head = self.plane.runs.head(key)
        if head is None:
            raise RunNotFoundError(key.run_id)
        return head

    def export(self, definition: ScenarioDefinition, key: RunKey, folder: Path) -> Export:
        """Write the run pack of a run into *folder*, which is made, with the report of its verification.

        Raises:
            NamedFileError, ArtifactError: The folder cannot be written.
        """
        request = ExportRequest(spec=definition.body, head=self.head(key), generated_at=UnixMillis(self.clock.now_ms()))
        with named_folder(folder, create=True) as opened:
            pack = DirectoryPack(opened)
            return export(request, self.plane.runs, pack, verify_with=pack)


@contextmanager
def open_workbench(evidence: EvidenceCollector, *, store: Path | None = None) -> Iterator[Workbench]:
    """Open an engine over *evidence*; runs live in the database file *store*, in memory without one.

    Evidence that somebody only asserts is accepted where condition and gate do not demand a verified lane: the person
    at the command line is the one whom a server's stricter default protects from others.

    Raises:
        NamedFileError, StoreError: The file cannot be opened or used.
    """
    clock = SystemClock()
    if store is None:
        yield _workbench(MemoryRunStore(now_ms=clock.now_ms), MemoryScenarioStore(), evidence, clock)
        return
    with naming_database(store), open_database(SqliteSettings(path=store), now_ms=clock.now_ms) as database:
        yield _workbench(SqliteRunStore(database), SqliteScenarioStore(database), evidence, clock)


def _workbench(runs: RunStore, scenarios: ScenarioStore, evidence: EvidenceCollector, clock: Clock) -> Workbench:
    plane = ControlPlane(
        runs=runs,
        scenarios=scenarios,
        evidence=evidence,
        dispatcher=ReceiptDispatcher(),
        settings=SETTINGS,
        clock=clock.now_ms,
    )
    return Workbench(plane=plane, clock=clock)
