"""Delivering packets: the only effect of a step."""

from typing import Protocol

from decision_gate.core.errors import StoreError
from decision_gate.core.model import DispatchReceipt, DispatchTarget, PacketEnvelope, PacketPayload


class DispatchFailedError(StoreError):
    """A packet could not be delivered (contract §6.7)."""

    code = "dispatch_failed"

    def __init__(self, message: str) -> None:
        super().__init__(f"dispatch error: {message}")
        self.message = message


class Dispatcher(Protocol):
    """Delivers packets to targets."""

    @property
    def has_effects(self) -> bool:
        """Whether a delivery is seen outside; then an intent is committed before the first one."""
        ...

    def dispatch(
        self,
        target: DispatchTarget,
        envelope: PacketEnvelope,
        payload: PacketPayload,
        *,
        idempotency_key: str,
    ) -> DispatchReceipt:
        """Deliver one packet to one target, at least once.

        *idempotency_key* is the same when a delivery is repeated after a crash: run, decision, packet and
        target.

        Raises:
            DispatchFailedError: The packet was not delivered.
        """
        ...
