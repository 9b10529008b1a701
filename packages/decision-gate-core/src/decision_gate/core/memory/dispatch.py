"""The dispatcher that delivers nothing and acknowledges everything, as the server's own does (contract §6.7)."""

from typing import ClassVar

from decision_gate.core.codec import hash_record
from decision_gate.core.model import DispatchReceipt, DispatchTarget, PacketEnvelope, PacketPayload


class ReceiptDispatcher:
    """A ``Dispatcher`` whose receipts depend on the envelope alone, so that a run can be replayed."""

    has_effects: ClassVar[bool] = False

    def dispatch(
        self,
        target: DispatchTarget,
        envelope: PacketEnvelope,
        payload: PacketPayload,  # noqa: ARG002 - part of the port
        *,
        idempotency_key: str,  # noqa: ARG002 - part of the port
    ) -> DispatchReceipt:
        """Return the receipt ``mcp-<packet id>``, dated with the envelope and carrying its canonical hash."""
        return DispatchReceipt(
            dispatch_id=f"mcp-{envelope.packet_id}",
            target=target,
            receipt_hash=hash_record(envelope),
            dispatched_at=envelope.issued_at,
            dispatcher="mcp",
        )
