"""The text of a report: UTF-8, or UTF-16 where a byte-order mark says so, and nothing else."""

import codecs
import re
from decimal import Decimal

from decision_gate.mcp.evidence.report.errors import ReportInvalidError

_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,15}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,2})?")
_COUNT = re.compile(r"[0-9]{1,18}")


def decode(content: bytes) -> tuple[str, str]:
    """Return the text without its byte-order mark, and ``utf-8`` or ``utf-16``.

    Raises:
        ReportInvalidError: the bytes are not in that encoding.
    """
    is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        if is_wide:
            return content.decode("utf-16"), "utf-16"
        return content.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError as error:
        raise ReportInvalidError("not UTF-8" if not is_wide else "not UTF-16") from error


def lines_of(content: bytes) -> list[str]:
    """Return the lines of a report that is made of lines; only line feeds end one, a return before it is dropped.

    Raises:
        ReportInvalidError: see ``decode``.
    """
    return [line.removesuffix("\r") for line in decode(content)[0].split("\n")]


def number(text: str) -> Decimal | None:
    """Read a decimal number of ordinary size exactly, without separators; None when it is none."""
    stripped = text.strip()
    return Decimal(stripped) if _NUMBER.fullmatch(stripped) else None


def count(text: str) -> int | None:
    """Read a whole number that is not negative; None when it is none."""
    stripped = text.strip()
    return int(stripped) if _COUNT.fullmatch(stripped) else None
