"""Why a scenario or a query is refused before the engine sees it. All are ``invalid_params`` on the wire."""

from typing import ClassVar

from decision_gate.mcp.errors import InvalidParamsError


class StrictValidationError(InvalidParamsError):
    """A comparator cannot apply to the type of its evidence; the text is one of contract §6, without a prefix."""

    code: ClassVar[str] = "strict_validation"


class SchemaClassError(StrictValidationError):
    """The type of a schema cannot be told (contract §6.3)."""

    code: ClassVar[str] = "schema_class"


class CapabilityError(InvalidParamsError):
    """A condition or query asks for what its provider does not offer (contract §7.4).

    ``capability_code`` is the word before the colon; it is part of the wire.
    """

    code: ClassVar[str] = "capability"

    def __init__(self, capability_code: str, text: str) -> None:
        super().__init__(f"{capability_code}: {text}")
        self.capability_code = capability_code
