"""Scenario definitions: durable and content-addressed, with a pointer to the current one (deviation S8)."""

from collections.abc import Sequence
from typing import Protocol

import attrs

from decision_gate.core.errors import CallerError
from decision_gate.core.model import NamespaceId, TenantId
from decision_gate.core.ports.runs import Rider


@attrs.frozen
class ScenarioKey:
    """Name of a scenario.

    ``owner`` is the tenant it belongs to, none for one that belongs to nobody (open server only).
    """

    owner: TenantId | None
    namespace_id: NamespaceId
    scenario_id: str


@attrs.frozen(kw_only=True)
class ScenarioDefinition:
    """One version of a scenario: its canonical bytes and their SHA-256."""

    key: ScenarioKey
    spec_version: str
    spec_hash: str
    body: bytes


@attrs.frozen(kw_only=True)
class ScenarioPage:
    """One page of current definitions, in order of (owner, namespace, scenario id bytes)."""

    items: tuple[ScenarioDefinition, ...]
    next_cursor: str | None


class ScenarioExistsError(CallerError):
    """The id is taken in this namespace; ``spec_hash`` is what it points to now."""

    code = "scenario_exists"

    def __init__(self, scenario_id: str, spec_hash: str) -> None:
        super().__init__(f"scenario already defined: {scenario_id}")
        self.scenario_id = scenario_id
        self.spec_hash = spec_hash


class ScenarioStore(Protocol):
    """Durable scenario definitions. Every method may raise ``StoreUnavailableError``."""

    @property
    def rider_kinds(self) -> frozenset[str]:
        """Kinds of riders this store was opened with."""
        ...

    def define(self, definition: ScenarioDefinition, riders: Sequence[Rider] = ()) -> None:
        """Store the first definition of a scenario and point to it.

        Raises:
            ScenarioExistsError: The key has a definition already, equal or not; nothing is written.
            RiderRefusedError: A rider table refused; nothing is written.
        """
        ...

    def publish(self, definition: ScenarioDefinition, riders: Sequence[Rider] = ()) -> None:
        """Store a version, when it is new, and point to it; older versions stay for the runs that use them.

        Raises:
            RiderRefusedError: A rider table refused; nothing is written.
        """
        ...

    def get(self, key: ScenarioKey, spec_hash: str | None = None) -> ScenarioDefinition | None:
        """Return one version, or the current one when *spec_hash* is none; none when there is none."""
        ...

    def scenarios(
        self, owner: TenantId | None, namespace_id: NamespaceId, cursor: str | None, limit: int
    ) -> ScenarioPage:
        """List the current definitions of one owner's namespace by scenario id bytes.

        *limit* is 1 … ``MAX_PAGE``.

        Raises:
            CursorError: *cursor* was not handed out by this store.
            PageLimitError: *limit* is less than 1 or more than ``MAX_PAGE``.
        """
        ...

    def ready(self) -> None:
        """Return when the store can commit.

        Raises:
            StoreUnavailableError: It cannot.
        """
        ...
