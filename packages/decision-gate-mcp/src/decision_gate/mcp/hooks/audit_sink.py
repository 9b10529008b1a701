"""Contract and defaults: where audit events go (``decision_gate.audit_sinks``; contract §5, W4).

A sink takes events in two ways. ``record`` takes what happened, in order, once a request is over. ``riders``
turns an event into records that are committed with the change it tells of, or written with
``RunStore.record`` when nothing changed; a sink that writes text returns none.
"""

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from decision_gate.core.json import plain_finite
from decision_gate.core.ports.runs import Rider
from decision_gate.mcp.hooks.audit_events import AuditEvent
from decision_gate.mcp.hooks.errors import AuditLogError


class AuditSink(Protocol):
    """Keeps audit events. Called from many threads at once."""

    def record(self, events: Sequence[AuditEvent]) -> None:
        """Keep the events of one request, in order. Never raises: the answer is already made."""
        ...

    def riders(self, event: AuditEvent) -> Sequence[Rider]:
        """Return what makes the event durable with its commit; nothing for a sink of text."""
        ...

    def rider_table(self, engine: str) -> Any:  # noqa: ANN401 - each engine has its own protocol of rider tables
        """Return the table that applies the riders in a store of ``engine``, none without one."""
        ...


class StreamSink:
    """Writes one JSON object a line, and the lines of one request together.

    A full disk must not stop decisions, so a failing write is dropped (contract §5); a sink that must not
    lose events rides on commits instead.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._sequence = 0

    def record(self, events: Sequence[AuditEvent]) -> None:
        """Number, encode and write the events; flushed before it returns."""
        with self._lock:
            lines = bytearray()
            for event in events:
                self._sequence += 1
                lines += plain_finite({"event": event.event, **event.members, "sequence": self._sequence})
                lines += b"\n"
            try:
                self._stream.write(lines)
                self._stream.flush()
            except (OSError, ValueError):
                return

    def riders(self, event: AuditEvent) -> tuple[Rider, ...]:
        """Return none."""
        del event
        return ()

    def rider_table(self, engine: str) -> None:
        """Return none: there are no riders."""
        del engine


class NoSink:
    """Keeps nothing: what ``server.audit.enabled = false`` means."""

    def record(self, events: Sequence[AuditEvent]) -> None:
        """Forget the events."""
        del events

    def riders(self, event: AuditEvent) -> tuple[Rider, ...]:
        """Return none."""
        del event
        return ()

    def rider_table(self, engine: str) -> None:
        """Return none: there are no riders."""
        del engine


@contextmanager
def stderr_sink() -> Iterator[StreamSink]:
    """Open the sink of an absent ``server.audit.path``."""
    yield StreamSink(sys.stderr.buffer)


@contextmanager
def file_sink(path: str) -> Iterator[StreamSink]:
    """Open a file to append to; it is created when missing, its folder must exist.

    Raises:
        AuditLogError: The file cannot be opened.
    """
    try:
        file = Path(path).open("ab", buffering=0)  # noqa: SIM115 - closed by the with below
    except OSError as error:
        raise AuditLogError(f"open failed: {error.strerror}") from error
    with file:
        yield StreamSink(file)
