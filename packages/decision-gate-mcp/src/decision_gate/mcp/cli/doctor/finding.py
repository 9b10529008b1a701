"""What the doctor found: one sentence about one thing, and what to do about it."""

from enum import StrEnum

import attrs

from decision_gate.core.json import JsonValue


class Level(StrEnum):
    """How bad it is: only ``failed`` makes the whole examination fail."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@attrs.frozen(kw_only=True)
class Finding:
    """One result. ``fix`` says what to do; none where nothing is wrong."""

    subject: str
    level: Level
    said: str
    fix: str | None = None

    def wire(self) -> dict[str, JsonValue]:
        """Return the finding as programs read it."""
        return {"subject": self.subject, "level": self.level.value, "said": self.said, "fix": self.fix}


def ok(subject: str, said: str) -> Finding:
    """Say that something is as it should be."""
    return Finding(subject=subject, level=Level.OK, said=said)


def warning(subject: str, said: str, fix: str) -> Finding:
    """Say that something works and should not stay so."""
    return Finding(subject=subject, level=Level.WARNING, said=said, fix=fix)


def failed(subject: str, said: str, fix: str) -> Finding:
    """Say that something does not work, or protects nobody."""
    return Finding(subject=subject, level=Level.FAILED, said=said, fix=fix)
