"""Audit: one ``key=value`` line an event, as Acme's log collector wants it."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import attrs

from decision_gate.core.json import plain
from decision_gate.core.ports.runs import Rider
from decision_gate.mcp.config.kinds import Text
from decision_gate.mcp.config.table import key
from decision_gate.mcp.hooks.audit_events import AuditEvent


@attrs.frozen(kw_only=True)
class LinesSettings:
    """``[audit_sink]`` of type ``acme_lines``."""

    path: str = key(Text(), "File to append to.")


class Lines:
    """Appends; a sink that must not lose events would ride on commits instead (``riders``)."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._lock = threading.Lock()

    def record(self, events: Sequence[AuditEvent]) -> None:
        """Write the events of one request together. See ``AuditSink``."""
        with self._lock:
            for event in events:
                members = " ".join(f"{name}={plain(value).decode()}" for name, value in event.members.items())
                self._file.write(f"event={event.event} {members}\n")
            self._file.flush()

    def riders(self, event: AuditEvent) -> tuple[Rider, ...]:
        """Return none: lines are no part of a commit."""
        del event
        return ()

    def rider_table(self, engine: str) -> None:
        """Return none: there are no riders."""
        del engine


@contextmanager
def open_lines(settings: LinesSettings) -> Iterator[Lines]:
    """Open the file for as long as the server runs."""
    with Path(settings.path).open("a", encoding="utf-8") as file:
        yield Lines(file)
