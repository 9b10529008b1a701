"""Rider tables of this engine: what meter and audit sink bring to be written with a commit."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Protocol

from decision_gate.core.ports import Rider, RiderKindError
from decision_gate.mcp.stores.sqlite.migrations import Migration


class SqliteRiderTable(Protocol):
    """Keeps the riders of one kind in tables of its own, in the database of the runs."""

    @property
    def kind(self) -> str:
        """The kind of rider that this table applies."""
        ...

    @property
    def migrations(self) -> Sequence[Migration]:
        """All migrations of its tables, oldest first; a released one never changes."""
        ...

    def apply(self, connection: sqlite3.Connection, rider: Rider) -> None:
        """Apply *rider* in the transaction of *connection*; a key that was applied before changes nothing.

        It neither begins nor ends a transaction, and keeps no statement open.

        Raises:
            RiderRefusedError: The rider may not be applied; what it wrote so far is undone with everything else.
        """
        ...


class RiderTables:
    """The tables that a database was opened with, by kind."""

    def __init__(self, tables: Iterable[SqliteRiderTable]) -> None:
        self._tables = {table.kind: table for table in tables}

    @property
    def kinds(self) -> frozenset[str]:
        """Kinds for which there is a table."""
        return frozenset(self._tables)

    def check(self, riders: Sequence[Rider]) -> None:
        """Refuse riders that no table takes, before anything is written.

        Raises:
            RiderKindError: There is no table for one of them.
        """
        for rider in riders:
            if rider.kind not in self._tables:
                raise RiderKindError(rider.kind)

    def apply(self, connection: sqlite3.Connection, riders: Sequence[Rider]) -> None:
        """Apply *riders*, which were checked, in order.

        Raises:
            RiderRefusedError: A table refused; the caller undoes the unit.
        """
        for rider in riders:
            self._tables[rider.kind].apply(connection, rider)
