"""The lines of an export, checked one after another and turned into leaf hashes.

Lines are cut apart at known places and not parsed: what is cut out wrongly does not hash to what was signed. This is
the inner loop of ``audit verify``, which shall cost little more than hashing the file once.
"""

import hashlib
from binascii import hexlify, unhexlify
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from typing import Final

import attrs

from decision_gate.core.json import JsonParseError, parse
from decision_gate.enterprise.audit.leaf import BODY_MEMBER
from decision_gate.enterprise.audit.tlog import TILE_WIDTH

BUFFER_BYTES: Final = 1 << 18
"""How much of a file is read at once."""

_HEX: Final = 64
_DIGEST: Final = slice(len(BODY_MEMBER), len(BODY_MEMBER) + _HEX)
_BEGIN: Final = b'{"body":'
_BODY: Final = len(_BEGIN)
_PAYLOAD: Final = b'","index":%d,"payload":'
_SALTED: Final = len(b'"') + _HEX + len(b'"}\n')
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

    def groups(self, lines: Iterable[bytes]) -> Iterator[Sequence[bytes]]:
        """Yield the leaf hashes of the lines, those of one tile at a time; this stands behind what was yielded last.

        Raises:
            WrongLineError: A line is wrong; this stands before it.
        """
        index, previous, group = self.index, self.previous, list[bytes]()
        length = tail = 0
        try:
            for line in lines:
                behind = b',"prev_hash":"' + previous + b'","salt":'
                # Most entries are as long as the one before, and are looked for where that stood.
                end = len(line) - tail
                entry = line[end - length : end]
                found = hexlify(_sha256(previous + entry).digest())
                before = b',"hash":"%b","index":%d,"payload":' % (found, index)
                at = end - length - len(before)
                if at < _BODY or not (line.startswith(before, at) and line.startswith(behind, end)):
                    end = line.rfind(behind)
                    begin = line.rfind(_PAYLOAD % index, 0, end) + len(_PAYLOAD % index)
                    entry = line[begin:end]
                    found = hexlify(_sha256(previous + entry).digest())
                    before = b',"hash":"%b","index":%d,"payload":' % (found, index)
                    at, length, tail = begin - len(before), end - begin, len(line) - end
                    if end < 0 or at < _BODY or not line.startswith(before, at):
                        raise WrongLineError(Wrong.CHAIN, line)
                if not line.startswith(_BEGIN):
                    raise WrongLineError(Wrong.CHAIN, line)
                salt, body = line[end + len(behind) :], line[_BODY:at]
                if len(salt) == _SALTED and entry.startswith(BODY_MEMBER):
                    if hexlify(_sha256(_unhex(salt) + body).digest()) != entry[_DIGEST]:
                        raise WrongLineError(Wrong.BODY, line)
                elif salt != _UNSALTED or body != b"null":
                    raise WrongLineError(Wrong.BODY, line)
                elif entry.startswith(BODY_MEMBER):
                    self.erased += 1
                else:
                    entry = _text_entry(entry)
                group.append(_sha256(b"\x00" + entry).digest())
                previous = found
                index += 1
                if index % TILE_WIDTH == 0:
                    self.index, self.previous = index, previous
                    yield group
                    group = []
        finally:
            self.index, self.previous = index, previous
        if group:
            yield group


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
        raw = unhexlify(salt[1:-3])
    except ValueError:
        return b""
    # In one comparison: the quotes, the end, and that every digit is a small letter.
    return raw if salt == b'"%b"}\n' % hexlify(raw) else b""
