"""Start a run (contract §6.2)."""

import contextlib

from decision_gate.core.control_plane.appending import StateMovedError
from decision_gate.core.control_plane.run_fold import fold, fold_store
from decision_gate.core.control_plane.stepping import DISCLOSURE_FAILURES, Stepper
from decision_gate.core.control_plane.work import RiderSource
from decision_gate.core.engine import (
    Draft,
    NamespaceMismatchError,
    ScenarioMismatchError,
    ScenarioPlan,
    announce,
    failed,
    start,
    store_step,
    with_packets,
)
from decision_gate.core.ids import check_identifier
from decision_gate.core.model import RunConfig, RunState, RunStatus, TriggerEvent, TriggerKind
from decision_gate.core.ports import (
    FIRST,
    LogCounts,
    RunExistsError,
    RunHead,
    RunKey,
    ScenarioDefinition,
)
from decision_gate.core.timestamps import Timestamp

INITIAL_TRIGGER = "init"
"""Trigger id of a run that issues entry packets; not reserved (contract §6.2)."""

_SOURCE = "system"


def start_run(
    stepper: Stepper,
    definition: ScenarioDefinition,
    plan: ScenarioPlan,
    config: RunConfig,
    started_at: Timestamp,
    riders: RiderSource,
    *,
    issue: bool,
) -> RunState:
    """Create the run and return its state, with its first step when *issue* asks for the initial stage's packets."""
    check_identifier("run_id", config.run_id)
    if config.scenario_id != plan.spec.scenario_id:
        raise ScenarioMismatchError(config.scenario_id)
    if config.namespace_id != plan.spec.namespace_id:
        raise NamespaceMismatchError(config.namespace_id)
    targets = config.dispatch_targets
    head = _unborn(definition, plan, config, started_at)
    if stepper.runs.head(head.key) is not None:
        raise RunExistsError(config.run_id)
    if not issue:
        return fold(stepper.create(Draft(state_version=0, dispatch_targets=targets), head, riders), targets, None)
    step = start(head, _initial_trigger(config, started_at))
    packets = stepper.packets(head, plan, step)
    decision_id = step.decision.decision_id
    if not (stepper.dispatcher.has_effects and packets and targets):
        issued = with_packets(step, stepper.deliver(head.key, decision_id, packets, targets))
        draft = Draft(state_version=0, dispatch_targets=targets, step=store_step(issued))
        return fold(stepper.create(draft, head, riders), targets, issued)
    intent = announce(step, packets, stepper.lease())
    head = stepper.create(Draft(state_version=0, dispatch_targets=targets, intent=intent), head, riders)
    try:
        issued = with_packets(step, stepper.deliver(head.key, decision_id, packets, targets))
    except DISCLOSURE_FAILURES as error:
        # Something may have left the house, so the run stays on record, failed; unless our lease ended and somebody
        # else has finished the dispatch.
        with contextlib.suppress(StateMovedError):
            stepper.append(head, failed(head, step, str(error)), None, (), riders)
        raise
    try:
        return fold(stepper.append(head, issued, None, (), riders), targets, issued)
    except StateMovedError as moved:
        # Our lease ended and somebody else finished the dispatch, with the same keys.
        return fold_store(stepper.runs, moved.head)


def _unborn(definition: ScenarioDefinition, plan: ScenarioPlan, config: RunConfig, started_at: Timestamp) -> RunHead:
    return RunHead(
        key=RunKey(config.tenant_id, config.namespace_id, config.run_id),
        scenario_id=config.scenario_id,
        owner=definition.key.owner,
        spec_hash=definition.spec_hash,
        current_stage_id=plan.spec.stages[0].stage_id,
        stage_entered_at=started_at,
        status=RunStatus.ACTIVE,
        version=0,
        state_version=0,
        counts=LogCounts(),
        digest=FIRST,
    )


def _initial_trigger(config: RunConfig, started_at: Timestamp) -> TriggerEvent:
    return TriggerEvent(
        trigger_id=INITIAL_TRIGGER,
        tenant_id=config.tenant_id,
        namespace_id=config.namespace_id,
        run_id=config.run_id,
        kind=TriggerKind.EXTERNAL_EVENT,
        time=started_at,
        source_id=_SOURCE,
    )
