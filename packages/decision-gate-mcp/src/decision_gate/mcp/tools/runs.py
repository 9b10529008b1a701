"""The tools that drive runs: start, status, next, submit, trigger (contract §2.2 – §2.6)."""

from collections.abc import Callable, Sequence
from typing import Any

import attrs

from decision_gate.core.codec import encode
from decision_gate.core.control_plane import ControlPlane, Work
from decision_gate.core.json import plain
from decision_gate.core.model import NextRequest, ScenarioSpec, TriggerEvent, TriggerKind
from decision_gate.core.ports import Log, RunKey
from decision_gate.core.timestamps import Timestamp
from decision_gate.mcp.hooks.audit_events import Actor
from decision_gate.mcp.hooks.request import Dialect
from decision_gate.mcp.hooks.usage_meter import Charge, Metric
from decision_gate.mcp.tools.arguments import (
    NextArguments,
    StartArguments,
    StatusArguments,
    SubmitArguments,
    TriggerArguments,
)
from decision_gate.mcp.tools.call import Call, Moment, Place, Tool, operation_key
from decision_gate.mcp.tools.feedback import FeedbackRule, feedback_value, reasons_value
from decision_gate.mcp.tools.run_riders import RunRiders
from decision_gate.mcp.turns import RunTurns

RawRule = Callable[[str], bool]
"""Tells whether raw evidence of a provider may be disclosed (contract §8.1)."""


