"""What is wrong with a JSONPath."""

from typing import ClassVar

from decision_gate.core.errors import EvidenceError


class JsonPathError(EvidenceError):
    """The path is no path of the dialect, or asks for something the dialect has no answer to."""

    code: ClassVar[str] = "invalid_jsonpath"
