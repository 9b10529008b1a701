"""A whole engine in memory whose evidence, policy and dispatcher do as they are told."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import attrs

from decision_gate.core.codec import decode, hash_record
from decision_gate.core.control_plane import ControlPlane, define
from decision_gate.core.engine import EngineSettings
from decision_gate.core.json import JsonValue
from decision_gate.core.memory import MemoryRunStore, MemoryScenarioStore, SequentialCollector
from decision_gate.core.model import (
    DispatchReceipt,
    DispatchTarget,
    EvaluationResult,
    EvidenceContext,
    EvidenceQuery,
    EvidenceResult,
    JsonEvidence,
    NextRequest,
    PacketEnvelope,
    PacketPayload,
    RunConfig,
    RunState,
    ScenarioSpec,
    ScenarioStatus,
    StatusRequest,
    SubmissionRecord,
    SubmitRequest,
    TriggerEvent,
    TriggerKind,
)
from decision_gate.core.ports import (
    DispatchFailedError,
    EvidenceProviderFailureError,
    PolicyFailedError,
    RunKey,
    RunStore,
    ScenarioStore,
)
from decision_gate.core.timestamps import Timestamp, UnixMillis

KEY = RunKey(1, 1, "run-1")
"""The run that a world drives."""

START = UnixMillis(1_000)
"""When it is started."""


class TellingProvider:
    """Answers every check with what ``answers`` holds for it: a JSON value, a whole result, or a failure text."""

    def __init__(self) -> None:
        self.answers: dict[str, JsonValue | EvidenceResult | EvidenceProviderFailureError] = {}
        self.asked: list[str] = []
        self.before_answer: Callable[[], None] = lambda: None

    def query(self, query: EvidenceQuery, context: EvidenceContext) -> EvidenceResult:  # noqa: ARG002 - of the port
        """Answer one check; a check without an answer has no value."""
        self.asked.append(query.check_id)
        self.before_answer()
        if query.check_id not in self.answers:
            return EvidenceResult()
        answer = self.answers[query.check_id]
        if isinstance(answer, EvidenceProviderFailureError):
            raise answer
        if isinstance(answer, EvidenceResult):
            return answer
        return EvidenceResult(value=JsonEvidence(value=answer), content_type="application/json")


class TellingDispatcher:
    """Delivers by noting it down; fails for the packet ids in ``failing``."""

    def __init__(self) -> None:
        self.has_effects = False
        self.delivered: list[str] = []
        self.failing: set[str] = set()

    def dispatch(
        self,
        target: DispatchTarget,
        envelope: PacketEnvelope,
        payload: PacketPayload,  # noqa: ARG002 - of the port
        *,
        idempotency_key: str,
    ) -> DispatchReceipt:
        """Note the delivery by its idempotency key."""
        if envelope.packet_id in self.failing:
            raise DispatchFailedError(f"no route for {envelope.packet_id}")
        self.delivered.append(idempotency_key)
        return DispatchReceipt(
            dispatch_id=f"d-{envelope.packet_id}",
            target=target,
            receipt_hash=hash_record(envelope),
            dispatched_at=envelope.issued_at,
            dispatcher="telling",
        )


class TellingPolicy:
    """Permits every packet but those in ``denied``; cannot decide on those in ``undecided``."""

    def __init__(self) -> None:
        self.denied: set[str] = set()
        self.undecided: set[str] = set()
        self.asked: list[str] = []

    def permits(self, target: DispatchTarget, envelope: PacketEnvelope, payload: PacketPayload) -> bool:  # noqa: ARG002 - of the port
        """Decide by packet id."""
        self.asked.append(envelope.packet_id)
        if envelope.packet_id in self.undecided:
            raise PolicyFailedError("rule engine down")
        return envelope.packet_id not in self.denied


def condition(name: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - wire values
    """Return a condition that wants the check of its own name to be ``true``."""
    return {
        "condition_id": name,
        "query": {"provider_id": "facts", "check_id": name},
        "comparator": "equals",
        "expected": True,
        "policy_tags": [],
        **changes,
    }


def gate(name: str, requirement: Any, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - wire values
    """Return a gate; a text is a single condition."""
    tree = {"Condition": requirement} if isinstance(requirement, str) else requirement
    return {"gate_id": name, "requirement": tree, **changes}


def packet(name: str, value: JsonValue = None, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - wire values
    """Return an entry packet with a JSON payload."""
    return {
        "packet_id": name,
        "schema_id": "schema",
        "content_type": "application/json",
        "visibility_labels": [],
        "policy_tags": [],
        "expiry": None,
        "payload": {"kind": "json", "value": value},
        **changes,
    }


def stage(name: str, gates: Sequence[Any] = (), advance: Any = "terminal", **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - wire values
    """Return a stage; *advance* is a wire value or the kind of one without fields."""
    return {
        "stage_id": name,
        "entry_packets": [],
        "gates": list(gates),
        "advance_to": {"kind": advance} if isinstance(advance, str) else advance,
        "timeout": None,
        "on_timeout": "fail",
        **changes,
    }


def scenario(stages: Sequence[Any], conditions: Sequence[Any] = (), **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - wire values
    """Return a scenario of namespace 1, owned by tenant 1."""
    return {
        "scenario_id": "scenario",
        "namespace_id": 1,
        "spec_version": "1",
        "stages": list(stages),
        "conditions": list(conditions),
        "policies": [],
        "schemas": [],
        "default_tenant_id": 1,
        **changes,
    }


@attrs.define(kw_only=True)
class World:
    """A scenario, an engine for it, and everything the engine meets."""

    spec: ScenarioSpec
    engine: ControlPlane
    facts: TellingProvider
    dispatcher: TellingDispatcher
    policy: TellingPolicy
    now_ms: int = 0

    @classmethod
    def of(
        cls,
        spec: Mapping[str, Any],
        *,
        settings: EngineSettings | None = None,
        runs: RunStore | None = None,
        scenarios: ScenarioStore | None = None,
        turn: Callable[[RunKey], AbstractContextManager[None]] = lambda _key: nullcontext(),
    ) -> "World":
        """Define *spec* and build its engine, over memory stores unless others are given."""
        scenario_store = scenarios or MemoryScenarioStore()
        facts, dispatcher, policy = TellingProvider(), TellingDispatcher(), TellingPolicy()
        decoded = decode(ScenarioSpec, dict(spec))
        scenario_store.define(define(decoded, decoded.default_tenant_id))
        world: World
        engine = ControlPlane(
            runs=runs or MemoryRunStore(),
            scenarios=scenario_store,
            evidence=SequentialCollector({"facts": facts}),
            dispatcher=dispatcher,
            policy=policy,
            settings=settings,
            clock=lambda: world.now_ms,
            turn=turn,
        )
        world = cls(spec=decoded, engine=engine, facts=facts, dispatcher=dispatcher, policy=policy)
        return world

    def start(self, *, issue: bool = False, at: Timestamp = START, targets: Sequence[DispatchTarget] = ()) -> RunState:
        """Start the run."""
        config = RunConfig(
            tenant_id=KEY.tenant_id,
            namespace_id=KEY.namespace_id,
            run_id=KEY.run_id,
            scenario_id=self.spec.scenario_id,
            dispatch_targets=tuple(targets),
            policy_tags=(),
        )
        return self.engine.start(self.spec.scenario_id, config, at, issue_entry_packets=issue)

    def next(self, trigger_id: str, *, at: Timestamp = START) -> EvaluationResult:
        """Ask whether the run may go on."""
        request = NextRequest(
            run_id=KEY.run_id,
            tenant_id=KEY.tenant_id,
            namespace_id=KEY.namespace_id,
            trigger_id=trigger_id,
            agent_id="agent",
            time=at,
        )
        return self.engine.next(self.spec.scenario_id, request)

    def trigger(self, trigger_id: str, kind: str = "tick", *, at: Timestamp = START) -> EvaluationResult:
        """Pull a trigger."""
        event = TriggerEvent(
            trigger_id=trigger_id,
            tenant_id=KEY.tenant_id,
            namespace_id=KEY.namespace_id,
            run_id=KEY.run_id,
            kind=TriggerKind(kind),
            time=at,
            source_id="source",
        )
        return self.engine.trigger(self.spec.scenario_id, event)

    def status(self, *, at: Timestamp = START) -> ScenarioStatus:
        """Ask where the run stands."""
        request = StatusRequest(
            run_id=KEY.run_id, tenant_id=KEY.tenant_id, namespace_id=KEY.namespace_id, requested_at=at
        )
        return self.engine.status(self.spec.scenario_id, request)

    def submit(
        self,
        submission_id: str,
        payload: PacketPayload,
        *,
        content_type: str = "application/json",
        at: Timestamp = START,
    ) -> SubmissionRecord:
        """Hand something in."""
        request = SubmitRequest(
            run_id=KEY.run_id,
            tenant_id=KEY.tenant_id,
            namespace_id=KEY.namespace_id,
            submission_id=submission_id,
            payload=payload,
            content_type=content_type,
            submitted_at=at,
        )
        return self.engine.submit(self.spec.scenario_id, request).record

    def state(self) -> RunState:
        """Return the whole run."""
        state = self.engine.state(KEY)
        if state is None:
            raise LookupError(KEY.run_id)
        return state
