"""An external provider that is a child process with ``Content-Length`` frames (contract §7.7, deviation X9).

One question at a time. A child that does not answer in time, or sends what is no frame, is killed: nothing that it
says later can be told from the answer to another question. It is started again for the next question, after a pause
that doubles while it keeps failing.
"""

import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from typing import ClassVar, Final

from decision_gate.core.errors import ConfigurationError
from decision_gate.core.model import EvidenceContext, EvidenceQuery, EvidenceResult
from decision_gate.core.ports.evidence import EvidenceProviderFailureError
from decision_gate.mcp.evidence.circuit import Circuit
from decision_gate.mcp.evidence.external.exchange import MAX_RESPONSE_BYTES, answer, question, request_ids

MAX_HEADER_BYTES: Final = 8192
FIRST_PAUSE_SECONDS: Final = 0.25
LONGEST_PAUSE_SECONDS: Final = 30.0
CLOSE_SECONDS: Final = 2.0
_PREFIX = b"Content-Length:"
_CHUNK = 65_536


class ProviderNotStartedError(ConfigurationError):
    """The command of a provider cannot be run."""

    code: ClassVar[str] = "provider_not_started"


class ChildProcess:
    """An ``EvidenceProvider`` over one child; ``close`` ends it.

    Args:
        command: program and arguments, run without a shell, with the environment of the server.
        deadline_ms: time for one answer.
        monotonic: seconds of a clock that only runs forward.
    """

    def __init__(
        self, command: Sequence[str], *, deadline_ms: int, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """Start the child. Raise ``ProviderNotStartedError``."""
        if not command or not command[0]:
            raise ProviderNotStartedError("mcp command is empty")
        self._command = tuple(command)
        self._deadline_ms = deadline_ms
        self._monotonic = monotonic
        self._next_id = request_ids()
        self._lock = threading.Lock()
        self._pause = FIRST_PAUSE_SECONDS
        self._not_before = monotonic()
        self._has_failed = False
        self._is_closed = False
        try:
            self._child = self._started()
        except (OSError, ValueError) as error:
            raise ProviderNotStartedError("failed to spawn mcp provider") from error

    def query(self, query: EvidenceQuery, context: EvidenceContext) -> EvidenceResult:
        """Ask. Raise ``EvidenceProviderFailureError`` for anything but a result."""
        body = question(query, context, self._next_id)
        with self._lock:
            self._revive()
            try:
                received = self._exchanged(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            except EvidenceProviderFailureError:
                self._give_up()
                raise
            self._pause = FIRST_PAUSE_SECONDS
            self._has_failed = False
        return answer(received)

    def circuit(self) -> Circuit:
        """Tell whether the child is asked, rests, or is started again by the next question; does not wait for it."""
        if not self._has_failed:
            return Circuit.CLOSED
        return Circuit.OPEN if self._monotonic() < self._not_before else Circuit.HALF_OPEN

    def close(self) -> None:
        """End the child; a question that waits for it fails."""
        self._is_closed = True
        self._child.kill()
        # Whoever is asking sees the end of the stream and lets go; its descriptors must not be closed under it.
        if self._lock.acquire(timeout=CLOSE_SECONDS):
            try:
                _end(self._child)
            finally:
                self._lock.release()

    def _started(self) -> "subprocess.Popen[bytes]":
        child = subprocess.Popen(  # noqa: S603 - the operator's own command, without a shell
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
        )
        for pipe in (child.stdin, child.stdout):
            os.set_blocking(_fd(pipe), False)
        return child

    def _revive(self) -> None:
        status = self._child.poll()
        if status is None:
            return
        if self._is_closed or self._monotonic() < self._not_before:
            self._has_failed = True
            raise EvidenceProviderFailureError(f"mcp process exited: {_status(status)}")
        self._not_before = self._monotonic() + self._pause
        self._pause = min(2 * self._pause, LONGEST_PAUSE_SECONDS)
        _end(self._child)
        try:
            self._child = self._started()
        except (OSError, ValueError) as error:
            self._has_failed = True
            raise EvidenceProviderFailureError(f"mcp process exited: {_status(status)}") from error

    def _give_up(self) -> None:
        """End the child, and let it rest before the next start."""
        self._not_before = max(self._not_before, self._monotonic() + self._pause)
        self._has_failed = True
        _end(self._child)

    def _exchanged(self, frame: bytes) -> bytes:
        due = self._monotonic() + self._deadline_ms / 1000
        self._demand_silence()
        self._write(frame, due)
        return self._read(due)

    def _demand_silence(self) -> None:
        """Refuse a child that spoke after its last answer: that would be taken for the answer to this question."""
        with selectors.DefaultSelector() as selector:
            selector.register(_fd(self._child.stdout), selectors.EVENT_READ)
            if selector.select(0):
                spoken = os.read(_fd(self._child.stdout), 1)
                raise EvidenceProviderFailureError("mcp read failed" if spoken else "mcp connection closed")

    def _write(self, frame: bytes, due: float) -> None:
        rest = memoryview(frame)
        while rest:
            self._await(self._child.stdin, selectors.EVENT_WRITE, due)
            try:
                rest = rest[os.write(_fd(self._child.stdin), rest[:_CHUNK]) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise EvidenceProviderFailureError("mcp write failed") from error

    def _read(self, due: float) -> bytes:
        """Read one frame; a header is known by the exact text, other headers are ignored, the last length counts."""
        received = bytearray()
        while (length := _head(received)) is None:
            if len(received) > MAX_HEADER_BYTES:
                raise EvidenceProviderFailureError("missing content length header")
            received += self._chunk(due)
        start, size = length
        if size > MAX_RESPONSE_BYTES:
            raise EvidenceProviderFailureError("mcp response too large")
        while len(received) < start + size:
            received += self._chunk(due)
        if len(received) > start + size:
            # More than was asked for: the next answer could not be told from it.
            raise EvidenceProviderFailureError("mcp read failed")
        return bytes(received[start:])

    def _chunk(self, due: float) -> bytes:
        while True:
            self._await(self._child.stdout, selectors.EVENT_READ, due)
            try:
                chunk = os.read(_fd(self._child.stdout), _CHUNK)
            except BlockingIOError:
                continue
            except OSError as error:
                raise EvidenceProviderFailureError("mcp read failed") from error
            if not chunk:
                raise EvidenceProviderFailureError("mcp connection closed")
            return chunk

    def _await(self, pipe: object, event: int, due: float) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(_fd(pipe), event)
            left = due - self._monotonic()
            if left <= 0 or not selector.select(left):
                raise EvidenceProviderFailureError(f"provider timed out after {self._deadline_ms} ms")


def _head(received: bytearray) -> tuple[int, int] | None:
    """Return where the body starts and how long it is; none while the headers are not complete."""
    length: int | None = None
    start = 0
    while (end := received.find(b"\n", start)) >= 0:
        line = bytes(received[start:end])
        start = end + 1
        if not line.strip():
            if length is None:
                raise EvidenceProviderFailureError("missing content length header")
            return start, length
        if line.startswith(_PREFIX):
            digits = line.removeprefix(_PREFIX).strip()
            if not digits.isdigit() or len(digits) > len(str(2**64)):
                raise EvidenceProviderFailureError("invalid content length")
            length = int(digits)
    return None


def _fd(pipe: object) -> int:
    fileno: Callable[[], int] = pipe.fileno  # type: ignore[attr-defined] # both pipes are always made
    try:
        return fileno()
    except ValueError as error:  # closed meanwhile
        raise EvidenceProviderFailureError("mcp connection closed") from error


def _end(child: "subprocess.Popen[bytes]") -> None:
    """Kill and reap a child; a process that was killed does not make anybody wait."""
    child.kill()
    child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            pipe.close()


def _status(code: int) -> str:
    """Spell an exit as the reference does."""
    if code >= 0:
        return f"exit status: {code}"
    try:
        return f"signal: {-code} ({signal.Signals(-code).name})"
    except ValueError:
        return f"signal: {-code}"