@attrs.frozen(kw_only=True)
class RunTools:
    """The run family over one control plane; ``turn`` lets one caller at a time move a run."""

    plane: ControlPlane
    turn: RunTurns
    feedback: FeedbackRule
    raw_allowed: RawRule

    def tools(self) -> tuple[Tool, ...]:
        """Return the five tools."""
        return (
            Tool(
                name="scenario_start",
                arguments=StartArguments,
                place=_place_of("run_config"),
                work=self.start,
                costs=lambda _arguments: ((Metric.RUNS_STARTED, 1),),
            ),
            Tool(
                name="scenario_status",
                arguments=StatusArguments,
                place=_place_of("request"),
                work=self.status,
            ),
            Tool(
                name="scenario_next",
                arguments=NextArguments,
                place=_place_of("request"),
                work=self.next,
                actor=_next_actor,
                moment=lambda arguments: Moment(time=arguments.request.time, kind=TriggerKind.AGENT_REQUEST_NEXT),
                retimed=_retimed_next,
            ),
            Tool(
                name="scenario_submit",
                arguments=SubmitArguments,
                place=_place_of("request"),
                work=self.submit,
            ),
            Tool(
                name="scenario_trigger",
                arguments=TriggerArguments,
                place=_place_of("trigger"),
                work=self.trigger,
                actor=_trigger_actor,
                moment=lambda arguments: Moment(time=arguments.trigger.time, kind=arguments.trigger.kind),
                retimed=_retimed_trigger,
            ),
        )

    def start(self, call: Call) -> bytes:
        """Start a run and return its whole state (contract §2.2)."""
        arguments: StartArguments = call.arguments
        config = arguments.run_config
        started = Charge(
            metric=Metric.RUNS_STARTED,
            units=1,
            operation=operation_key("run", config.namespace_id, config.run_id),
        )
        with RunRiders(call, (started,)) as riders:
            state = self.plane.start(
                arguments.scenario_id,
                config,
                arguments.started_at,
                issue_entry_packets=arguments.issue_entry_packets,
                riders=riders,
            )
        return plain(encode(state))

    def status(self, call: Call) -> bytes:
        """Say where a run stands (contract §2.3)."""
        arguments: StatusArguments = call.arguments
        with RunRiders(call) as riders:
            answer = self.plane.status(arguments.scenario_id, arguments.request, riders=riders)
        return plain(encode(answer))

    def next(self, call: Call) -> bytes:
        """Ask whether a run may go on, with as much explanation as the caller may have (contract §2.4)."""
        arguments: NextArguments = call.arguments
        with self.turn(_key_of(arguments.request)), RunRiders(call) as riders:
            result = self.plane.next(arguments.scenario_id, arguments.request, riders=riders)
        answer = encode(result)
        granted = self.feedback.grant(call.principal, call.place, arguments.feedback)
        if granted is not None:
            key = _key_of(arguments.request)
            gate_evals = self._gate_evals(key, arguments.request.trigger_id, riders)
            disclosed = self._disclosed(key)
            answer["feedback"] = feedback_value(granted, gate_evals, disclosed)
            # The reply of /rpc is closed (contract §2.4): there only who asks is told more.
            if arguments.reasons or (arguments.reasons is None and call.request.dialect is Dialect.MCP):
                answer["feedback"]["reasons"] = reasons_value(granted, self._spec(key), gate_evals, disclosed)
        return plain(answer)

    def submit(self, call: Call) -> bytes:
        """Take something in (contract §2.5)."""
        arguments: SubmitArguments = call.arguments
        with RunRiders(call) as riders:
            answer = self.plane.submit(arguments.scenario_id, arguments.request, riders=riders)
        return plain(encode(answer))

    def trigger(self, call: Call) -> bytes:
        """Move a run; never with feedback (contract §2.6)."""
        arguments: TriggerArguments = call.arguments
        with self.turn(_key_of(arguments.trigger)), RunRiders(call) as riders:
            answer = self.plane.trigger(arguments.scenario_id, arguments.trigger, riders=riders)
        return plain(encode(answer))

    def _gate_evals(self, key: RunKey, trigger_id: str, riders: RunRiders) -> Sequence[bytes]:
        """Return the stored evaluations of a trigger: those of the commit just made, else the recorded ones."""
        work: Work | None = riders.last
        if work is not None and work.decision is not None and work.decision.trigger_id == trigger_id:
            return [record.body for record in work.commit.records if record.log is Log.GATE_EVALS]
        step = self.plane.runs.step(key, trigger_id)
        return () if step is None else step.gate_evals

    def _spec(self, key: RunKey) -> ScenarioSpec | None:
        """Return the scenario that a run began with."""
        head = self.plane.runs.head(key)
        return None if head is None else self.plane.lookup.plan_of(head).spec

    def _disclosed(self, key: RunKey) -> RawRule:
        """Return the raw-value rule by condition instead of by provider; the run's own scenario joins the two."""
        providers: dict[str, str] = {}

        def is_disclosed(condition_id: str) -> bool:
            if not providers:
                spec = self._spec(key)
                for condition in () if spec is None else spec.conditions:
                    providers[condition.condition_id] = condition.query.provider_id
            provider = providers.get(condition_id)
            return provider is not None and self.raw_allowed(provider)

        return is_disclosed


def _key_of(named: NextRequest | TriggerEvent) -> RunKey:
    return RunKey(named.tenant_id, named.namespace_id, named.run_id)


def _place_of(member: str) -> Callable[[Any], Place]:
    def place(arguments: Any) -> Place:  # noqa: ANN401 - one of the argument records
        record = getattr(arguments, member)
        return Place(tenant_id=record.tenant_id, namespace_id=record.namespace_id)

    return place


def _next_actor(arguments: NextArguments) -> Actor:
    request = arguments.request
    return Actor(
        agent_id=request.agent_id,
        trigger_id=request.trigger_id,
        trigger_kind=TriggerKind.AGENT_REQUEST_NEXT.value,
    )


def _trigger_actor(arguments: TriggerArguments) -> Actor:
    trigger = arguments.trigger
    return Actor(source_id=trigger.source_id, trigger_id=trigger.trigger_id, trigger_kind=trigger.kind.value)


def _retimed_next(arguments: NextArguments, time: Timestamp) -> NextArguments:
    return attrs.evolve(arguments, request=attrs.evolve(arguments.request, time=time))


def _retimed_trigger(arguments: TriggerArguments, time: Timestamp) -> TriggerArguments:
    return attrs.evolve(arguments, trigger=attrs.evolve(arguments.trigger, time=time))
