"""One step of a run: collect, judge, route, disclose, append (the walk of ``docs/explanation/architecture.md``)."""

from collections.abc import Callable

import attrs

from decision_gate.core.codec import decode
from decision_gate.core.control_plane.appending import Appender, Circumstances
from decision_gate.core.control_plane.disclosure import disclose
from decision_gate.core.control_plane.work import RiderSource, Work
from decision_gate.core.engine import (
    Advance,
    CallDraft,
    Draft,
    Packet,
    PayloadTooLargeError,
    RunBusyError,
    ScenarioPlan,
    StagePlan,
    StepDraft,
    announce,
    announced,
    decide,
    envelopes,
    expired,
    failed,
    judge,
    response_hash,
    route,
    route_timeout,
    seal,
    store_step,
    with_packets,
)
from decision_gate.core.json import parse
from decision_gate.core.model import (
    AgentTarget,
    ChannelTarget,
    DispatchTarget,
    EvidenceContext,
    ExternalTarget,
    GateEvalRecord,
    HashDigest,
    PacketRecord,
    SessionTarget,
    TriggerEvent,
)
from decision_gate.core.ports import (
    DisclosureDeniedError,
    Dispatcher,
    DispatchFailedError,
    EvidenceCollector,
    Log,
    PolicyDecider,
    PolicyFailedError,
    RunHead,
    RunKey,
    RunStore,
    StoreCorruptError,
)

DISPATCH_LEASE_MS = 60_000
"""How long an announced dispatch belongs to the caller that announced it."""

DISCLOSURE_FAILURES = (DisclosureDeniedError, PolicyFailedError, DispatchFailedError, PayloadTooLargeError)
"""What ends a run with the decision ``fail`` when it happens while a stage is entered (contract §6.8)."""


@attrs.frozen(kw_only=True)
class _Judged:
    gate_evals: tuple[GateEvalRecord, ...]
    asked: tuple[str, ...]


