"""Identifiers: what a name may be (contract §2.1, deviation S11)."""

import re
from typing import Final

from decision_gate.core.errors import CallerError
from decision_gate.core.limits import MAX_IDENTIFIER_BYTES

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class InvalidIdentifierError(CallerError):
    """An identifier is empty, too long or holds a control character; ``field`` names where it stood."""

    code = "invalid_identifier"

    def __init__(self, field: str, found: str) -> None:
        super().__init__(
            f"{field}: {found}, expected 1 to {MAX_IDENTIFIER_BYTES} bytes of UTF-8 without control characters"
        )
        self.field = field


def check_identifier(field: str, value: str) -> None:
    """Refuse *value* when it cannot be an identifier; slashes of both kinds are allowed.

    Raises:
        InvalidIdentifierError: It is empty, longer than ``MAX_IDENTIFIER_BYTES``, or holds a control character.
    """
    if not value:
        raise InvalidIdentifierError(field, "found an empty text")
    try:
        size = len(value.encode())
    except UnicodeEncodeError as error:
        raise InvalidIdentifierError(field, "found a lone surrogate") from error
    if size > MAX_IDENTIFIER_BYTES:
        raise InvalidIdentifierError(field, f"found {size} bytes")
    if control := _CONTROL.search(value):
        raise InvalidIdentifierError(field, f"found the control character U+{ord(control.group()):04X}")
