"""Deliver packets: ask the policy, dispatch, collect receipts; the core's only effects (contract §6.7)."""

from collections.abc import Sequence

from decision_gate.core.engine import Packet
from decision_gate.core.json import canonical
from decision_gate.core.model import DispatchTarget, PacketRecord
from decision_gate.core.ports import DisclosureDeniedError, Dispatcher, PolicyDecider, RunKey


def disclose(
    packets: Sequence[Packet],
    targets: Sequence[DispatchTarget],
    *,
    run: RunKey,
    decision_id: str,
    policy: PolicyDecider | None,
    dispatcher: Dispatcher,
) -> tuple[PacketRecord, ...]:
    """Deliver every packet to every target, in order, and return the records.

    The first failure aborts; what was delivered before stays delivered. Without targets a packet is recorded without
    receipts and the policy is not asked.

    Raises:
        DisclosureDeniedError: The policy denied one disclosure.
        PolicyFailedError: The policy could not decide.
        DispatchFailedError: One delivery failed.
    """
    records = []
    for packet in packets:
        receipts = []
        for number, target in enumerate(targets):
            if policy is not None and not policy.permits(target, packet.envelope, packet.payload):
                raise DisclosureDeniedError
            key = _idempotency_key(run, decision_id, packet.envelope.packet_id, number)
            receipts.append(dispatcher.dispatch(target, packet.envelope, packet.payload, idempotency_key=key))
        records.append(
            PacketRecord(
                envelope=packet.envelope,
                payload=packet.payload,
                receipts=tuple(receipts),
                decision_id=decision_id,
            )
        )
    return tuple(records)


def _idempotency_key(run: RunKey, decision_id: str, packet_id: str, target: int) -> str:
    """Name a delivery the same way every time; JSON text, so that no id can imitate another's key."""
    return canonical([run.tenant_id, run.namespace_id, run.run_id, decision_id, packet_id, target]).decode()
