"""Connections for reading, beside the writer: a reader in WAL mode neither waits nor makes anybody wait."""

import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from decision_gate.core.ports import StoreUnavailableError
from decision_gate.mcp.stores.sqlite.errors import REPORTED, translated

MAX_IDLE = 16
"""Connections kept open for the next reader; more readers than that at once open and close their own."""


class Reading(Protocol):
    """Whatever lends connections to one database file for reading."""

    def reading(self) -> AbstractContextManager[sqlite3.Connection]:
        """Lend a connection; no statement may be left half read on it."""
        ...


class Readers:
    """Hands out connections that *connect* opens, one caller at a time each."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._idle: deque[sqlite3.Connection] = deque()
        self._is_closed = False

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection; no statement may be left half read on it.

        Raises:
            StoreUnavailableError: The file cannot be read, or the pool is closed.
            StoreCorruptError: The file is damaged.
        """
        if self._is_closed:
            raise StoreUnavailableError("the database is closed")
        connection: sqlite3.Connection | None = None
        try:
            connection = self._borrow()
            yield connection
        except REPORTED as error:
            # It may be fit for nothing any more; the next reader opens a new one.
            if connection is not None:
                connection.close()
                connection = None
            raise translated(error) from error
        finally:
            if connection is not None:
                self._give_back(connection)

    def close(self) -> None:
        """Close what is idle; what is lent is closed when it comes back."""
        self._is_closed = True
        while self._idle:
            self._idle.pop().close()

    def _borrow(self) -> sqlite3.Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return self._connect()

    def _give_back(self, connection: sqlite3.Connection) -> None:
        if self._is_closed or len(self._idle) >= MAX_IDLE:
            connection.close()
        else:
            self._idle.append(connection)
