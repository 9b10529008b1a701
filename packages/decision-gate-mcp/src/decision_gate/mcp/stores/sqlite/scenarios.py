"""Scenario definitions in SQLite."""

import sqlite3
from collections.abc import Sequence
from typing import Any, Final

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
from decision_gate.mcp.stores.sqlite.cells import demand, text_of
from decision_gate.mcp.stores.sqlite.database import SqliteDatabase
from decision_gate.mcp.stores.sqlite.ids import owner_bytes, u64_bytes

_FIND: Final = "SELECT id, spec_hash FROM scenarios WHERE owner = ? AND namespace = ? AND scenario_id = ?"
_POINT: Final = """
    INSERT INTO scenarios (owner, namespace, scenario_id, spec_hash) VALUES (?, ?, ?, ?)
    ON CONFLICT (owner, namespace, scenario_id) DO UPDATE SET spec_hash = excluded.spec_hash RETURNING id
"""
_KEEP: Final = """
    INSERT INTO scenario_versions (scenario, spec_hash, spec_version, body) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING
"""
_CURRENT: Final = """
    SELECT v.spec_version, v.spec_hash, v.body FROM scenarios s
    JOIN scenario_versions v ON v.scenario = s.id AND v.spec_hash = s.spec_hash
    WHERE s.owner = ? AND s.namespace = ? AND s.scenario_id = ?
"""
_VERSION: Final = """
    SELECT v.spec_version, v.spec_hash, v.body FROM scenarios s
    JOIN scenario_versions v ON v.scenario = s.id AND v.spec_hash = ?
    WHERE s.owner = ? AND s.namespace = ? AND s.scenario_id = ?
"""
_PAGE: Final = """
    SELECT s.scenario_id, v.spec_version, v.spec_hash, v.body FROM scenarios s
    JOIN scenario_versions v ON v.scenario = s.id AND v.spec_hash = s.spec_hash
    WHERE s.owner = ? AND s.namespace = ? AND s.scenario_id > ? ORDER BY s.scenario_id LIMIT ?
"""


class SqliteScenarioStore:
    """A ``ScenarioStore`` in *database*."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    @property
    def rider_kinds(self) -> frozenset[str]:
        """See ``ScenarioStore``."""
        return self._database.riders.kinds

    def define(self, definition: ScenarioDefinition, riders: Sequence[Rider] = ()) -> None:
        """See ``ScenarioStore``."""
        self._put(definition, riders, first=True)

    def publish(self, definition: ScenarioDefinition, riders: Sequence[Rider] = ()) -> None:
        """See ``ScenarioStore``."""
        self._put(definition, riders, first=False)

    def get(self, key: ScenarioKey, spec_hash: str | None = None) -> ScenarioDefinition | None:
        """See ``ScenarioStore``."""
        with self._database.reading() as connection:
            if spec_hash is None:
                row = connection.execute(_CURRENT, _names(key)).fetchone()
            else:
                row = connection.execute(_VERSION, (spec_hash.encode(), *_names(key))).fetchone()
        return _definition(key, row) if row else None

    def scenarios(
        self, owner: TenantId | None, namespace_id: NamespaceId, cursor: str | None, limit: int
    ) -> ScenarioPage:
        """See ``ScenarioStore``."""
        if not 1 <= limit <= MAX_PAGE:
            raise PageLimitError(limit)
        after = b"" if cursor is None else decode_cursor(cursor, 1)[0]
        with self._database.reading() as connection:
            rows = connection.execute(_PAGE, (owner_bytes(owner), u64_bytes(namespace_id), after, limit + 1)).fetchall()
        items = tuple(
            _definition(ScenarioKey(owner, namespace_id, _name(scenario_id)), row) for scenario_id, *row in rows[:limit]
        )
        more = len(rows) > limit
        return ScenarioPage(items=items, next_cursor=encode_cursor(rows[limit - 1][0]) if more else None)

    def ready(self) -> None:
        """See ``ScenarioStore``."""
        self._database.ready()

    def _put(self, definition: ScenarioDefinition, riders: Sequence[Rider], *, first: bool) -> None:
        tables = self._database.riders
        tables.check(riders)
        names = _names(definition.key)
        spec_hash = definition.spec_hash.encode()

        def work(connection: sqlite3.Connection) -> None:
            taken = connection.execute(_FIND, names).fetchone()
            if taken and first:
                raise ScenarioExistsError(definition.key.scenario_id, taken[1].decode())
            (scenario,) = connection.execute(_POINT, (*names, spec_hash)).fetchall()[0]
            connection.execute(_KEEP, (scenario, spec_hash, definition.spec_version.encode(), definition.body))
            tables.apply(connection, riders)

        self._database.write(work)


def _names(key: ScenarioKey) -> tuple[bytes, bytes, bytes]:
    return owner_bytes(key.owner), u64_bytes(key.namespace_id), key.scenario_id.encode()


def _definition(key: ScenarioKey, row: Sequence[Any]) -> ScenarioDefinition:
    demand(row, bytes, bytes, bytes)
    spec_version, spec_hash, body = row
    return ScenarioDefinition(key=key, spec_version=text_of(spec_version), spec_hash=text_of(spec_hash), body=body)


def _name(cell: bytes) -> str:
    demand((cell,), bytes)
    return text_of(cell)