class Stepper:
    """Evaluates runs and discloses packets."""

    def __init__(
        self,
        runs: RunStore,
        evidence: EvidenceCollector,
        dispatcher: Dispatcher,
        policy: PolicyDecider | None,
        appender: Appender,
        clock: Callable[[], int],
    ) -> None:
        self.runs = runs
        self.dispatcher = dispatcher
        self._evidence = evidence
        self._policy = policy
        self._appender = appender
        self._clock = clock

    def step(
        self,
        head: RunHead,
        plan: ScenarioPlan,
        event: TriggerEvent,
        answered: Callable[[HashDigest], CallDraft],
        riders: RiderSource,
    ) -> StepDraft:
        """Decide *event* for the run at *head*, append the step and return it.

        Raises:
            StateMovedError: The run moved meanwhile; evidence and decision are dropped.
        """
        stage = plan.stage(head.current_stage_id)
        if expired(stage.spec, head.stage_entered_at, event.kind, event.time):
            judged = _Judged(gate_evals=(), asked=())
            where = route_timeout(plan.spec, stage.spec)
        else:
            judged = self._judge(head, plan, stage, event)
            where = route(plan.spec, stage.spec, [each.evaluation for each in judged.gate_evals])
        step = decide(head, event, judged.gate_evals, where)
        if isinstance(where, Advance):
            step, head = self._enter(head, plan, step, judged.asked, riders)
        self.append(head, step, answered, judged.asked, riders)
        return step

    def create(self, draft: Draft, head: RunHead, riders: RiderSource) -> RunHead:
        """Make the run that is not there yet at *head*; see ``Appender.create``."""
        commit = seal(draft, head)
        decision = None if draft.step is None else draft.step.draft.decision
        return self._appender.create(commit, riders(Work(commit=commit, decision=decision)))

    def append(
        self,
        head: RunHead,
        step: StepDraft,
        answered: Callable[[HashDigest], CallDraft] | None,
        asked: tuple[str, ...],
        riders: RiderSource,
    ) -> RunHead:
        """Append a decided step with its transcript entry; without *answered* the step has none."""
        stored = store_step(step)
        draft = Draft(
            state_version=head.state_version,
            call=None if answered is None else answered(response_hash(stored.records, step.status)),
            step=stored,
        )
        told = Circumstances(asked=asked, decision=step.decision)
        return self._appender.append(draft, head, riders, circumstances=told)

    def finish_pending(self, head: RunHead, plan: ScenarioPlan, riders: RiderSource) -> None:
        """Deliver what another caller announced and did not finish, with its keys; *riders* are of who finishes it.

        Raises:
            RunBusyError: The announcement still belongs to its caller.
            StateMovedError: Somebody else finished it.
        """
        if head.pending is None:
            return
        if head.pending.until > self._clock():
            raise RunBusyError(head.key.run_id, head.pending.until)
        intent = next(self.runs.read(head.key, Log.INTENTS, after=head.counts.intents - 1), None)
        if intent is None:
            raise StoreCorruptError("a pending dispatch has no intent")
        step = announced(intent)
        packets = self.packets(head, plan, step)
        self.append(head, self._delivered(head, step, packets), None, (), riders)

    def packets(self, head: RunHead, plan: ScenarioPlan, step: StepDraft) -> tuple[Packet, ...]:
        """Return the packets of the stage that *step* enters.

        Raises:
            PayloadTooLargeError: One is over 2 MiB.
        """
        return envelopes(
            plan.spec,
            plan.stage(step.current_stage_id).spec,
            run_id=head.key.run_id,
            issued_at=step.decision.decided_at,
            correlation_id=step.decision.correlation_id,
        )

    def deliver(
        self, key: RunKey, decision_id: str, packets: tuple[Packet, ...], targets: tuple[DispatchTarget, ...]
    ) -> tuple[PacketRecord, ...]:
        """Disclose *packets* to *targets*; raises one of ``DISCLOSURE_FAILURES``."""
        return disclose(
            packets,
            targets,
            run=key,
            decision_id=decision_id,
            policy=self._policy,
            dispatcher=self.dispatcher,
        )

    def lease(self) -> int:
        """Return until when a dispatch announced now belongs to its caller."""
        return self._clock() + DISPATCH_LEASE_MS

    def _judge(self, head: RunHead, plan: ScenarioPlan, stage: StagePlan, event: TriggerEvent) -> _Judged:
        context = EvidenceContext(
            tenant_id=head.key.tenant_id,
            namespace_id=head.key.namespace_id,
            run_id=head.key.run_id,
            scenario_id=plan.spec.scenario_id,
            stage_id=head.current_stage_id,
            trigger_id=event.trigger_id,
            trigger_time=event.time,
            correlation_id=event.correlation_id,
        )
        answers = self._evidence.collect(stage.queries, context) if stage.queries else ()
        return _Judged(
            gate_evals=judge(stage, answers, event.trigger_id),
            asked=stage.condition_ids,
        )

    def _enter(
        self, head: RunHead, plan: ScenarioPlan, step: StepDraft, asked: tuple[str, ...], riders: RiderSource
    ) -> tuple[StepDraft, RunHead]:
        """Issue the packets of the stage that *step* enters; a failure turns it into the decision ``fail``."""
        try:
            packets = self.packets(head, plan, step)
        except PayloadTooLargeError as error:
            return failed(head, step, str(error)), head
        if not packets:
            return step, head
        if self.dispatcher.has_effects and head.counts.dispatch_targets:
            intent = Draft(state_version=head.state_version, intent=announce(step, packets, self.lease()))
            head = self._appender.append(intent, head, riders, circumstances=Circumstances(asked=asked))
        return self._delivered(head, step, packets), head

    def _delivered(self, head: RunHead, step: StepDraft, packets: tuple[Packet, ...]) -> StepDraft:
        try:
            records = self.deliver(head.key, step.decision.decision_id, packets, self._targets(head))
        except DISCLOSURE_FAILURES as error:
            return failed(head, step, str(error))
        return with_packets(step, records)

    def _targets(self, head: RunHead) -> tuple[DispatchTarget, ...]:
        if not head.counts.dispatch_targets:
            return ()
        bodies = self.runs.read(head.key, Log.DISPATCH_TARGETS, upto=head.counts.dispatch_targets)
        return tuple(decode_target(body) for body in bodies)


def decode_target(body: bytes) -> DispatchTarget:
    """Return a stored dispatch target."""
    kinds: dict[str, type[DispatchTarget]] = {
        kind.kind: kind for kind in (AgentTarget, SessionTarget, ExternalTarget, ChannelTarget)
    }
    match parse(body):
        case {"kind": str(kind)} as stored if kind in kinds:
            return decode(kinds[kind], stored)
        case _:
            raise StoreCorruptError("a stored dispatch target cannot be read")
