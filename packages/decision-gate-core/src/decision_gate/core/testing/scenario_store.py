"""The conformance suite of ``ScenarioStore``."""

import hashlib
from functools import partial

import pytest

from decision_gate.core.errors import DecisionGateError
from decision_gate.core.ports import (
    MAX_PAGE,
    Rider,
    RiderRefusedError,
    ScenarioDefinition,
    ScenarioExistsError,
    ScenarioKey,
    ScenarioStore,
)
from decision_gate.core.testing.bench import StoreBench
from decision_gate.core.testing.notes import NOTE, note, refused_note
from decision_gate.core.testing.races import race

ScenarioStoreBench = StoreBench[ScenarioStore]

KEY = ScenarioKey(7, 3, "release")

_ODD_KEYS = (
    ScenarioKey(None, 3, "release"),
    ScenarioKey(1, 3, "release"),
    ScenarioKey(2**64 - 1, 2**64 - 1, "release"),
    ScenarioKey(7, 4, "release"),
    ScenarioKey(7, 3, "Release"),
    ScenarioKey(7, 3, "org/repo"),
    ScenarioKey(7, 3, "e\u0301"),
    ScenarioKey(7, 3, "\u00e9"),
    ScenarioKey(7, 3, "🚦" * 63),
    ScenarioKey(7, 3, "x" * 255),
)


def definition(key: ScenarioKey = KEY, version: str = "v1") -> ScenarioDefinition:
    """Return the definition of *key* that has *version* in its body."""
    body = f'{{"scenario_id":"{key.scenario_id}","spec_version":"{version}"}}'.encode()
    return ScenarioDefinition(key=key, spec_version=version, spec_hash=hashlib.sha256(body).hexdigest(), body=body)


