"""A usage meter that is wrong on purpose: it counts before the work and inserts with it, and nothing joins the two.

As many racers as look at once are admitted. What races the real meter must fail on this one, or it proves nothing.
"""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import attrs

from decision_gate.core.ports import Rider
from decision_gate.mcp.config.kinds import Integer, Text
from decision_gate.mcp.config.table import key
from decision_gate.mcp.hooks.usage_meter import USAGE, Charge, MeteredCall, Metric
from decision_gate.mcp.hooks.verdict import Verdict
from decision_gate.mcp.stores.sqlite import Migration

_WORK_S = 0.05
"""What lies between looking and inserting in any real server; here it is only never less."""


@attrs.frozen(kw_only=True)
class ReadThenInsertSettings:
    """``[usage_meter]`` of type ``read_then_insert``."""

    path: str = key(Text(), "The SQLite file of the runs.")
    limit: int = key(Integer(), "Most tool calls.")


class InsertingTable:
    """The ``SqliteRiderTable`` of the meter."""

    kind = USAGE
    migrations: Sequence[Migration] = (("CREATE TABLE naive_usage (key TEXT)",),)

    def apply(self, connection: sqlite3.Connection, rider: Rider) -> None:
        """Insert, whatever the limit."""
        connection.execute("INSERT INTO naive_usage VALUES (?)", (rider.key,))


class ReadThenInsertMeter:
    """A ``UsageMeter`` of tool calls."""

    metrics = frozenset({Metric.TOOL_CALLS})

    def __init__(self, settings: ReadThenInsertSettings) -> None:
        self._settings = settings

    def admit(self, call: MeteredCall, charge: Charge) -> Verdict:
        """Look how many there are now."""
        del call
        connection = sqlite3.connect(self._settings.path, timeout=30)
        try:
            (used,) = connection.execute("SELECT count(*) FROM naive_usage").fetchone()
        finally:
            connection.close()
        time.sleep(_WORK_S)
        has_room = charge.metric is not Metric.TOOL_CALLS or used + charge.units <= self._settings.limit
        return Verdict(allowed=has_room, reason="allowed" if has_room else "quota_exceeded")

    def riders(self, call: MeteredCall) -> Sequence[Rider]:
        """Insert one row a charge."""
        return tuple(Rider(kind=USAGE, key=charge.operation, body=b"") for charge in call.charges)

    def reserve(self, call: MeteredCall) -> Sequence[Rider]:
        """Hold nothing."""
        del call
        return ()

    def release(self, call: MeteredCall) -> Sequence[Rider]:
        """Give back nothing."""
        del call
        return ()

    def rider_table(self, engine: str) -> Any:  # noqa: ANN401 - each engine has its own protocol of rider tables
        """Return the table for SQLite."""
        return InsertingTable() if engine == "sqlite" else None


@contextmanager
def open_read_then_insert(settings: ReadThenInsertSettings) -> Iterator[ReadThenInsertMeter]:
    """Open the usage meter ``read_then_insert``."""
    yield ReadThenInsertMeter(settings)
