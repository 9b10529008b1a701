"""Engines over different backends, driven side by side by the same random calls, answer alike, byte for byte.

A backend joins by an ``EngineBackend``. Run it with ``run_state_machine_as_test(lambda: EnginesSideBySide(backends))``.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from typing import Any

import attrs
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from decision_gate.core.codec import canonical_record, decode, encode
from decision_gate.core.control_plane import ControlPlane, define
from decision_gate.core.engine import EngineSettings
from decision_gate.core.errors import DecisionGateError
from decision_gate.core.json import JsonValue
from decision_gate.core.memory import MemoryArtifacts, MemoryRunStore, MemoryScenarioStore, SequentialCollector
from decision_gate.core.model import (
    NextRequest,
    RunConfig,
    ScenarioSpec,
    StatusRequest,
    SubmitRequest,
    TriggerEvent,
    TrustLane,
)
from decision_gate.core.ports import RunKey, RunStore, ScenarioKey, ScenarioStore
from decision_gate.core.runpack import ExportRequest, export
from decision_gate.core.testing.engine_scenarios import (
    ANSWERS,
    AT_FIRST,
    CHECKS,
    KEYS,
    NAMES,
    RECIPIENTS,
    SCENARIOS,
    TIMES,
    VALUES,
)
from decision_gate.core.testing.world import TellingDispatcher, TellingPolicy, TellingProvider
from decision_gate.core.timestamps import UnixMillis


@attrs.frozen(kw_only=True)
class EngineStores:
    """Where one engine keeps everything."""

    runs: RunStore
    scenarios: ScenarioStore


EngineBackend = Callable[[ExitStack], Callable[[], AbstractContextManager[EngineStores]]]
"""Makes an empty place for runs and scenarios, and returns how it is opened; opened again it holds what it held."""


def memory_backend(_stack: ExitStack) -> Callable[[], AbstractContextManager[EngineStores]]:
    """Keep everything in dictionaries: the oracle of the others."""
    stores = EngineStores(runs=MemoryRunStore(), scenarios=MemoryScenarioStore())
    return lambda: nullcontext(stores)


@attrs.define
class _Engine:
    """One engine: how its place is opened, and everything that answers it."""

    open: Callable[[], AbstractContextManager[EngineStores]]
    facts: TellingProvider = attrs.field(factory=TellingProvider)
    dispatcher: TellingDispatcher = attrs.field(factory=TellingDispatcher)
    policy: TellingPolicy = attrs.field(factory=TellingPolicy)
    opened: ExitStack = attrs.field(factory=ExitStack)
    stores: EngineStores = attrs.field(init=False)
    plane: ControlPlane = attrs.field(init=False)

    def reopen(self) -> None:
        """Go on with an engine that knows only what the stores hold."""
        self.opened.close()
        self.stores = self.opened.enter_context(self.open())
        self.plane = ControlPlane(
            runs=self.stores.runs,
            scenarios=self.stores.scenarios,
            evidence=SequentialCollector({"facts": self.facts}),
            dispatcher=self.dispatcher,
            policy=self.policy,
            settings=EngineSettings(min_lane=TrustLane.ASSERTED),
        )

    def pack(self, key: RunKey) -> Mapping[str, bytes] | None:
        """Return the files of the run's pack, verified; none without a run."""
        head = self.stores.runs.head(key)
        if head is None:
            return None
        scenarios = self.stores.scenarios
        definition = scenarios.get(ScenarioKey(head.owner, key.namespace_id, head.scenario_id), head.spec_hash)
        assert definition is not None
        sink = MemoryArtifacts()
        request = ExportRequest(spec=definition.body, head=head, generated_at=UnixMillis(1))
        exported = export(request, self.stores.runs, sink, verify_with=sink)
        assert exported.report is not None
        assert exported.report.errors == ()
        return {**sink.files, "manifest": exported.manifest_bytes}


