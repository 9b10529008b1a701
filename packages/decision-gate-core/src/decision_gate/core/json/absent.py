"""No value at all, where JSON null is a value."""

import enum
from typing import Final


class Absent(enum.Enum):
    """The type of ``ABSENT``; annotate with ``Literal[Absent.ABSENT]``."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT
"""No value at all, which JSON null is not: null evidence exists."""
