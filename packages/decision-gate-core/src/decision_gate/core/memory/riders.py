"""Riders without a database: tables in memory that apply a group whole or not at all."""

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from decision_gate.core.ports import Rider, RiderKindError, RiderRefusedError


class MemoryRiderTable(Protocol):
    """Keeps the riders of one kind in memory."""

    @property
    def kind(self) -> str:
        """The kind of rider that this table applies."""
        ...

    def apply(self, rider: Rider) -> Callable[[], None]:
        """Apply *rider* and return how to take it back; a key that was applied before changes nothing.

        Called under the lock of the ``MemoryRiders`` that holds the table.

        Raises:
            RiderRefusedError: The rider may not be applied; nothing has changed.
        """
        ...


class MemoryRiders:
    """All rider tables of a process, shared by its stores."""

    def __init__(self, tables: Iterable[MemoryRiderTable] = ()) -> None:
        self._tables = {table.kind: table for table in tables}
        self._lock = threading.Lock()

    @property
    def kinds(self) -> frozenset[str]:
        """Kinds for which there is a table."""
        return frozenset(self._tables)

    def check(self, riders: Sequence[Rider]) -> None:
        """Refuse riders that no table takes; a store asks this before all else.

        Raises:
            RiderKindError: There is no table for one of them.
        """
        for rider in riders:
            if rider.kind not in self._tables:
                raise RiderKindError(rider.kind)

    def apply(self, riders: Sequence[Rider]) -> None:
        """Apply all of *riders*, which were checked, in order, or none.

        Raises:
            RiderRefusedError: A table refused; those before it are taken back.
        """
        undo: list[Callable[[], None]] = []
        with self._lock:
            try:
                undo.extend(self._tables[rider.kind].apply(rider) for rider in riders)
            except RiderRefusedError:
                for take_back in reversed(undo):
                    take_back()
                raise
