"""The statuses of many subjects, on bit planes in big integers.

One plane holds one bit per subject, so an operation on two planes judges all subjects at once, at the speed
of memory.
"""

from collections.abc import Sequence

import attrs


@attrs.frozen(kw_only=True)
class Planes:
    """Statuses of many subjects: TRUE where both bits are set, UNKNOWN where only the second is."""

    true: int
    possible: int


def at_least(planes: Sequence[int], minimum: int, full: int) -> int:
    """Mark the subjects that are set in ``minimum`` planes or more; all of ``full`` for 0."""
    reached = [full, *[0] * minimum]  # reached[k]: the subjects set in k planes or more of those seen
    left = len(planes)
    for plane in planes:
        left -= 1
        # Upwards from below would count a plane twice; counts that the planes left cannot lift to the minimum
        # are dead.
        for count in range(minimum, max(0, minimum - left - 1), -1):
            reached[count] |= reached[count - 1] & plane
    return reached[minimum]
