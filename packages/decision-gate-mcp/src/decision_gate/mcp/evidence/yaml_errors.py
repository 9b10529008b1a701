"""What is wrong with a YAML document."""

from typing import ClassVar

from decision_gate.core.errors import EvidenceError


class YamlDocumentError(EvidenceError):
    """A text is not one YAML document that is also a JSON value (contract §1.4, deviation X13).

    Attributes:
        reason: what is wrong, without the place.
        line: where, from 1; 0 when the place is not known.
    """

    code: ClassVar[str] = "invalid_yaml"

    def __init__(self, reason: str, *, line: int = 0) -> None:
        super().__init__(f"{reason} at line {line}" if line else reason)
        self.reason = reason
        self.line = line
