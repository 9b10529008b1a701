"""Riders in PostgreSQL: a kind is a database function that runs inside the transaction of the commit it rides on."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from decision_gate.core.ports import Rider, RiderKindError
from decision_gate.enterprise.stores.postgres.migrate import Family

RiderArrays = tuple[list[str], list[bytes], list[bytes]]
"""Kinds, keys and bodies of riders, as the database functions take them."""


class PostgresRiderTable(Protocol):
    """Tables and the function of one rider kind.

    ``family.migrations`` make the function ``decision_gate.rider_<kind>(keys bytea[], bodies bytea[])``. It gets all
    riders of the kind of one commit in order, does nothing for a key it has seen, and refuses by
    ``RAISE EXCEPTION USING ERRCODE = 'DG001', MESSAGE = <reason>, DETAIL = <kind>``, which undoes the whole commit.
    As a function it costs a commit no further round trip.
    """

    @property
    def kind(self) -> str:
        """Kind of the riders it applies; a lower-case SQL name."""
        ...

    @property
    def family(self) -> Family:
        """Migrations that make its tables and its function."""
        ...


def kinds_of(tables: Iterable[PostgresRiderTable]) -> frozenset[str]:
    """Return the kinds that *tables* apply."""
    return frozenset(table.kind for table in tables)


def rider_arrays(riders: Sequence[Rider], known: frozenset[str]) -> RiderArrays:
    """Return *riders* as arguments of a database function.

    Raises:
        RiderKindError: A rider has a kind that is not *known*; the database is not asked.
    """
    for rider in riders:
        if rider.kind not in known:
            raise RiderKindError(rider.kind)
    return [r.kind for r in riders], [r.key.encode() for r in riders], [r.body for r in riders]
