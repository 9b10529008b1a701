"""The one scale of severities that findings of every tool are put on."""

from enum import IntEnum


class Severity(IntEnum):
    """How bad a finding is, in order."""

    NONE = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def word(self) -> str:
        """The name on the wire."""
        return self.name.lower()


SEVERITY_BY_WORD = {severity.word: severity for severity in Severity}
"""The scale by its names on the wire."""
