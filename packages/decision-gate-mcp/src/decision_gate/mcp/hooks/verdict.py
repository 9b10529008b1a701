"""The answer of a seam that judges: yes or no, and why."""

import attrs


@attrs.frozen(kw_only=True)
class QuotaStanding:
    """The caller's own quota of one metric, as the client may be told (deviation W5).

    Attributes:
        limit: Units allowed in the period.
        used: Units used so far.
        resets_at_ms: Unix milliseconds at which the period ends; none when it does not.
    """

    limit: int
    used: int
    resets_at_ms: int | None = None


@attrs.frozen
class Verdict:
    """A judgement with its reason; the reason is for the audit, never for the client.

    ``quota`` is what a meter says about the caller's own quota when it denies.
    """

    allowed: bool
    reason: str
    quota: QuotaStanding | None = None
