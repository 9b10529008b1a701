"""The generic cell rate algorithm: one number for each caller, no window that starts anew.

The number is the *theoretical arrival time*: when the caller would have used up what it was given so far, were it to
come evenly. Law: in any stretch of time t at most ``burst + t / interval`` requests are admitted.
"""

from typing import TypeAlias

import attrs


@attrs.frozen(kw_only=True)
class Rate:
    """One request each ``interval_us`` on average, and ``burst`` of them at once."""

    interval_us: int = attrs.field(validator=attrs.validators.ge(1))
    burst: int = attrs.field(validator=attrs.validators.ge(1))

    @property
    def tolerance_us(self) -> int:
        """How far ahead of now the arrival time may be."""
        return self.interval_us * self.burst


@attrs.frozen(kw_only=True)
class Admitted:
    """The request may pass; ``arrival_us`` is to be kept."""

    arrival_us: int


@attrs.frozen(kw_only=True)
class Refused:
    """The request came too early; nothing is to be kept. It would be admitted after ``retry_after_us``."""

    retry_after_us: int


Judgement: TypeAlias = Admitted | Refused


def judge(rate: Rate, arrival_us: int | None, now_us: int) -> Judgement:
    """Judge one request of a caller whose kept arrival time is *arrival_us*, none for one that is new."""
    arrival = max(now_us if arrival_us is None else arrival_us, now_us) + rate.interval_us
    early = arrival - rate.tolerance_us - now_us
    return Admitted(arrival_us=arrival) if early <= 0 else Refused(retry_after_us=early)
