"""Read the host of a URL: a name, an IPv4 address in any of its spellings, or an IPv6 address in brackets (WHATWG)."""

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import unquote_to_bytes

import idna

from decision_gate.mcp.net.errors import UrlError

_FORBIDDEN = re.compile(r"[\x00-\x20#/:<>?@\[\\\]^|%\x7f]")
_NUMBER = re.compile(r"(0[xX])?([0-9A-Fa-f]*)")
_MAX_PARTS = 4
_MAX_DIGITS = 32
_BYTE = 256


def parse_host(text: str) -> str:
    """Return a host as URLs are written.

    Raises:
        UrlError: ``invalid url``.
    """
    if text.startswith("["):
        return _ipv6(text)
    try:
        name = unquote_to_bytes(text).decode("utf-8")
        host = name.lower() if name.isascii() else idna.encode(name, uts46=True).decode("ascii")
    except (UnicodeError, idna.IDNAError) as error:
        raise UrlError("invalid url") from error
    if not host or _FORBIDDEN.search(host):
        raise UrlError("invalid url")
    return _ipv4(host) if _ends_in_a_number(host) else host


def _ends_in_a_number(host: str) -> bool:
    parts = host.removesuffix(".").split(".")
    return parts[-1].isdigit() or _value(parts[-1]) is not None


def _ipv4(host: str) -> str:
    values = [_value(part) for part in host.removesuffix(".").split(".")]
    *leading, last = values
    if len(values) > _MAX_PARTS or last is None or last >= _BYTE ** (_MAX_PARTS + 1 - len(values)):
        raise UrlError("invalid url")
    number = last
    for index, value in enumerate(leading):
        if value is None or value >= _BYTE:
            raise UrlError("invalid url")
        number += value * _BYTE ** (_MAX_PARTS - 1 - index)
    return str(IPv4Address(number))


def _value(part: str) -> int | None:
    """Read a part of an IPv4 address: decimal, octal after a zero, hexadecimal after ``0x``."""
    found = _NUMBER.fullmatch(part)
    if found is None or not part or len(part) > _MAX_DIGITS:
        return None
    prefix, digits = found.groups()
    try:
        if prefix:
            return int(digits, 16) if digits else 0
        return int(digits, 8 if digits.startswith("0") and len(digits) > 1 else 10)
    except ValueError:
        return None


def _ipv6(text: str) -> str:
    try:
        if not text.endswith("]") or "%" in text:
            raise UrlError("invalid url")
        number = int(IPv6Address(text[1:-1]))
    except AddressValueError as error:
        raise UrlError("invalid url") from error
    return f"[{_compressed(number)}]"


def _compressed(number: int) -> str:
    """Write an IPv6 address without dotted parts, which newer Pythons put in."""
    pieces = [f"{number >> shift & 0xFFFF:x}" for shift in range(112, -1, -16)]
    runs = [(start, length) for start in range(8) for length in range(8 - start, 1, -1)]
    zeros = [run for run in runs if set(pieces[run[0] : run[0] + run[1]]) == {"0"}]
    if not zeros:
        return ":".join(pieces)
    start, length = max(zeros, key=lambda run: (run[1], -run[0]))
    return f"{':'.join(pieces[:start])}::{':'.join(pieces[start + length :])}"
