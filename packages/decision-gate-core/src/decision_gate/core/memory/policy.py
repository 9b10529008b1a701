"""The policy of an engine for which nobody decides: every disclosure is permitted."""

from decision_gate.core.model import DispatchTarget, PacketEnvelope, PacketPayload


class PermitAll:
    """A ``PolicyDecider`` for tests and for library users that disclose to themselves."""

    def permits(
        self,
        target: DispatchTarget,  # noqa: ARG002 - part of the port
        envelope: PacketEnvelope,  # noqa: ARG002 - part of the port
        payload: PacketPayload,  # noqa: ARG002 - part of the port
    ) -> bool:
        """Permit."""
        return True
