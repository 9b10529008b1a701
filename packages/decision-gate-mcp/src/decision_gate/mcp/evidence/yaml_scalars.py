"""What a plain scalar of YAML means: the core schema as the ``json`` provider reads it (contract §1.4)."""

import math
import re

from decision_gate.mcp.evidence.yaml_errors import YamlDocumentError

STANDARD_TAGS = "tag:yaml.org,2002:"
"""What ``!!`` stands for."""

FOREIGN_TAG = "tags other than the standard ones are not supported"

_NULLS = frozenset(("null", "Null", "NULL", "~"))
_TRUES = frozenset(("true", "True", "TRUE"))
_FALSES = frozenset(("false", "False", "FALSE"))
_NOT_FINITE = re.compile(r"[+-]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_BASED = re.compile(r"([+-]?)0(?:x([0-9a-fA-F]+)|o([0-7]+)|b([01]+))")
_LEADING_ZERO = re.compile(r"[+-]?0[0-9]+", re.ASCII)
_INTEGER = re.compile(r"[+-]?[0-9]+", re.ASCII)
_FLOAT = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
_MIN_INTEGER, _MAX_INTEGER = -(2**63), 2**64 - 1
_ALLOWED_INTEGER = "a whole number from -2^63 to 2^64-1, or a text in quotes"
_ALLOWED_FLOAT = "a finite number up to 1.7976931348623157e308, or a text in quotes"
_MAX_DIGITS = 20  # 2^64 has as many; int() is not asked about anything longer


def resolve(text: str, *, tag: str | None, plain: bool) -> bool | float | str | None:
    """Return the value of a scalar.

    Only a plain scalar without a tag is guessed at. ``!!bool``, ``!!int``, ``!!float`` and ``!!null`` demand
    their kind of any scalar, every other tag leaves text. ``010``, ``1_000``, ``12:30``, dates and ``yes`` are text.

    Raises:
        YamlDocumentError: a tag of the document's own, a value that its tag forbids, an integer beyond 64 bits, a
            float beyond a double such as ``1e400``, ``.inf`` or ``.nan`` (deviation X13).
    """
    if tag is None:
        return _guess(text) if plain else text
    if tag.startswith("!"):
        raise YamlDocumentError(FOREIGN_TAG)
    if not tag.startswith(STANDARD_TAGS):
        return text
    kind = tag.removeprefix(STANDARD_TAGS)
    value: bool | float | str | None
    match kind:
        case "null" if text in _NULLS:
            return None
        case "bool":
            value = _boolean(text)
        case "int":
            value = _integer(text)
        case "float":
            value = _float(text)
        case "null":
            value = None
        case _:
            return text
    if value is None:
        raise YamlDocumentError(f"not a value of !!{kind}")
    return value


def _guess(text: str) -> bool | float | str | None:
    if not text or text in _NULLS:
        return None
    boolean = _boolean(text)
    if boolean is not None:
        return boolean
    integer = _integer(text)
    if integer is not None:
        return integer
    if _LEADING_ZERO.fullmatch(text):
        return text
    number = _float(text)
    return text if number is None else number


def _boolean(text: str) -> bool | None:
    if text in _TRUES:
        return True
    return False if text in _FALSES else None


def _integer(text: str) -> int | None:
    based = _BASED.fullmatch(text)
    if based is not None:
        sign, hexadecimal, octal, binary = based.groups()
        digits, base = (hexadecimal, 16) if hexadecimal else (octal, 8) if octal else (binary, 2)
        value = int(sign + digits, base)
    elif _INTEGER.fullmatch(text) and not _LEADING_ZERO.fullmatch(text):
        if len(text) > _MAX_DIGITS + 1:
            raise YamlDocumentError("an integer has at most 64 bits", allowed=_ALLOWED_INTEGER)
        value = int(text)
    else:
        return None
    if not _MIN_INTEGER <= value <= _MAX_INTEGER:
        raise YamlDocumentError("an integer has at most 64 bits", allowed=_ALLOWED_INTEGER)
    return value


def _float(text: str) -> float | None:
    if _NOT_FINITE.fullmatch(text):
        raise YamlDocumentError("infinity and not-a-number have no JSON value", allowed=_ALLOWED_FLOAT)
    if not _FLOAT.fullmatch(text):
        return None
    number = float(text)
    if not math.isfinite(number):
        raise YamlDocumentError("a number is beyond the range of a double", allowed=_ALLOWED_FLOAT)
    return number
