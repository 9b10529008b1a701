"""What is wrong with a YAML document."""

from typing import ClassVar

from decision_gate.core.errors import EvidenceError


class YamlDocumentError(EvidenceError):
    """A text is not one YAML document that is also a JSON value (contract §1.4, deviation X13).

    Attributes:
        reason: what is wrong, without the place.
        allowed: what may stand there; empty when the reason says it.
        line: where, from 1; 0 when the place is not known.
        column: where in the line, from 1; 0 when only the line is known.
        path: keys and positions from the root, as far as they were read.
    """

    code: ClassVar[str] = "invalid_yaml"

    def __init__(
        self,
        reason: str,
        *,
        allowed: str = "",
        place: tuple[int, int] = (0, 0),
        path: tuple[str | int, ...] = (),
    ) -> None:
        self.line, self.column = place
        super().__init__(f"{reason} at line {self.line}" if self.line else reason)
        self.reason = reason
        self.allowed = allowed
        self.path = path
