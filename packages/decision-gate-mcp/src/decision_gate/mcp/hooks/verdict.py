"""The answer of a seam that judges: yes or no, and why."""

import attrs


@attrs.frozen
class Verdict:
    """A judgement with its reason; the reason is for the audit, never for the client."""

    allowed: bool
    reason: str
