"""A tool, and one call of it on its way through the guards."""

from collections.abc import Callable, Sequence
from typing import Any

import attrs

from decision_gate.core.control_plane import Work
from decision_gate.core.hashing import hash_json
from decision_gate.core.json import JsonValue, plain
from decision_gate.core.model import TriggerKind
from decision_gate.core.ports import Log, Rider
from decision_gate.core.timestamps import Timestamp
from decision_gate.mcp.hooks.audit_events import Actor, AuditEvent, Scope, run_commit, tool_done
from decision_gate.mcp.hooks.audit_sink import AuditSink
from decision_gate.mcp.hooks.principal import Principal
from decision_gate.mcp.hooks.request import RequestContext
from decision_gate.mcp.hooks.usage_meter import Charge, MeteredCall, Metric, UsageMeter


@attrs.frozen(kw_only=True)
class Place:
    """The tenant and namespace that arguments name; none where they name none."""

    tenant_id: int | None = None
    namespace_id: int | None = None


@attrs.frozen(kw_only=True)
class Moment:
    """The time and kind of a trigger that arguments carry."""

    time: Timestamp
    kind: TriggerKind


@attrs.frozen(kw_only=True)
class Tool:
    """One tool, as its family describes it.

    Attributes:
        name: Name on the wire.
        arguments: Frozen class that the arguments are decoded into.
        place: Reads tenant and namespace from the decoded arguments.
        work: Does the call and returns the JSON text of its result.
        costs: Reads what is metered beside the call itself; admitted before the work.
        actor: Reads for whom the caller says it acts.
        moment: Reads the trigger's time and kind; none for tools that are no triggers (deviation X14).
        retimed: Returns the arguments with another trigger time.
    """

    name: str
    arguments: type
    place: Callable[[Any], Place]
    work: Callable[["Call"], bytes]
    costs: Callable[[Any], Sequence[tuple[Metric, int]]] = lambda _arguments: ()
    actor: Callable[[Any], Actor] = lambda _arguments: Actor()
    moment: Callable[[Any], Moment] | None = None
    retimed: Callable[[Any, Timestamp], Any] | None = None


