"""Scenario definitions in dictionaries."""

import threading
from collections.abc import Sequence

from decision_gate.core.memory.riders import MemoryRiders
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


class MemoryScenarioStore:
    """A ``ScenarioStore`` for tests, demos and library users; safe for any number of threads."""

    def __init__(self, riders: MemoryRiders | None = None) -> None:
        self._riders = riders or MemoryRiders()
        self._lock = threading.Lock()
        self._versions: dict[tuple[ScenarioKey, str], ScenarioDefinition] = {}
        self._current: dict[ScenarioKey, ScenarioDefinition] = {}

    @property
    def rider_kinds(self) -> frozenset[str]:
        """See ``ScenarioStore``."""
        return self._riders.kinds

    def define(self, definition: ScenarioDefinition, riders: Sequence[Rider] = ()) -> None:
        """See ``ScenarioStore``."""
        self._riders.check(riders)
        with self._lock:
            if taken := self._current.get(definition.key):
                raise ScenarioExistsError(definition.key.scenario_id, taken.spec_hash)
            self._riders.apply(riders)
            self._point_to(definition)

    def publish(self, definition: ScenarioDefinition, riders: Sequence[Rider] = ()) -> None:
        """See ``ScenarioStore``."""
        self._riders.check(riders)
        with self._lock:
            self._riders.apply(riders)
            self._point_to(definition)

    def get(self, key: ScenarioKey, spec_hash: str | None = None) -> ScenarioDefinition | None:
        """See ``ScenarioStore``."""
        with self._lock:
            return self._current.get(key) if spec_hash is None else self._versions.get((key, spec_hash))

    def scenarios(
        self, owner: TenantId | None, namespace_id: NamespaceId, cursor: str | None, limit: int
    ) -> ScenarioPage:
        """See ``ScenarioStore``."""
        if not 1 <= limit <= MAX_PAGE:
            raise PageLimitError(limit)
        after = b"" if cursor is None else decode_cursor(cursor, 1)[0]
        with self._lock:
            found = sorted(
                (
                    definition
                    for key, definition in self._current.items()
                    if (key.owner, key.namespace_id) == (owner, namespace_id) and key.scenario_id.encode() > after
                ),
                key=lambda definition: definition.key.scenario_id.encode(),
            )
        items = tuple(found[:limit])
        more = len(found) > limit
        return ScenarioPage(
            items=items, next_cursor=encode_cursor(items[-1].key.scenario_id.encode()) if more else None
        )

    def ready(self) -> None:
        """See ``ScenarioStore``; memory is always ready."""

    def _point_to(self, definition: ScenarioDefinition) -> None:
        kept = self._versions.setdefault((definition.key, definition.spec_hash), definition)
        self._current[definition.key] = kept
