"""Floats as canonical JSON sees them: their text, and the number that a reader of it gets."""

from decision_gate.core.json.errors import CanonicalJsonError
from decision_gate.core.limits import MAX_JSON_INTEGER, MIN_JSON_INTEGER

EXACT_INTEGERS = 2.0**53
"""Below this magnitude floats name every integer, and Python compares the two as decimals."""

_FIRST_EXPONENT = 21
_INFINITY = float("inf")


def ecmascript_text(number: float) -> str:
    """Write a float as ECMAScript's ``Number::toString`` does (contract §1.5, rule 4): ``-0.0`` is ``0``.

    Raises:
        CanonicalJsonError: The number is infinite or not a number.
    """
    if number == 0:
        return "0"
    sign, digits, point = _decimal(number)
    if len(digits) <= point <= _FIRST_EXPONENT:
        return f"{sign}{digits}{'0' * (point - len(digits))}"
    if 0 < point <= _FIRST_EXPONENT:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:  # noqa: PLR2004 - ECMAScript's own bound
        return f"{sign}0.{'0' * -point}{digits}"
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{fraction}e{point - 1:+d}"


def decimal_order(number: float) -> int | float:
    """Return a number that Python orders as decimals order the text of ``number`` (contract §5.2).

    Beyond 2^53 a float is not its own shortest decimal (2^63 reads 9223372036854776000), so it becomes that
    integer; below, two different floats, or a float and an integer, are never in another order than their
    texts.

    Raises:
        CanonicalJsonError: The number is infinite or not a number.
    """
    if type(number) is int or -EXACT_INTEGERS < number < EXACT_INTEGERS:
        return number
    sign, digits, point = _decimal(number)
    return int(sign + digits + "0" * (point - len(digits)))


def canonical_number(number: float) -> int | float:
    """Return what a reader of the canonical text of a float gets: an integer where that text has only digits.

    Raises:
        CanonicalJsonError: The number is infinite or not a number.
    """
    if -EXACT_INTEGERS < number < EXACT_INTEGERS:
        return int(number) if number.is_integer() else number
    integer = decimal_order(number)
    return int(integer) if MIN_JSON_INTEGER <= integer <= MAX_JSON_INTEGER else number


def _decimal(number: float) -> tuple[str, str, int]:
    """Split a number other than zero into sign, shortest digits, and the exponent of ``0.digits``."""
    if not -_INFINITY < number < _INFINITY:
        raise CanonicalJsonError("non-finite float")
    mantissa, _, exponent = repr(number).partition("e")
    sign = "-" if mantissa[0] == "-" else ""
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    written = (whole + fraction).lstrip("0")
    leading_zeros = len(whole) + len(fraction) - len(written)
    return sign, written.rstrip("0"), len(whole) - leading_zeros + int(exponent or 0)
