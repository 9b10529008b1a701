"""The one connection that writes: batches of units, each whole or not at all.

INVARIANT: a unit that succeeds is durable; a unit that fails has left nothing behind, unless its error is
``OutcomeUnknownError``.
"""

import sqlite3
import threading
from collections.abc import Callable, Sequence
from typing import Any

from decision_gate.core.ports import OutcomeUnknownError, StoreUnavailableError
from decision_gate.mcp.stores.sqlite.errors import REPORTED, primary_code, translated
from decision_gate.mcp.stores.sqlite.group_commit import Unit
from decision_gate.mcp.stores.sqlite.patience import BUSY, patiently

Work = Callable[[sqlite3.Connection], Any]
"""Reads and writes on the connection of the batch; what it raises undoes it and reaches its caller.

It touches nothing but the connection, for it may be undone and run again.
"""

Outcome = tuple[Any, Exception | None]
"""What a unit returned, or why it refused."""


class Writer:
    """Commits batches on *connection*, which nobody else uses.

    ``death`` is why the writer will never commit again, none while it may: after a commit whose outcome SQLite cannot
    tell (the disk failed to synchronise) memory and disk may disagree until the file is opened again.
    ``is_doubtful`` says that the last batch failed for want of room or for the disk.
    """

    def __init__(self, connection: sqlite3.Connection, *, busy_timeout_s: float) -> None:
        self.death: StoreUnavailableError | None = None
        self.is_doubtful = False
        self._connection = connection
        self._busy_timeout_s = busy_timeout_s
        self._in_use = threading.Lock()

    def commit(self, units: Sequence[Unit[Work]]) -> None:
        """Run *units* in one transaction; one that refuses undoes itself and nobody else."""
        with self._in_use:
            if self.death is not None:
                for unit in units:
                    unit.fail(StoreUnavailableError(str(self.death)))
                return
            try:
                patiently(self._begin, self._busy_timeout_s)
                self.is_doubtful = self._run(units)
            except BaseException as error:
                self._undo()
                if not isinstance(error, Exception):
                    raise
                self.is_doubtful = True
                for unit in units:
                    unit.fail(_as_port_error(error))

    def close(self) -> None:
        """Let the batch that runs come to its end, then close the connection."""
        with self._in_use:
            self.death = StoreUnavailableError("the database is closed")
            self._connection.close()

    def _begin(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def _commit(self) -> None:
        self._connection.execute("COMMIT")

    def _run(self, units: Sequence[Unit[Work]]) -> bool:
        """Settle *units*; return whether SQLite failed one of them, which may mean that there is no room."""
        outcomes = self._outcomes(units)
        if all(error is not None for _, error in outcomes):
            self._connection.execute("ROLLBACK")
        else:
            self._make_durable()
        # Only now: a refusal may tell of a head that another unit of this batch has made.
        for unit, (result, error) in zip(units, outcomes, strict=True):
            if error is None:
                unit.succeed(result)
            else:
                unit.fail(_as_port_error(error))
        return any(isinstance(error, REPORTED) for _, error in outcomes)

    def _outcomes(self, units: Sequence[Unit[Work]]) -> list[Outcome]:
        """Run *units* one after another.

        Nearly every unit that refuses does so before it has written, and then there is nothing to undo. For the others
        all is undone and run again, each behind a savepoint of its own; always having them would cost every unit two
        statements.
        """
        outcomes: list[Outcome] = []
        for unit in units:
            before = self._connection.total_changes
            outcome = self._outcome(unit)
            if outcome[1] is not None and self._connection.total_changes != before and len(units) > 1:
                self._connection.execute("ROLLBACK")
                patiently(self._begin, self._busy_timeout_s)
                return [self._undoable(each) for each in units]
            outcomes.append(outcome)
        return outcomes

    def _undoable(self, unit: Unit[Work]) -> Outcome:
        self._connection.execute("SAVEPOINT unit")
        outcome = self._outcome(unit)
        if outcome[1] is not None:
            self._connection.execute("ROLLBACK TO unit")
        self._connection.execute("RELEASE unit")
        return outcome

    def _outcome(self, unit: Unit[Work]) -> Outcome:
        try:
            return unit.work(self._connection), None
        except Exception as error:
            # A disk that is full or failing undoes the whole transaction, not only the statement.
            if not self._connection.in_transaction:
                raise
            return None, error

    def _make_durable(self) -> None:
        try:
            patiently(self._commit, self._busy_timeout_s)
        except sqlite3.Error as error:
            # Without room for the last page there is no commit mark; after anything else nobody can tell whether the
            # mark reached the disk.
            if primary_code(error) in BUSY | {sqlite3.SQLITE_FULL}:
                raise
            self._die(error)
            raise OutcomeUnknownError("the database did not say whether the commit is durable") from error

    def _undo(self) -> None:
        if self._connection.in_transaction:
            try:
                self._connection.execute("ROLLBACK")
            except sqlite3.Error as error:
                self._die(error)

    def _die(self, error: sqlite3.Error) -> None:
        self.death = StoreUnavailableError(f"the writer stopped, open the database again: {translated(error)}")


def _as_port_error(error: Exception) -> Exception:
    if not isinstance(error, REPORTED):
        return error
    found = translated(error)
    found.__cause__ = error
    return found