class EnginesSideBySide(RuleBasedStateMachine):
    """Calls every engine and compares what each returned or refused; at the end, every byte that was stored."""

    started: Bundle[tuple[RunKey, str]] = Bundle("started")

    def __init__(self, backends: Sequence[EngineBackend]) -> None:
        super().__init__()
        self._backends = backends
        self._stack = ExitStack()
        self._engines: list[_Engine] = []

    @initialize()
    def open(self) -> None:
        """Open every backend, with every scenario in the hands of nobody."""
        self._engines = [_Engine(backend(self._stack)) for backend in self._backends]
        for engine in self._engines:
            engine.facts.answers.update(AT_FIRST)
            engine.reopen()
        for name in SCENARIOS:
            self.define(name, None)

    def teardown(self) -> None:
        """Compare what was stored, and close."""
        try:
            for key in KEYS:
                self._compare(key)
        finally:
            for engine in self._engines:
                engine.opened.close()
            self._stack.close()

    @rule(name=st.sampled_from(sorted(SCENARIOS)), owner=st.sampled_from([1, None]))
    def define_again(self, name: str, owner: int | None) -> None:
        """Define a scenario for one tenant, or once more."""
        self.define(name, owner)

    def define(self, name: str, owner: int | None) -> None:
        """Define a scenario."""
        spec = decode(ScenarioSpec, {**SCENARIOS[name], "default_tenant_id": owner})
        self._agreed(lambda engine: engine.stores.scenarios.define(define(spec, owner)))

    @rule(
        target=started,
        key=st.sampled_from(KEYS),
        name=st.sampled_from(sorted(SCENARIOS)),
        at=TIMES,
        issue=st.booleans(),
        recipients=st.lists(st.sampled_from(RECIPIENTS), max_size=2),
    )
    def start(
        self,
        key: RunKey,
        name: str,
        at: Any,  # noqa: ANN401 - a timestamp
        issue: bool,  # noqa: FBT001 - drawn
        recipients: list[JsonValue],
    ) -> tuple[RunKey, str]:
        """Start a run, which may be there already, and perhaps of another scenario."""
        wire: dict[str, JsonValue] = {
            **_run(key),
            "scenario_id": name,
            "dispatch_targets": recipients,
            "policy_tags": [],
        }
        config = decode(RunConfig, wire)
        self._called(lambda plane: plane.start(name, config, at, issue_entry_packets=issue))
        return key, name

    @rule(run=started, trigger=st.sampled_from(NAMES), at=TIMES)
    def next(self, run: tuple[RunKey, str], trigger: str, at: Any) -> None:  # noqa: ANN401 - a timestamp
        """Ask whether a run may go on, by a new trigger or one that was seen."""
        key, name = run
        wire: dict[str, JsonValue] = {**_run(key), "trigger_id": trigger, "agent_id": "agent", "time": encode(at)}
        request = decode(NextRequest, wire)
        self._called(lambda plane: plane.next(name, request))

    @rule(
        run=started,
        trigger=st.sampled_from(NAMES),
        kind=st.sampled_from(["tick", "external_event", "backend_event"]),
        at=TIMES,
    )
    def trigger(self, run: tuple[RunKey, str], trigger: str, kind: str, at: Any) -> None:  # noqa: ANN401 - a timestamp
        """Pull a trigger."""
        key, name = run
        wire: dict[str, JsonValue] = {
            **_run(key),
            "trigger_id": trigger,
            "kind": kind,
            "time": encode(at),
            "source_id": "source",
        }
        event = decode(TriggerEvent, wire)
        self._called(lambda plane: plane.trigger(name, event))

    @rule(
        run=started,
        submission=st.sampled_from(["s-1", "s/2"]),
        value=VALUES,
    )
    def submit(self, run: tuple[RunKey, str], submission: str, value: Any) -> None:  # noqa: ANN401 - a JSON value
        """Hand something in, under a new id or one that is taken."""
        key, name = run
        wire: dict[str, JsonValue] = {
            **_run(key),
            "submission_id": submission,
            "payload": {"kind": "json", "value": value},
            "content_type": "application/json",
            "submitted_at": {"kind": "logical", "value": 1},
        }
        request = decode(SubmitRequest, wire)
        self._called(lambda plane: plane.submit(name, request))

    @rule(run=started)
    def status(self, run: tuple[RunKey, str]) -> None:
        """Ask where a run stands."""
        key, name = run
        request = decode(StatusRequest, {**_run(key), "requested_at": {"kind": "logical", "value": 1}})
        self._called(lambda plane: plane.status(name, request))

    @rule(check=st.sampled_from(CHECKS), answer=ANSWERS)
    def say(self, check: str, answer: Any) -> None:  # noqa: ANN401 - an answer
        """Change what is so."""
        for engine in self._engines:
            engine.facts.answers[check] = answer

    @rule(name=st.sampled_from(["in", "out", "turn"]), is_denied=st.booleans(), has_effects=st.booleans())
    def permit(self, name: str, is_denied: bool, has_effects: bool) -> None:  # noqa: FBT001 - drawn
        """Change what may be disclosed, and whether disclosing does anything."""
        for engine in self._engines:
            engine.dispatcher.has_effects = has_effects
            (engine.policy.denied.add if is_denied else engine.policy.denied.discard)(name)

    @rule()
    def reopen(self) -> None:
        """Forget everything that is not stored."""
        for engine in self._engines:
            engine.reopen()

    @invariant()
    def everybody_was_asked_and_told_the_same(self) -> None:
        """Providers were asked, and targets reached, alike."""
        self._agreed(lambda engine: (list(engine.facts.asked), list(engine.dispatcher.delivered)))

    def _compare(self, key: RunKey) -> None:
        self._agreed(lambda engine: engine.stores.runs.check(key))
        self._agreed(lambda engine: (state := engine.plane.state(key)) and canonical_record(state))
        self._agreed(lambda engine: engine.pack(key))

    def _called(self, call: Callable[[ControlPlane], Any]) -> None:
        self._agreed(lambda engine: encode(call(engine.plane)))

    def _agreed(self, call: Callable[[_Engine], Any]) -> None:
        outcomes = [_outcome(call, engine) for engine in self._engines]
        assert all(outcome == outcomes[0] for outcome in outcomes[1:]), outcomes


def _run(key: RunKey) -> dict[str, JsonValue]:
    return {"tenant_id": key.tenant_id, "namespace_id": key.namespace_id, "run_id": key.run_id}


def _outcome(call: Callable[[_Engine], Any], engine: _Engine) -> tuple[str, Any]:
    try:
        return "returned", call(engine)
    except DecisionGateError as error:
        return error.code, str(error)
