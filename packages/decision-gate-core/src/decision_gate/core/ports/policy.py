"""Who may see a packet: asked before every delivery."""

from typing import Protocol

from decision_gate.core.errors import CallerError, StoreError
from decision_gate.core.model import DispatchTarget, PacketEnvelope, PacketPayload


class DisclosureDeniedError(CallerError):
    """The policy denied a disclosure (contract §6.7)."""

    code = "policy_denied"

    def __init__(self) -> None:
        super().__init__("policy denied disclosure")


class PolicyFailedError(StoreError):
    """The policy could not decide, which denies."""

    code = "policy_failed"

    def __init__(self, message: str) -> None:
        super().__init__(f"policy decision error: {message}")
        self.message = message


class PolicyDecider(Protocol):
    """Decides whether a packet may go to a target."""

    def permits(self, target: DispatchTarget, envelope: PacketEnvelope, payload: PacketPayload) -> bool:
        """Return whether the disclosure is permitted.

        Raises:
            PolicyFailedError: No decision could be made.
        """
        ...
