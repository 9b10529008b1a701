"""What can be wrong with a JSON text, or with a value that should become one."""

from decision_gate.core.errors import CallerError


class JsonParseError(CallerError):
    """A text is not one strict JSON document (contract §1.1, deviation X13).

    The message is worded and placed as the reference words and places it. Of the document it repeats nothing
    but the name of a duplicate key.

    Attributes:
        reason: What is wrong, without the place.
        line: Line of the offending byte, from 1.
        column: Column of the offending byte, in bytes, from 1; 0 when the byte is the line break itself.
    """

    code = "json_invalid"

    def __init__(self, reason: str, *, line: int, column: int) -> None:
        super().__init__(f"{reason} at line {line} column {column}")
        self.reason = reason
        self.line = line
        self.column = column


class JsonEncodeError(CallerError):
    """A Python value has no JSON text.

    Attributes:
        reason: What is wrong, without repeating the value.
    """

    code = "json_unencodable"

    def __init__(self, reason: str) -> None:
        super().__init__(f"failed to serialize json: {reason}")
        self.reason = reason


class CanonicalJsonError(CallerError):
    """A Python value has no canonical JSON (contract §1.5).

    Attributes:
        reason: What is wrong, without repeating the value.
    """

    code = "json_not_canonicalizable"

    def __init__(self, reason: str) -> None:
        super().__init__(f"failed to canonicalize json: {reason}")
        self.reason = reason


class CanonicalSizeError(CallerError):
    """Canonical JSON is longer than its caller allows (contract §1.5, "Size-limited canonicalisation").

    Attributes:
        actual: Bytes that a streaming writer has counted when it gives up; not the whole size.
        limit: Bytes that were allowed.
    """

    code = "json_too_large"

    def __init__(self, *, actual: int, limit: int) -> None:
        super().__init__(f"canonical json exceeds size limit ({actual} > {limit})")
        self.actual = actual
        self.limit = limit