@attrs.define(kw_only=True)
class Call:
    """One call of one tool. The guards fill it in, in their order; the family reads it.

    Attributes:
        request: Where it came from.
        tool: What is called.
        sent: The arguments as sent.
        now_ms: The server's time when the request arrived, Unix milliseconds.
        meter: Who counts.
        sink: Who keeps the audit.
        events: Audit events so far, in order.
        principal: Who calls; set by the first guard.
        arguments: The decoded arguments; set by the decoding guard.
        place: What the arguments name; set by the decoding guard.
        tenant_id: Tenant that is judged and billed: the named one, else the principal's (deviation X7).
        owed: What a call without a commit costs beside itself, known only after the work.
        is_settled: Whether the call's riders went with a commit.
        ridden: The charges of the riders that were made last.
        done: What a call without a commit tells the audit when it succeeds; in general words unless the tool sets it.
    """

    request: RequestContext
    tool: Tool
    sent: JsonValue
    now_ms: int
    meter: UsageMeter
    sink: AuditSink
    events: list[AuditEvent]
    principal: Principal = attrs.field(init=False)
    arguments: Any = None
    place: Place = Place()
    tenant_id: int | None = None
    is_settled: bool = False
    ridden: tuple[Charge, ...] = ()
    done: AuditEvent | None = None
    owed: list[Charge] = attrs.field(factory=list, init=False)
    _scope: Scope | None = attrs.field(default=None, init=False)
    _has_announced: bool = attrs.field(default=False, init=False)
    _made: tuple[Work, AuditEvent] | None = attrs.field(default=None, init=False)

    @property
    def scope(self) -> Scope:
        """Who acts where, for the audit; known, and made once, when the arguments are decoded."""
        if self._scope is None:
            self._scope = Scope(
                request=self.request,
                principal=self.principal,
                tool=self.tool.name,
                tenant_id=self.tenant_id,
                namespace_id=self.place.namespace_id,
            )
        return self._scope

    def metered(self, charges: Sequence[Charge]) -> MeteredCall:
        """Return this call with what it costs."""
        return MeteredCall(
            principal=self.principal,
            tool=self.tool.name,
            tenant_id=self.tenant_id,
            namespace_id=self.place.namespace_id,
            server_correlation_id=self.request.server_correlation_id,
            at_ms=self.now_ms,
            charges=tuple(charge for charge in charges if charge.metric in self.meter.metrics),
        )

    def call_charge(self) -> Charge:
        """Return the charge of the call itself.

        Its operation is the server's own correlation id, or the caller's ``Idempotency-Key`` bound to principal, tool
        and arguments, so that the key of one call cannot make another one free.
        """
        operation = self.request.server_correlation_id
        if self.request.idempotency_key is not None and Metric.TOOL_CALLS in self.meter.metrics:
            bound: list[JsonValue] = [self.request.idempotency_key, self.principal.id, self.tool.name, self.sent]
            operation = f"key:{hash_json(bound)}"
        return Charge(metric=Metric.TOOL_CALLS, units=1, operation=operation)

    def owe(self, charge: Charge) -> None:
        """Add a charge that is written once the work, which made no commit, has succeeded."""
        self.owed.append(charge)

    def done_event(self) -> AuditEvent:
        """Return what the audit is told of a successful call that made no commit."""
        return self.done if self.done is not None else tool_done(self.scope, self.now_ms)

    def riders(self, charges: Sequence[Charge] = (), event: AuditEvent | None = None) -> tuple[Rider, ...]:
        """Return what is written with a commit that this call makes, or by itself when it makes none.

        INVARIANT: pure but for ``ridden``, for it is asked again when a commit is computed again.
        """
        consumed: Sequence[Rider] = ()
        if self.meter.metrics:
            metered = self.metered((self.call_charge(), *charges))
            self.ridden = metered.charges
            consumed = self.meter.riders(metered) if metered.charges else ()
        told = self.sink.riders(event) if event is not None else ()
        return (*consumed, *told)

    def riders_of(self, work: Work, charges: Sequence[Charge] = ()) -> tuple[Rider, ...]:
        """Return the riders of a commit to a run; a recorded refusal is audited and not billed."""
        event = self._event_of(work)
        if work.error is not None:
            return tuple(self.sink.riders(event))
        return self.riders((*charges, *self._evidence_charges(work), *self._storage_charges(work)), event)

    def committed(self, work: Work) -> None:
        """Note that a commit to a run was acknowledged."""
        self.settle(self._event_of(work))

    def settle(self, event: AuditEvent) -> None:
        """Note that the riders are written: the event is told, and nothing is written for this call again."""
        self.is_settled = True
        self.events.append(event)

    def _event_of(self, work: Work) -> AuditEvent:
        """Make the event of a commit; asked for twice, before it rides and when it is told, it is made once."""
        made = self._made
        if made is None or made[0] is not work:
            event = run_commit(self.scope, self.tool.actor(self.arguments), work.commit, self.now_ms)
            made = self._made = (work, event)
        return made[1]

    def _evidence_charges(self, work: Work) -> Sequence[Charge]:
        if not work.asked or Metric.EVIDENCE_QUERIES not in self.meter.metrics:
            return ()
        run = work.commit.key
        trigger = self.tool.actor(self.arguments).trigger_id or ""
        return [
            Charge(
                metric=Metric.EVIDENCE_QUERIES,
                units=1,
                operation=operation_key("evidence", run.namespace_id, run.run_id, trigger, condition),
            )
            for condition in work.asked
        ]

    def _storage_charges(self, work: Work) -> Sequence[Charge]:
        """Charge the bytes of the records that a commit adds; a record is billed with the version that brought it.

        What was dispatched before, as announced by a commit of this call or of another one, is recorded without
        regard to a quota: its only commit of a decision has no transcript entry, or follows the announcement.
        """
        commit = work.commit
        if Metric.STORAGE_BYTES not in self.meter.metrics:
            return ()
        stored = sum(len(record.body) for record in commit.records)
        if not stored:
            return ()
        logs = {record.log for record in commit.records}
        is_due = self._has_announced or (
            Log.DECISIONS in logs and commit.expected_version > 0 and Log.TOOL_CALLS not in logs
        )
        self._has_announced = self._has_announced or Log.INTENTS in logs
        run = commit.key
        operation = operation_key("commit", run.namespace_id, run.run_id, commit.head.version)
        return [Charge(metric=Metric.STORAGE_BYTES, units=stored, operation=operation, is_due=is_due)]


def operation_key(*parts: JsonValue) -> str:
    """Name an operation so that no id can imitate another's: the JSON text of its parts."""
    return plain(list(parts)).decode()
