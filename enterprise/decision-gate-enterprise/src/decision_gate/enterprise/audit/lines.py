"""The lines of an export, checked one after another and turned into leaf hashes.

Lines are cut apart at known places and not parsed: what is cut out wrongly does not hash to what was signed. This is
the inner loop of ``audit verify``, which shall cost little more than hashing the file once.
"""

import hashlib
from binascii import hexlify, unhexlify
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Final

import attrs

from decision_gate.core.json import JsonParseError, parse
from decision_gate.enterprise.audit.leaf import BODY_MEMBER

BUFFER_BYTES: Final = 1 << 18
"""How much of a file is read at once."""

_HEX: Final = 64
_DIGEST: Final = slice(len(BODY_MEMBER), len(BODY_MEMBER) + _HEX)
_BODY: Final = len(b'{"body":')
_HASH: Final = len(b',"hash":"') + _HEX
_END: Final = b'"}\n'
_SALTED: Final = 1 + _HEX + len(_END)
_UNSALTED: Final = b"null}\n"
_sha256 = hashlib.sha256


class Wrong(Enum):
    """What is wrong with a line."""

    CHAIN = "it does not follow from the line before"
    BODY = "its body is not the one that was logged"


class WrongLineError(Exception):
    """A line is not what it must be; never leaves ``verify``."""

    def __init__(self, wrong: Wrong, line: bytes) -> None:
        super().__init__(wrong.value)
        self.wrong = wrong
        self.line = line


@attrs.define
class Lines:
    """Where the reading of an export stands: the next index, the hash of the line before, and how many had no body."""

    index: int
    previous: bytes
    erased: int = 0

    def leaves(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the leaf hash of each line. Raise ``WrongLineError`` at the first that is wrong."""
        previous = self.previous
        for index, line in enumerate(lines, self.index):
            behind = b',"prev_hash":"' + previous + b'","salt":'
            marker = b'","index":%d,"payload":' % index
            end = line.rfind(behind)
            at = line.rfind(marker, 0, end)
            entry = line[at + len(marker) : end]
            found = hexlify(_sha256(previous + entry).digest())
            if at < 0 or end < 0 or line[at - _HEX : at] != found:
                raise WrongLineError(Wrong.CHAIN, line)
            salt, body = line[end + len(behind) :], line[_BODY : at - _HASH]
            if len(salt) == _SALTED and entry.startswith(BODY_MEMBER):
                if hexlify(_sha256(_unhex(salt) + body).digest()) != entry[_DIGEST]:
                    raise WrongLineError(Wrong.BODY, line)
            elif salt != _UNSALTED or body != b"null":
                raise WrongLineError(Wrong.BODY, line)
            elif entry.startswith(BODY_MEMBER):
                self.erased += 1
            else:
                entry = _text_entry(entry)
            self.previous = previous = found
            self.index = index + 1
            yield _sha256(b"\x00" + entry).digest()


def _text_entry(entry: bytes) -> bytes:
    """Return the entry of a root log, which is exported as a string."""
    try:
        value = parse(entry)
    except JsonParseError:
        return entry
    return value.encode() if isinstance(value, str) else entry


def _unhex(salt: bytes) -> bytes:
    """Return the salt of the end of a line; something that no body can have been salted with when it is none."""
    try:
        return unhexlify(salt[1:-3]) if salt.endswith(_END) else b""
    except ValueError:
        return b""
