"""Drive runs: the one place where the engine's pure rooms meet the ports (contract §6.2 – §6.4).

Every entry point is the same walk: read the head, decide without I/O, append one commit by compare-and-swap. Time, ids
and randomness come from the caller; the only clock is the host's, for the lease of an announced dispatch.
"""

import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager

from decision_gate.core.codec import hash_record
from decision_gate.core.control_plane.appending import MAX_REBASES, Appender, StateMovedError
from decision_gate.core.control_plane.run_fold import fold_store
from decision_gate.core.control_plane.scenario_lookup import ScenarioLookup
from decision_gate.core.control_plane.starting import start_run
from decision_gate.core.control_plane.stepping import Stepper
from decision_gate.core.control_plane.stored_records import stored, stored_unless_erased
from decision_gate.core.control_plane.work import RiderSource, no_riders
from decision_gate.core.engine import (
    Call,
    ConcurrentUpdateError,
    Draft,
    EngineSettings,
    PayloadTooLargeError,
    ProviderMissingError,
    RunNotActiveError,
    SubmissionConflictError,
    content_hash,
    response_hash,
)
from decision_gate.core.ids import check_identifier
from decision_gate.core.json import canonical_kinds
from decision_gate.core.model import (
    DecisionRecord,
    EvaluationResult,
    HoldOutcome,
    JsonPayload,
    MessageDetails,
    NextRequest,
    PacketPayload,
    PacketRecord,
    RunConfig,
    RunState,
    RunStatus,
    ScenarioStatus,
    StatusRequest,
    SubmissionRecord,
    SubmitRequest,
    SubmitResult,
    ToolCallError,
    TriggerEvent,
    TriggerKind,
)
from decision_gate.core.ports import (
    Dispatcher,
    EvidenceCollector,
    Log,
    PolicyDecider,
    RunHead,
    RunKey,
    RunStore,
    ScenarioStore,
    StepRecords,
)
from decision_gate.core.timestamps import Timestamp

EVALUATIONS = 3
"""How often a step is evaluated anew because the run moved under it, before the conflict is told."""

_PROVIDER_MISSING = "required evidence providers are missing or blocked"
_SUBMISSION_CONFLICT = "submission_id conflicts with existing record"


def _no_turn(_key: RunKey) -> AbstractContextManager[None]:
    return contextlib.nullcontext()


