"""Counting what SQLite is told, by every connection of this process."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock


@contextmanager
def counting_statements() -> Iterator[Counter[str]]:
    """Count statements by their first word, on every connection that is opened meanwhile."""
    seen: Counter[str] = Counter()
    connect = sqlite3.connect

    def note(statement: str) -> None:
        seen[statement.split(maxsplit=1)[0]] += 1

    def connect_and_trace(*arguments: Any, **options: Any) -> sqlite3.Connection:  # noqa: ANN401 - whatever it takes
        connection: sqlite3.Connection = connect(*arguments, **options)
        connection.set_trace_callback(note)
        return connection

    with mock.patch("sqlite3.connect", connect_and_trace):
        yield seen
