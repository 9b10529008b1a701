"""Room that is reserved for what cannot be written in one transaction with its charge (``hooks/usage_meter.py``)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from decision_gate.core.errors import DecisionGateError
from decision_gate.core.ports import Rider, RunStore
from decision_gate.mcp.hooks.usage_meter import Charge
from decision_gate.mcp.tools.call import Call
from decision_gate.mcp.tools.guards import admit_charge


@contextmanager
def reserved(call: Call, runs: RunStore, charge: Charge) -> Iterator[None]:
    """Hold room for *charge* while the block writes what it pays for; give it back when the block fails.

    When the block succeeds the call owes a charge of the same operation that ``is_reserved``. Whoever dies in between
    leaves a reservation that ends by itself.

    Raises:
        QuotaExceededError, UnauthorizedError: See ``admit_charge``; the block is not entered.
        RiderRefusedError: The quota ran out since it was asked; the block is not entered.
        StoreError: Nothing could be reserved; the block is not entered.
    """
    metered = call.metered((charge,))
    admit_charge(call, metered, charge)
    call.ridden = metered.charges
    _record(runs, call.meter.reserve(metered))
    try:
        yield
    except BaseException:
        # The failure of the block is what matters; a reservation that cannot be given back ends by itself.
        with suppress(DecisionGateError):
            _record(runs, call.meter.release(metered))
        raise


def _record(runs: RunStore, riders: Sequence[Rider]) -> None:
    if riders:
        runs.record(riders)
