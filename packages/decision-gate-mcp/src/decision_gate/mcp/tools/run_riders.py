"""The riders of a call that changes a run: made for every commit, told once it is acknowledged."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from decision_gate.core.control_plane import Work
from decision_gate.core.errors import DecisionGateError
from decision_gate.core.ports import Rider
from decision_gate.mcp.hooks.usage_meter import Charge
from decision_gate.mcp.tools.call import Call


class RunRiders:
    """Makes riders and remembers the last commit it was asked about."""

    def __init__(self, call: Call, charges: Sequence[Charge]) -> None:
        self._call = call
        self._charges = charges
        self.last: Work | None = None

    def __call__(self, work: Work) -> tuple[Rider, ...]:
        """Return the riders of one commit; the engine asks again when it computes the commit again."""
        self.last = work
        return self._call.riders_of(work, self._charges)


@contextmanager
def run_riders(call: Call, charges: Sequence[Charge] = ()) -> Iterator[RunRiders]:
    """Give the riders of a call to the engine, and tell the audit of the commit that was acknowledged.

    ``charges`` are what the call costs beside itself and the evidence it asks for.

    A call that fails after it recorded its refusal (a missing provider, a submission conflict) has committed
    too.
    """
    riders = RunRiders(call, charges)
    try:
        yield riders
    except DecisionGateError as error:
        if riders.last is not None and riders.last.error == error.code:
            call.committed(riders.last)
        raise
    if riders.last is not None:
        call.committed(riders.last)
