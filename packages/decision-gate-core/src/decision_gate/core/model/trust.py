"""Trust lanes: who vouches for a piece of evidence (contract §3.2)."""

import enum

import attrs


class TrustLane(enum.Enum):
    """Whether a provider of ours fetched the evidence or the judged party asserted it."""

    VERIFIED = "verified"
    ASSERTED = "asserted"

    @property
    def rank(self) -> int:
        """Order of strictness: verified 1, asserted 0."""
        return 1 if self is TrustLane.VERIFIED else 0


@attrs.frozen(kw_only=True)
class TrustRequirement:
    """The weakest lane that is accepted."""

    min_lane: TrustLane


def stricter(first: TrustLane, second: TrustLane) -> TrustLane:
    """Return the lane of higher rank."""
    return first if first.rank >= second.rank else second
