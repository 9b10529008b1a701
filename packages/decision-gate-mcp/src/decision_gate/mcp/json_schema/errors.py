"""Why a JSON Schema is not taken."""

from typing import ClassVar

from decision_gate.mcp.errors import InvalidParamsError


class InvalidSchemaError(InvalidParamsError):
    """A JSON Schema is none, reaches outside itself, or is beyond a bound (contract §6.4 step 8, deviation X5)."""

    code: ClassVar[str] = "invalid_schema"

    def __init__(self, reason: str) -> None:
        super().__init__(f"invalid schema: {reason}")
        self.reason = reason
