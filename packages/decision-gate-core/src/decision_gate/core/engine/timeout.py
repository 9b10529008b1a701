"""Has a stage outlived its deadline? Only a tick asks (contract §6.5)."""

from decision_gate.core.engine.errors import TimeKindMismatchError, TimeoutCalculationError
from decision_gate.core.model import StageSpec, TriggerKind
from decision_gate.core.timestamps import I64_MAX, U64_MAX, Timestamp, UnixMillis


def expired(stage: StageSpec, entered_at: Timestamp, kind: TriggerKind, now: Timestamp) -> bool:
    """Tell whether *stage*, entered at *entered_at*, is over at *now*; at the deadline it is.

    Raises:
        TimeKindMismatchError: The two timestamps are of different kinds.
        TimeoutCalculationError: The deadline is outside the range of timestamps.
    """
    if kind is not TriggerKind.TICK or stage.timeout is None:
        return False
    if now.kind != entered_at.kind:
        raise TimeKindMismatchError
    timeout_ms = stage.timeout.timeout_ms
    if isinstance(entered_at, UnixMillis) and timeout_ms > I64_MAX:
        raise TimeoutCalculationError("timeout_ms exceeds i64 range")
    deadline = entered_at.value + timeout_ms
    if deadline > (I64_MAX if isinstance(entered_at, UnixMillis) else U64_MAX):
        raise TimeoutCalculationError("timeout deadline overflow")
    return now.value >= deadline
