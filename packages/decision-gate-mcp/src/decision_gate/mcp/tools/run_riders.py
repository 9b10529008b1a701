"""The riders of a call that changes a run: made for every commit, told once it is acknowledged."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from types import TracebackType

from decision_gate.core.control_plane import Work
from decision_gate.core.errors import DecisionGateError
from decision_gate.core.ports import Rider
from decision_gate.mcp.hooks.usage_meter import Charge
from decision_gate.mcp.tools.call import Call


class RunRiders(AbstractContextManager["RunRiders"]):
    """Gives the riders of a call to the engine, and tells the audit of the commit that was acknowledged.

    ``charges`` are what the call costs beside itself and the evidence it asks for. ``last`` is the last commit that was
    asked about.

    A call that fails after it recorded its refusal (a missing provider, a submission conflict) has committed too.
    """

    def __init__(self, call: Call, charges: Sequence[Charge] = ()) -> None:
        self._call = call
        self._charges = charges
        self.last: Work | None = None

    def __call__(self, work: Work) -> tuple[Rider, ...]:
        """Return the riders of one commit; the engine asks again when it computes the commit again."""
        self.last = work
        return self._call.riders_of(work, self._charges)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        last = self.last
        if last is not None and (error is None or (isinstance(error, DecisionGateError) and last.error == error.code)):
            self._call.committed(last)