class ScenarioStoreConformance:
    """What every ``ScenarioStore`` must do; a backend overrides ``bench``."""

    @pytest.fixture
    def bench(self) -> ScenarioStoreBench:
        """Return a fresh store; a backend overrides this."""
        raise NotImplementedError

    @pytest.fixture
    def store(self, bench: ScenarioStoreBench) -> ScenarioStore:
        """Return the store alone."""
        return bench.store

    def test_a_fresh_store_is_ready_and_knows_no_scenario(self, store: ScenarioStore) -> None:
        store.ready()

        assert store.get(KEY) is None
        assert store.get(KEY, definition().spec_hash) is None

    def test_a_defined_scenario_is_found_as_current_and_by_its_hash(self, store: ScenarioStore) -> None:
        store.define(definition())

        assert store.get(KEY) == definition()
        assert store.get(KEY, definition().spec_hash) == definition()
        assert store.get(KEY, "0" * 64) is None

    @pytest.mark.parametrize("version", ["v1", "v2"])
    def test_a_second_definition_is_refused_and_tells_what_the_id_points_to(
        self, store: ScenarioStore, version: str
    ) -> None:
        store.define(definition())

        with pytest.raises(ScenarioExistsError) as refused:
            store.define(definition(version=version))

        assert refused.value.spec_hash == definition().spec_hash
        assert store.get(KEY) == definition()
        assert store.get(KEY, definition(version="v2").spec_hash) is None

    def test_a_published_version_becomes_current_and_older_ones_stay(self, store: ScenarioStore) -> None:
        first, second = definition(), definition(version="v2")
        store.define(first)

        store.publish(second)

        assert store.get(KEY) == second
        assert store.get(KEY, first.spec_hash) == first

    def test_publishing_a_version_again_points_back_to_it(self, store: ScenarioStore) -> None:
        first, second = definition(), definition(version="v2")
        store.publish(first)
        store.publish(second)

        store.publish(first)

        assert store.get(KEY) == first
        assert store.get(KEY, second.spec_hash) == second

    def test_a_published_scenario_cannot_be_defined(self, store: ScenarioStore) -> None:
        store.publish(definition())

        with pytest.raises(DecisionGateError) as refused:
            store.define(definition())

        assert refused.value.code == "scenario_exists"

    def test_definitions_survive_opening_again(self, bench: ScenarioStoreBench) -> None:
        bench.store.define(definition())
        bench.store.publish(definition(version="v2"))

        reopened = bench.reopen()

        assert reopened.get(KEY) == definition(version="v2")
        assert reopened.get(KEY, definition().spec_hash) == definition()

    @pytest.mark.parametrize("key", _ODD_KEYS, ids=range(len(_ODD_KEYS)))
    def test_any_identifier_names_a_scenario_of_its_own(self, store: ScenarioStore, key: ScenarioKey) -> None:
        for other in (KEY, *_ODD_KEYS):
            if other != key:
                store.define(definition(other))

        assert store.get(key) is None
        store.define(definition(key))

        assert store.get(key) == definition(key)
        assert store.get(KEY) == definition(KEY)

    @pytest.mark.parametrize("limit", [1, 2, 5, MAX_PAGE])
    def test_pages_hold_every_current_definition_once_in_order_of_id_bytes(
        self, store: ScenarioStore, limit: int
    ) -> None:
        ids = ["A", "a", "a/1", "\u00e9", "\uffee", "🚦"]
        for scenario_id in reversed(ids):
            store.define(definition(ScenarioKey(7, 3, scenario_id)))
            store.publish(definition(ScenarioKey(7, 3, scenario_id), "v2"))

        found: list[ScenarioDefinition] = []
        cursor = None
        while True:
            page = store.scenarios(7, 3, cursor, limit)
            found += page.items
            cursor = page.next_cursor
            if cursor is None:
                break

        assert found == [definition(ScenarioKey(7, 3, each), "v2") for each in ids]

    def test_a_listing_shows_one_owners_namespace_only(self, store: ScenarioStore) -> None:
        for key in (KEY, *_ODD_KEYS):
            store.define(definition(key))

        def listed(owner: int | None, namespace_id: int) -> list[ScenarioKey]:
            return [item.key for item in store.scenarios(owner, namespace_id, None, MAX_PAGE).items]

        assert listed(None, 3) == [ScenarioKey(None, 3, "release")]
        assert listed(7, 4) == [ScenarioKey(7, 4, "release")]
        assert listed(2**64 - 1, 2**64 - 1) == [ScenarioKey(2**64 - 1, 2**64 - 1, "release")]
        assert listed(None, 4) == []

    @pytest.mark.parametrize("cursor", ["", "x", "AAAA", "é", "not a cursor"])
    def test_a_cursor_that_no_store_made_is_refused(self, store: ScenarioStore, cursor: str) -> None:
        with pytest.raises(DecisionGateError) as refused:
            store.scenarios(7, 3, cursor, 10)

        assert refused.value.code == "invalid_cursor"

    @pytest.mark.parametrize("limit", [-1, 0, MAX_PAGE + 1])
    def test_a_page_that_is_empty_or_too_large_is_refused(self, store: ScenarioStore, limit: int) -> None:
        with pytest.raises(DecisionGateError) as refused:
            store.scenarios(7, 3, None, limit)

        assert refused.value.code == "invalid_page_limit"

    def test_riders_are_written_with_a_definition_or_not_at_all(self, bench: ScenarioStoreBench) -> None:
        bench.store.define(definition(), [note("defined")])

        with pytest.raises(RiderRefusedError):
            bench.store.publish(definition(version="v2"), [note("published"), refused_note()])
        with pytest.raises(ScenarioExistsError):
            bench.store.define(definition(), [note("again")])
        with pytest.raises(DecisionGateError) as refused:
            bench.store.publish(definition(version="v2"), [Rider(kind="unheard-of", key="key", body=b"")])

        assert refused.value.code == "rider_kind"
        assert bench.store.rider_kinds == frozenset({NOTE})
        assert bench.store.get(KEY) == definition()
        assert bench.store.get(KEY, definition(version="v2").spec_hash) is None
        assert list(bench.notes()) == [note("defined")]

    def test_of_many_definitions_of_one_scenario_exactly_one_wins(self, store: ScenarioStore) -> None:
        rivals = [definition(version=f"v{n}") for n in range(8)]

        outcomes = race([partial(store.define, rival) for rival in rivals])

        won = [rival for rival, outcome in zip(rivals, outcomes, strict=True) if outcome is None]
        lost = [outcome for outcome in outcomes if isinstance(outcome, ScenarioExistsError)]
        assert (len(won), len(lost)) == (1, 7)
        assert store.get(KEY) == won[0]
