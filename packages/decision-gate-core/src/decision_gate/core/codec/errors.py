"""Why a wire value is not the record it should be."""

from decision_gate.core.errors import CallerError


class DecodeError(CallerError):
    """A value does not have the shape of its record.

    ``path`` names the place from the outermost record (``conditions[3].comparator``, empty for the record itself);
    ``reason`` says what was found and what is allowed, in the words of contract §1.6.
    """

    code = "decode"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}" if path else reason)
        self.path = path
        self.reason = reason


class WrongValueError(Exception):
    """Internal: a leaf decoder refuses; carries the path below itself and becomes a ``DecodeError``."""

    def __init__(self, reason: str, path: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.path = path
