"""The two standard streams as a wire: taken away from everything else, read by bytes as they come.

Reading is unbuffered on purpose: a thread that waits in a buffered reader holds a lock that the interpreter wants when
it ends.
"""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import attrs

CHUNK_BYTES: Final = 65_536

_STDIN, _STDOUT, _STDERR = 0, 1, 2


@attrs.frozen(kw_only=True)
class Wire:
    """Two file descriptors: what the other side writes, and what it reads."""

    input_fd: int
    output_fd: int

    def read(self) -> bytes:
        """Wait for bytes and return them; none are left when nothing comes. Raise ``OSError``."""
        return os.read(self.input_fd, CHUNK_BYTES)

    def write(self, data: bytes) -> None:
        """Write everything. Raise ``OSError`` when nobody reads."""
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self.output_fd, rest) :]


@contextmanager
def claimed_streams() -> Iterator[Wire]:
    """Take the process's standard streams for the wire and give them back at the end.

    In between, whatever else prints writes to stderr and whatever else reads finds an end: a stray line of a plug-in or
    a child process would break the protocol.
    """
    wire = Wire(input_fd=os.dup(_STDIN), output_fd=os.dup(_STDOUT))
    nothing = os.open(os.devnull, os.O_RDONLY)
    try:
        os.dup2(nothing, _STDIN)
        os.dup2(_STDERR, _STDOUT)
        yield wire
    finally:
        os.close(nothing)
        os.dup2(wire.input_fd, _STDIN)
        os.dup2(wire.output_fd, _STDOUT)
        # The descriptors stay open: a thread may still wait in one of them, and its number must not be given away.


def lines(first: bytes, wire: Wire, max_bytes: int) -> Iterator[bytes | None]:
    """Yield the lines that follow ``first``, which has been read already; none for a line over ``max_bytes``.

    The end of the input ends a line too. Raise ``OSError``.
    """
    pending, is_too_long = first, False
    while True:
        line, newline, rest = pending.partition(b"\n")
        if newline:
            yield None if is_too_long or len(line) > max_bytes else line
            pending, is_too_long = rest, False
            continue
        if len(pending) > max_bytes:
            pending, is_too_long = b"", True
        chunk = wire.read()
        if not chunk:
            if is_too_long or pending:
                yield None if is_too_long else pending
            return
        pending += chunk


class RestOf(io.RawIOBase):
    """A raw stream of what follows ``first``, which has been read already."""

    def __init__(self, first: bytes, wire: Wire) -> None:
        super().__init__()
        self._first = first
        self._wire = wire

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: "memoryview[int] | bytearray") -> int:  # type: ignore[override]  # typeshed says any buffer
        """Fill the buffer with what there is. Raise ``OSError``."""
        if not self._first:
            self._first = self._wire.read()
        count = min(len(buffer), len(self._first))
        buffer[:count] = self._first[:count]
        self._first = self._first[count:]
        return count


class Sink(io.RawIOBase):
    """A raw stream that writes to the wire at once."""

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self._wire = wire

    def writable(self) -> bool:
        """Tell that it can be written."""
        return True

    def write(self, data: object) -> int:
        """Write everything. Raise ``OSError`` when nobody reads."""
        written = bytes(data)  # type: ignore[call-overload]  # a buffer, as io says
        self._wire.write(written)
        return len(written)
