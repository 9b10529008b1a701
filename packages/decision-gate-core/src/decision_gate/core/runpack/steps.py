"""The steps of a run, put together again from its logs: each trigger with what came of it.

Every decided trigger adds one record to the triggers and one to the decisions, its gate evaluations and its
packets, all in the same commit. So the four logs are read side by side, and the whole run is never in memory.
"""

from collections.abc import Iterator
from typing import Generic, TypeVar

import attrs

from decision_gate.core.errors import CallerError
from decision_gate.core.model import (
    DecisionRecord,
    FailOutcome,
    GateEvalRecord,
    PacketRecord,
    StartOutcome,
    TriggerEvent,
    TriggerKind,
    TriggerRecord,
)
from decision_gate.core.runpack.pack_file import Entry

Record = TypeVar("Record")


@attrs.frozen(kw_only=True)
class RecordedStep:
    """One trigger and everything that was recorded because of it."""

    trigger: Entry[TriggerRecord]
    decision: Entry[DecisionRecord]
    gate_evals: tuple[Entry[GateEvalRecord], ...]
    packets: tuple[Entry[PacketRecord], ...]

    @property
    def is_start(self) -> bool:
        """Whether it is the engine's own first step: the start, or one whose packets could not be delivered.

        Only a dispatcher with effects leaves a failed start on record (``docs/adr/0001-run-log.md``).
        """
        match self.decision.record.outcome:
            case StartOutcome():
                return True
            case FailOutcome():
                return self.decision.record.seq == 1 and is_initial(self.trigger.record.event)
            case _:
                return False


def is_initial(event: TriggerEvent) -> bool:
    """Tell whether *event* is the one that the engine makes when it starts a run (contract §6.2)."""
    made = (event.trigger_id, event.kind, event.source_id, event.payload, event.correlation_id)
    return made == ("init", TriggerKind.EXTERNAL_EVENT, "system", None, None)


class StepMismatchError(CallerError):
    """The logs do not belong together; the message names the first record without its counterpart."""

    code = "step_mismatch"


def recorded_steps(
    triggers: Iterator[Entry[TriggerRecord]],
    gate_evals: Iterator[Entry[GateEvalRecord]],
    decisions: Iterator[Entry[DecisionRecord]],
    packets: Iterator[Entry[PacketRecord]],
) -> Iterator[RecordedStep]:
    """Yield the steps in order.

    Raises:
        StepMismatchError: A record has no counterpart at its place; steps before it were yielded.
    """
    evaluated = _Run(gate_evals)
    issued = _Run(packets)
    for trigger in triggers:
        trigger_id = trigger.record.event.trigger_id
        decision = next(decisions, None)
        if decision is None:
            raise StepMismatchError(f"trigger {trigger_id} has no decision")
        if decision.record.trigger_id != trigger_id:
            raise StepMismatchError(
                f"decision {decision.position} answers trigger {decision.record.trigger_id}, "
                f"but trigger {trigger.position} is {trigger_id}"
            )
        yield RecordedStep(
            trigger=trigger,
            decision=decision,
            gate_evals=evaluated.take("trigger_id", trigger_id),
            packets=issued.take("decision_id", decision.record.decision_id),
        )
    if (decision := next(decisions, None)) is not None:
        raise StepMismatchError(
            f"decision {decision.position} answers trigger {decision.record.trigger_id}, "
            "which is not in the trigger log"
        )
    if (gate_eval := evaluated.waiting) is not None:
        raise StepMismatchError(
            f"gate evaluation {gate_eval.position} names trigger {gate_eval.record.trigger_id}, which has no step there"
        )
    if (packet := issued.waiting) is not None:
        raise StepMismatchError(f"packet {packet.position} names {packet.record.decision_id}, which has no step there")


class _Run(Generic[Record]):
    """A log whose records are taken in runs that belong to one step."""

    def __init__(self, entries: Iterator[Entry[Record]]) -> None:
        self._entries = entries
        self.waiting = next(entries, None)

    def take(self, name: str, value: str) -> tuple[Entry[Record], ...]:
        """Return the records that come next and whose field *name* is *value*."""
        taken = []
        while self.waiting is not None and getattr(self.waiting.record, name) == value:
            taken.append(self.waiting)
            self.waiting = next(self._entries, None)
        return tuple(taken)
