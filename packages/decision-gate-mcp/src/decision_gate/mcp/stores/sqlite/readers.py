"""Connections for reading, beside the writer: a reader in WAL mode neither waits nor makes anybody wait."""

import sqlite3
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
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

    def connection(self) -> AbstractContextManager[sqlite3.Connection]:
        """Lend a connection; no statement may be left half read on it.

        Raises:
            StoreUnavailableError: The file cannot be read, or the pool is closed; on entering.
            StoreCorruptError: The file is damaged.
        """
        return _Loan(self)

    def close(self) -> None:
        """Close what is idle; what is lent is closed when it comes back."""
        self._is_closed = True
        while self._idle:
            self._idle.pop().close()

    def borrow(self) -> sqlite3.Connection:
        """Take an idle connection, or open one."""
        if self._is_closed:
            raise StoreUnavailableError("the database is closed")
        try:
            return self._idle.pop()
        except IndexError:
            return self._connect()

    def give_back(self, connection: sqlite3.Connection) -> None:
        """Keep a connection for the next reader, or close it."""
        if self._is_closed or len(self._idle) >= MAX_IDLE:
            connection.close()
        else:
            self._idle.append(connection)


class _Loan:
    """A connection lent; a class, because a generator doubles the price of a short read."""

    __slots__ = ("_connection", "_readers")

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    def __enter__(self) -> sqlite3.Connection:
        try:
            self._connection = self._readers.borrow()
        except REPORTED as error:
            raise translated(error) from error
        return self._connection

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, REPORTED):
            # It may be fit for nothing any more; the next reader opens a new one.
            self._connection.close()
            raise translated(error) from error
        self._readers.give_back(self._connection)
