"""The text of an API key: ``dgk_<environment>_<12 id>_<43 secret><6 checksum>``, base62.

Prefix and checksum let secret scanners find a leaked key without false alarms, and let the server turn away noise
before it asks anybody. The secret has 256 bits; the id finds the row and is no secret.
"""

import re
import zlib
from collections.abc import Callable
from enum import Enum
from typing import Final, TypeAlias

import attrs

Randomness: TypeAlias = Callable[[int], int]
"""Gives a number below its argument, from a source that nobody can guess (``secrets.randbelow``)."""

_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ID_LENGTH: Final = 12
_SECRET_LENGTH: Final = 43
_CHECKSUM_LENGTH: Final = 6
# \Z and not $, which lets a line break at the end pass.
_KEY: Final = re.compile(r"\Adgk_(live|test)_([0-9A-Za-z]{12})_([0-9A-Za-z]{43})([0-9A-Za-z]{6})\Z")


class Environment(Enum):
    """What a key says about where it belongs."""

    LIVE = "live"
    TEST = "test"


@attrs.frozen(kw_only=True)
class KeyText:
    """A key in full. INVARIANT: never logged, stored, audited or shown again."""

    environment: Environment
    key_id: str
    secret: str = attrs.field(repr=False)

    def spelled(self) -> str:
        """Return the text that the caller presents."""
        body = f"{prefix_of(self.environment, self.key_id)}_{self.secret}"
        return body + _checksum(body)


def prefix_of(environment: Environment, key_id: str) -> str:
    """Return the part of a key that may be shown: it names the key and opens nothing."""
    return f"dgk_{environment.value}_{key_id}"


def mint(environment: Environment, below: Randomness) -> KeyText:
    """Return a new key."""
    return KeyText(
        environment=environment, key_id=_random_text(_ID_LENGTH, below), secret=_random_text(_SECRET_LENGTH, below)
    )


def parse_key(text: str) -> KeyText | None:
    """Return the key that *text* spells; none when it is no key or its checksum is wrong."""
    match = _KEY.match(text)
    if match is None or _checksum(text[:-_CHECKSUM_LENGTH]) != match[4]:
        return None
    return KeyText(environment=Environment(match[1]), key_id=match[2], secret=match[3])


def _checksum(body: str) -> str:
    rest, digits = zlib.crc32(body.encode("ascii")), ""
    for _ in range(_CHECKSUM_LENGTH):
        rest, digit = divmod(rest, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits


def _random_text(length: int, below: Randomness) -> str:
    return "".join(_DIGITS[below(len(_DIGITS))] for _ in range(length))
