"""Audit chains in PostgreSQL; ``migrations/0001_audit.sql`` has the tables and the function that appends."""

from collections.abc import Iterator
from importlib.resources import files

from decision_gate.enterprise.audit.leaf import AUDIT, FIRST, ChainState, Leaf
from decision_gate.enterprise.stores.postgres import Family, read_family
from decision_gate.enterprise.stores.postgres.keys import number
from decision_gate.enterprise.stores.postgres.session import Session

_END = "SELECT seq, hash FROM decision_gate.audit_chains WHERE tenant = %b"
_LEAVES = (
    "SELECT seq, body, body_sha256, hash FROM decision_gate.audit_leaves "
    "WHERE tenant = %b AND seq > %s ORDER BY seq LIMIT 500"
)


class PostgresChainTable:
    """The ``PostgresRiderTable`` of audit."""

    @property
    def kind(self) -> str:
        """See ``PostgresRiderTable``."""
        return AUDIT

    @property
    def family(self) -> Family:
        """See ``PostgresRiderTable``."""
        return read_family(AUDIT, files("decision_gate.enterprise.audit") / "migrations")


class PostgresAuditLog:
    """See ``AuditLog``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def end(self, tenant_id: int) -> ChainState:
        """See ``AuditLog``."""
        rows = self._session.rows(_END, (number(tenant_id),))
        return ChainState(seq=rows[0][0], hash=rows[0][1]) if rows else ChainState(seq=0, hash=FIRST)

    def leaves(self, tenant_id: int, after: int = 0) -> Iterator[Leaf]:
        """See ``AuditLog``."""
        while page := self._session.rows(_LEAVES, (number(tenant_id), after)):
            for seq, body, body_sha256, found in page:
                yield Leaf(seq=seq, body=body, body_sha256=body_sha256, hash=found)
            after = page[-1][0]
