"""What can be wrong with a requirement, each with the wording of contract §4."""

from typing import ClassVar

from decision_gate.core.errors import CallerError


class RequirementDecodeError(CallerError):
    """A JSON value is not a requirement (contract §4.1).

    Attributes:
        path: Where in the value, such as ``And[1].RequireGroup.min``; empty for the value itself.
        reason: What is wrong there, in the exact words of the wire, without the path.
    """

    code: ClassVar[str] = "requirement_malformed"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}" if path else reason)
        self.path = path
        self.reason = reason


class RequirementStructureError(CallerError):
    """A requirement breaks a structural rule, such as depth or a count out of reach (contract §4.2)."""

    code: ClassVar[str] = "requirement_structure"


class RequirementTextError(CallerError):
    """A requirement text does not parse, or a requirement has no text (contract §4.6).

    Attributes:
        position: Byte offset (UTF-8) of the fault in the text; None when the fault is not at one place.
    """

    code: ClassVar[str] = "requirement_text"

    def __init__(self, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.position = position
