"""What a call did to a run, told to those who charge for it and those who audit it."""

from collections.abc import Callable, Sequence

import attrs

from decision_gate.core.model import DecisionRecord
from decision_gate.core.ports import Commit, Rider


@attrs.frozen(kw_only=True)
class Work:
    """One commit about to be appended.

    ``asked`` names the conditions whose providers were queried for it, in order. ``decision`` is the decision it
    records, none for polls, replays, submissions and announced dispatches. ``error`` is the code of a recorded refusal.
    """

    commit: Commit
    asked: tuple[str, ...] = ()
    decision: DecisionRecord | None = None
    error: str | None = None


RiderSource = Callable[[Work], Sequence[Rider]]
"""Makes the riders of a commit; called again when the commit is sealed again, so it must be pure."""


def no_riders(_work: Work) -> Sequence[Rider]:
    """Charge and audit nothing."""
    return ()
