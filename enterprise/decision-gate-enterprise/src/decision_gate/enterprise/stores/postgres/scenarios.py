"""Scenario definitions in PostgreSQL; tables and functions stand in ``migrations/0002_scenarios.sql``."""

from collections.abc import Sequence

from decision_gate.core.model import NamespaceId, TenantId
from decision_gate.core.ports import (
    MAX_PAGE,
    PageLimitError,
    Rider,
    ScenarioDefinition,
    ScenarioExistsError,
    ScenarioKey,
    ScenarioPage,
    decode_cursor,
    encode_cursor,
)
from decision_gate.enterprise.stores.postgres.keys import number, owner_column, text
from decision_gate.enterprise.stores.postgres.riders import rider_arrays
from decision_gate.enterprise.stores.postgres.session import Row, Session

_DEFINE = "SELECT decision_gate.define_scenario(%b, %b, %b, %b, %b, %b, %b::text[], %b::bytea[], %b::bytea[])"
_PUBLISH = "SELECT decision_gate.publish_scenario(%b, %b, %b, %b, %b, %b, %b::text[], %b::bytea[], %b::bytea[])"
_VERSION = (
    "SELECT v.scenario_id, v.spec_version, v.spec_hash, v.body FROM decision_gate.scenario_versions v "
    "WHERE v.owner = %b AND v.namespace = %b AND v.scenario_id = %b AND v.spec_hash = %b"
)
_CURRENT = (
    "SELECT scenario_id, v.spec_version, spec_hash, v.body FROM decision_gate.scenarios "
    "JOIN decision_gate.scenario_versions v USING (owner, namespace, scenario_id, spec_hash) "
    "WHERE owner = %b AND namespace = %b AND scenario_id = %b"
)
_LIST = (
    "SELECT scenario_id, v.spec_version, spec_hash, v.body FROM decision_gate.scenarios "
    "JOIN decision_gate.scenario_versions v USING (owner, namespace, scenario_id, spec_hash) "
    "WHERE owner = %b AND namespace = %b AND scenario_id > %b ORDER BY scenario_id LIMIT %s"
)


class PostgresScenarioStore:
    """A scenario store on PostgreSQL, safe for threads and for many servers on one database."""

    def __init__(self, session: Session, rider_kinds: frozenset[str]) -> None:
        self.rider_kinds = rider_kinds
        self._session = session

    def define(self, definition: ScenarioDefinition, riders: Sequence[Rider] = ()) -> None:
        """Store the first definition of a scenario (port)."""
        (taken,) = self._session.commit(_DEFINE, (*_columns(definition), *rider_arrays(riders, self.rider_kinds)))
        if taken is not None:
            raise ScenarioExistsError(definition.key.scenario_id, taken.decode())

    def publish(self, definition: ScenarioDefinition, riders: Sequence[Rider] = ()) -> None:
        """Store a version and point to it (port)."""
        self._session.commit(_PUBLISH, (*_columns(definition), *rider_arrays(riders, self.rider_kinds)))

    def get(self, key: ScenarioKey, spec_hash: str | None = None) -> ScenarioDefinition | None:
        """Return one version, or the current one (port)."""
        columns = _key_columns(key)
        if spec_hash is None:
            rows = self._session.rows(_CURRENT, columns)
        else:
            rows = self._session.rows(_VERSION, (*columns, text(spec_hash)))
        return _definition(key.owner, key.namespace_id, rows[0]) if rows else None

    def scenarios(
        self, owner: TenantId | None, namespace_id: NamespaceId, cursor: str | None, limit: int
    ) -> ScenarioPage:
        """List current definitions in order of scenario id bytes (port)."""
        if not 1 <= limit <= MAX_PAGE:
            raise PageLimitError(limit)
        (after,) = (b"",) if cursor is None else decode_cursor(cursor, 1)
        rows = self._session.rows(_LIST, (owner_column(owner), number(namespace_id), after, limit + 1))
        items = tuple(_definition(owner, namespace_id, row) for row in rows[:limit])
        next_cursor = encode_cursor(rows[limit - 1][0]) if len(rows) > limit else None
        return ScenarioPage(items=items, next_cursor=next_cursor)

    def ready(self) -> None:
        """Return when commits are accepted (port)."""
        self._session.ready()


def _key_columns(key: ScenarioKey) -> tuple[bytes, bytes, bytes]:
    return owner_column(key.owner), number(key.namespace_id), text(key.scenario_id)


def _columns(definition: ScenarioDefinition) -> tuple[bytes, ...]:
    return (
        *_key_columns(definition.key),
        text(definition.spec_hash),
        text(definition.spec_version),
        definition.body,
    )


def _definition(owner: TenantId | None, namespace_id: NamespaceId, row: Row) -> ScenarioDefinition:
    scenario_id, spec_version, spec_hash, body = row
    return ScenarioDefinition(
        key=ScenarioKey(owner, namespace_id, scenario_id.decode()),
        spec_version=spec_version.decode(),
        spec_hash=spec_hash.decode(),
        body=body,
    )
