"""The ``/rpc`` dialect over standard input and output: ``Content-Length`` frames, one at a time (contract §1.2).

Every framing problem ends the session; the end of input is how a session normally ends, and it too is told as an
error, as the reference does.
"""

from collections.abc import Iterator
from typing import BinaryIO, ClassVar

from decision_gate.core.errors import CallerError
from decision_gate.core.limits import MAX_U64
from decision_gate.mcp.hooks.request import RequestContext
from decision_gate.mcp.pipeline import Pipeline

_PREFIX = b"Content-Length:"
_MAX_HEADER_LINE = 8192
_MAX_LENGTH_DIGITS = len(str(MAX_U64))


class FramingError(CallerError):
    """The stream is no sequence of frames, or it ended."""

    code: ClassVar[str] = "framing"

    def __init__(self, text: str) -> None:
        super().__init__(f"transport error: {text}")


def read_frame(stream: BinaryIO, max_body_bytes: int) -> bytes:
    """Read one frame.

    A header is recognised by the exact text ``Content-Length:``; other headers are ignored, of a repeated one the last
    counts. A blank line, also one that ends in a line feed alone, ends the headers.

    Raises:
        FramingError: The stream ended, a header is not UTF-8, the headers name no length, or the body is too long or
            too short.
    """
    length: int | None = None
    while True:
        line = stream.readline(_MAX_HEADER_LINE)
        if not line:
            raise FramingError("stdio closed")
        if not line.endswith(b"\n") or not _is_utf8(line):
            raise FramingError("stdio read failed")
        if not line.strip():
            break
        if line.startswith(_PREFIX):
            length = _length(line[len(_PREFIX) :])
    if length is None:
        raise FramingError("missing content length")
    if length > max_body_bytes:
        raise FramingError("payload too large")
    body = stream.read(length)
    if len(body) < length:
        raise FramingError("stdio read failed")
    return body


def write_frame(stream: BinaryIO, body: bytes) -> None:
    """Write one frame and flush it. Raise ``FramingError`` when nobody reads."""
    try:
        stream.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        stream.flush()
    except (OSError, ValueError) as error:
        raise FramingError("stdio write failed") from error


def serve_frames(
    pipeline: Pipeline,
    streams: tuple[BinaryIO, BinaryIO],
    correlation_ids: Iterator[str],
    max_body_bytes: int,
) -> None:
    """Answer frame by frame until the stream ends; the next is not read before the answer is written.

    Raises:
        FramingError: The session is over, one way or the other.
    """
    reader, writer = streams
    while True:
        body = read_frame(reader, max_body_bytes)
        request = RequestContext(transport="stdio", server_correlation_id=next(correlation_ids))
        write_frame(writer, pipeline.answer(body, request).body)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _length(text: bytes) -> int:
    digits = text.strip().removeprefix(b"+")
    # The digits are counted first: a line has room for more of them than `int` takes.
    if not digits.isdigit() or len(digits) > _MAX_LENGTH_DIGITS or int(digits) > MAX_U64:
        raise FramingError("invalid content length")
    return int(digits)