class ControlPlane:
    """The engine over its ports.

    Args:
        runs: Where runs live.
        scenarios: Where scenario definitions live.
        evidence: The providers.
        dispatcher: Delivers packets.
        policy: Permits or denies each delivery; none permits all.
        settings: How evidence is judged.
        clock: The host's clock in milliseconds, read only to lease an announced dispatch.
        turn: Lets one caller of a process at a time append to a run; without it callers meet at the store.
    """

    def __init__(
        self,
        *,
        runs: RunStore,
        scenarios: ScenarioStore,
        evidence: EvidenceCollector,
        dispatcher: Dispatcher,
        policy: PolicyDecider | None = None,
        settings: EngineSettings | None = None,
        clock: Callable[[], int] = lambda: 0,
        turn: Callable[[RunKey], AbstractContextManager[None]] = _no_turn,
    ) -> None:
        self.runs = runs
        self.scenarios = scenarios
        self.lookup = ScenarioLookup(runs, scenarios, settings or EngineSettings())
        self._evidence = evidence
        self._appender = Appender(runs, turn)
        self._stepper = Stepper(runs, evidence, dispatcher, policy, self._appender, clock)

    def start(
        self,
        scenario_id: str,
        config: RunConfig,
        started_at: Timestamp,
        *,
        issue_entry_packets: bool,
        riders: RiderSource = no_riders,
    ) -> RunState:
        """Make a run, and issue the packets of its initial stage when asked to (contract §6.2).

        Raises:
            ScenarioNotFoundError: The scenario is not defined.
            InvalidIdentifierError: The run id is not an identifier.
            ScenarioMismatchError: *config* names another scenario.
            RunExistsError: The run exists.
            DisclosureDeniedError: The policy denied an entry packet; nothing is recorded.
            DispatchFailedError: An entry packet could not be delivered; nothing is recorded.
        """
        definition = self.lookup.named(config.tenant_id, config.namespace_id, scenario_id)
        return start_run(
            self._stepper,
            definition,
            self.lookup.plan(definition),
            config,
            started_at,
            riders,
            issue=issue_entry_packets,
        )

    def next(self, scenario_id: str, request: NextRequest, *, riders: RiderSource = no_riders) -> EvaluationResult:
        """Ask whether the run may go on; the same as ``trigger`` with a trigger of kind ``agent_request_next``."""
        event = TriggerEvent(
            trigger_id=request.trigger_id,
            tenant_id=request.tenant_id,
            namespace_id=request.namespace_id,
            run_id=request.run_id,
            kind=TriggerKind.AGENT_REQUEST_NEXT,
            time=request.time,
            source_id=request.agent_id,
            correlation_id=request.correlation_id,
        )
        return self._drive(
            scenario_id,
            event,
            Call.of("scenario.next", request, request.time, request.correlation_id),
            riders,
        )

    def trigger(self, scenario_id: str, event: TriggerEvent, *, riders: RiderSource = no_riders) -> EvaluationResult:
        """Move a run, once per trigger id (contract §6.4).

        A repeated trigger id is answered with its own decision, any trigger of a finished run with the last one.

        Raises:
            ScenarioNotFoundError, RunNotFoundError, RunOfOtherScenarioError: What was named does not exist together.
            ProviderMissingError: Providers are missing; only the transcript has grown.
            EvidenceTooLargeError, GateResolutionError: The stage cannot be judged or left; nothing is written.
            TimeKindMismatchError, TimeoutCalculationError: A deadline cannot be told; nothing is written.
            RunBusyError: Another caller is dispatching for this run.
            RecordErasedError: The packets of a repeated trigger's decision were erased.
            ConcurrentUpdateError: Others kept changing the run; trying again is safe.
            RiderRefusedError: Quota; nothing is written.
        """
        return self._drive(
            scenario_id, event, Call.of("scenario.trigger", event, event.time, event.correlation_id), riders
        )

    def status(self, scenario_id: str, request: StatusRequest, *, riders: RiderSource = no_riders) -> ScenarioStatus:
        """Say where a run stands; works in every status, and is recorded in the transcript (contract §6.3)."""
        key = RunKey(request.tenant_id, request.namespace_id, request.run_id)
        head = self.lookup.run_of(scenario_id, key)
        call = Call.of("scenario.status", request, request.requested_at, request.correlation_id)
        for _ in range(MAX_REBASES):
            answer = self._status(head)
            draft = Draft(state_version=head.state_version, call=call.answered(hash_record(answer)))
            try:
                self._appender.append(draft, head, riders)
            except StateMovedError as moved:
                head = moved.head
            else:
                return answer
        raise ConcurrentUpdateError(request.run_id)

    def submit(self, scenario_id: str, request: SubmitRequest, *, riders: RiderSource = no_riders) -> SubmitResult:
        """Take something in; the same id with the same content is answered with the first record (contract §6.3).

        Raises:
            InvalidIdentifierError: The submission id is not an identifier.
            SubmissionConflictError: The id is taken by other content; the refusal is in the transcript.
            PayloadTooLargeError: The payload is over 2 MiB; nothing is written.
            RecordErasedError: The id was used by a submission that was erased; nothing is written.
        """
        check_identifier("submission_id", request.submission_id)
        key = RunKey(request.tenant_id, request.namespace_id, request.run_id)
        call = Call.of("scenario.submit", request, request.submitted_at, request.correlation_id)
        for _ in range(MAX_REBASES):
            head = self.lookup.run_of(scenario_id, key)
            record, is_new = self._submission(key, request)
            if record is None:
                refusal = ToolCallError(
                    code="submission_conflict",
                    message=_SUBMISSION_CONFLICT,
                    details=MessageDetails(info=f"submission_id={request.submission_id}"),
                )
                draft = Draft(state_version=head.state_version, call=call.refused(refusal))
                self._appender.append_anywhere(draft, head, riders)
                raise SubmissionConflictError(request.submission_id)
            answer = SubmitResult(record=record)
            draft = Draft(
                state_version=head.state_version,
                call=call.answered(hash_record(answer)),
                submission=record if is_new else None,
            )
            try:
                self._appender.append(draft, head, riders, holds=_no_submission_since(head))
            except StateMovedError:
                continue
            return answer
        raise ConcurrentUpdateError(request.run_id)

    def state(self, key: RunKey) -> RunState | None:
        """Return everything about a run as of one version; none when there is no such run."""
        head = self.runs.head(key)
        return None if head is None else fold_store(self.runs, head)

    def _drive(self, scenario_id: str, event: TriggerEvent, call: Call, riders: RiderSource) -> EvaluationResult:
        key = RunKey(event.tenant_id, event.namespace_id, event.run_id)
        for _ in range(EVALUATIONS):
            head = self.lookup.run_of(scenario_id, key)
            plan = self.lookup.plan_of(head)
            if (missing := self._evidence.missing(plan.queries)) is not None:
                refusal = ToolCallError(code="provider_missing", message=_PROVIDER_MISSING, details=missing)
                draft = Draft(state_version=head.state_version, call=call.refused(refusal))
                self._appender.append_anywhere(draft, head, riders)
                raise ProviderMissingError(missing)
            try:
                if (settled := self._settled(head, event.trigger_id)) is not None:
                    answer = _result(settled, head.status)
                    answered = call.answered(response_hash(settled, head.status))
                    self._appender.append(Draft(state_version=head.state_version, call=answered), head, riders)
                    return answer
                if head.pending is not None:
                    self._stepper.finish_pending(head, plan, riders)
                    continue
                step = self._stepper.step(head, plan, event, call.answered, riders)
            except StateMovedError:
                continue
            return EvaluationResult(decision=step.decision, packets=step.packets, status=step.status)
        raise ConcurrentUpdateError(event.run_id)

    def _settled(self, head: RunHead, trigger_id: str) -> StepRecords | None:
        """Return the step that answers a trigger without evaluation (contract §6.4 points 1 and 3)."""
        if head.status is RunStatus.ACTIVE:
            return self.runs.step(head.key, trigger_id)
        last = self.runs.step(head.key, None)
        if last is None:
            raise RunNotActiveError(head.status.value)
        return last

    def _status(self, head: RunHead) -> ScenarioStatus:
        last = self.runs.step(head.key, None) if head.counts.decisions else None
        decision = None if last is None else stored(DecisionRecord, last.decision)
        packets = self.runs.read(head.key, Log.PACKETS, upto=head.counts.packets) if head.counts.packets else ()
        return ScenarioStatus(
            run_id=head.key.run_id,
            scenario_id=head.scenario_id,
            current_stage_id=head.current_stage_id,
            status=head.status,
            last_decision=decision,
            issued_packet_ids=tuple(
                packet.envelope.packet_id
                for body in packets
                if (packet := stored_unless_erased(PacketRecord, body)) is not None
            ),
            safe_summary=decision.outcome.summary
            if decision is not None and isinstance(decision.outcome, HoldOutcome)
            else None,
        )

    def _submission(self, key: RunKey, request: SubmitRequest) -> tuple[SubmissionRecord | None, bool]:
        """Return the record that answers a submission and whether it is new; no record when the id is taken."""
        taken = self.runs.submission(key, request.submission_id)
        if taken is not None:
            record = stored(SubmissionRecord, taken)
            return (record if _is_same(record, request) else None), False
        return (
            SubmissionRecord(
                submission_id=request.submission_id,
                run_id=request.run_id,
                payload=_as_stored(request.payload),
                content_type=request.content_type,
                content_hash=content_hash(request.payload),
                submitted_at=request.submitted_at,
                correlation_id=request.correlation_id,
            ),
            True,
        )


def _no_submission_since(head: RunHead) -> Callable[[RunHead], bool]:
    return lambda now: now.counts.submissions == head.counts.submissions


def _is_same(record: SubmissionRecord, request: SubmitRequest) -> bool:
    """Tell whether *request* hands in again what *record* holds; what is too large to be recorded never does."""
    try:
        return record.content_type == request.content_type and record.content_hash == content_hash(request.payload)
    except PayloadTooLargeError:
        return False


def _as_stored(payload: PacketPayload) -> PacketPayload:
    """Return *payload* as it reads back from its canonical bytes, so that every store answers alike."""
    if isinstance(payload, JsonPayload):
        return JsonPayload(value=canonical_kinds(payload.value))
    return payload


def _result(step: StepRecords, status: RunStatus) -> EvaluationResult:
    return EvaluationResult(
        decision=stored(DecisionRecord, step.decision),
        packets=tuple(stored(PacketRecord, body) for body in step.packets),
        status=status,
    )
