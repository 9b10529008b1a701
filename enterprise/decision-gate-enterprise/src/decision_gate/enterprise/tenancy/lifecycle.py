"""Life of organisations, tenants and namespaces. Every transition lives here.

Only what is active is served. Nothing is removed with a state: data is kept until it is erased under retention, and a
deleted thing stays as a row, so that its number and its name are never given away again.
"""

from enum import Enum
from typing import ClassVar, Final

from decision_gate.core.errors import CallerError


class State(Enum):
    """Where something is in its life."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSING = "closing"
    DELETED = "deleted"

    def __str__(self) -> str:
        return self.value


class TransitionRefusedError(CallerError):
    """A state cannot follow another, or not yet; the message says why."""

    code: ClassVar[str] = "transition_refused"


TRANSITIONS: Final = {
    State.ACTIVE: frozenset({State.SUSPENDED, State.CLOSING}),
    State.SUSPENDED: frozenset({State.ACTIVE, State.CLOSING}),
    State.CLOSING: frozenset({State.ACTIVE, State.DELETED}),
    State.DELETED: frozenset[State](),
}
"""What may follow what: closing can be taken back until it is deletion, and nothing is deleted without closing."""


def demand_transition(before: State, after: State, *, at_ms: int, retain_until: int | None, is_held: bool) -> None:
    """Return when *after* may follow *before* at this moment.

    Args:
        before: State so far.
        after: State wished for.
        at_ms: Now, in Unix milliseconds.
        retain_until: Until when what is closing is kept; none for ever.
        is_held: Whether a legal hold keeps it whatever retention says.

    Raises:
        TransitionRefusedError: It may not, or not yet.
    """
    if after not in TRANSITIONS[before]:
        allowed = ", ".join(sorted(map(str, TRANSITIONS[before]))) or "nothing"
        raise TransitionRefusedError(f"{before} cannot become {after}; it can become: {allowed}")
    if after is not State.DELETED:
        return
    if is_held:
        raise TransitionRefusedError("a legal hold keeps it: lift the hold first")
    if retain_until is None or at_ms < retain_until:
        raise TransitionRefusedError(f"retention keeps it until {retain_until} (unix milliseconds)")
