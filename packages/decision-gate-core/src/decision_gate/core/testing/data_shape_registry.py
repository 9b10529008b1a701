"""The conformance suite of ``DataShapeRegistry`` (contract §9.2)."""

from collections.abc import Callable
from functools import partial

import attrs
import pytest

from decision_gate.core.errors import DecisionGateError
from decision_gate.core.json import JsonValue
from decision_gate.core.model import DataShapeRecord, DataShapeSignature
from decision_gate.core.ports import DataShapeRegistry, Rider, RiderRefusedError
from decision_gate.core.testing.bench import StoreBench
from decision_gate.core.testing.notes import NOTE, note, refused_note
from decision_gate.core.testing.races import race
from decision_gate.core.timestamps import Logical, UnixMillis

DataShapeBench = StoreBench[DataShapeRegistry]

MAX_SCHEMA_BYTES = 1_000
"""The size limit that a backend opens the registry of this suite with."""

MAX_ENTRIES = 8
"""The entries of a namespace that a backend opens the registry of this suite with."""


def shape(schema_id: str = "facts", version: str = "v1", schema: JsonValue = True) -> DataShapeRecord:  # noqa: FBT002 - a JSON value
    """Return an unsigned record of tenant 7, namespace 3."""
    return DataShapeRecord(
        tenant_id=7,
        namespace_id=3,
        schema_id=schema_id,
        version=version,
        schema=schema,
        created_at=UnixMillis(1_760_000_000_000),
    )


class DataShapeRegistryConformance:
    """What every ``DataShapeRegistry`` must do.

    A backend overrides ``bench`` and opens the registry with the two limits of this module.
    """

    @pytest.fixture
    def bench(self) -> DataShapeBench:
        """Return a fresh registry; a backend overrides this."""
        raise NotImplementedError

    @pytest.fixture
    def registry(self, bench: DataShapeBench) -> DataShapeRegistry:
        """Return the registry alone."""
        return bench.store

    def test_a_fresh_registry_is_ready_and_empty(self, registry: DataShapeRegistry) -> None:
        registry.ready()

        page = registry.shapes(7, 3, None, 10)

        assert registry.get(7, 3, "facts", "v1") is None
        assert (page.items, page.next_token) == ((), None)

    @pytest.mark.parametrize(
        "record",
        [
            shape(),
            shape(schema=None),
            shape(schema={"type": "object", "minimum": 1.5}),
            attrs.evolve(shape(), description="asserted facts", created_at=Logical(2**64 - 1)),
            attrs.evolve(shape(), signing=DataShapeSignature(key_id="k1", signature="c2ln")),
            attrs.evolve(shape(), signing=DataShapeSignature(key_id="k1", signature="c2ln", algorithm="ed25519")),
            attrs.evolve(shape("org/repo", "e\u0301"), tenant_id=2**64 - 1, namespace_id=2**64 - 1),
        ],
        ids=range(7),
    )
    def test_a_registered_record_comes_back(self, bench: DataShapeBench, record: DataShapeRecord) -> None:
        bench.store.register(record)

        name = (record.tenant_id, record.namespace_id, record.schema_id, record.version)
        assert bench.store.get(*name) == record
        assert bench.reopen().get(*name) == record

    def test_a_schema_is_kept_in_canonical_form(self, registry: DataShapeRegistry) -> None:
        registry.register(shape(schema={"b": 1.0, "a": {"z": 1, "y": 1e2}}))

        found = registry.get(7, 3, "facts", "v1")

        assert found is not None
        assert repr(found.schema) == "{'a': {'y': 100, 'z': 1}, 'b': 1}"

    @pytest.mark.parametrize(("key_id", "signature"), [("", "c2ln"), (" ", "c2ln"), ("k1", ""), ("k1", "\t")])
    def test_a_blank_signature_is_dropped(self, registry: DataShapeRegistry, key_id: str, signature: str) -> None:
        signing = DataShapeSignature(key_id=key_id, signature=signature)

        registry.register(attrs.evolve(shape(), signing=signing))

        assert registry.get(7, 3, "facts", "v1") == shape()

    def test_a_version_never_changes(self, registry: DataShapeRegistry) -> None:
        registry.register(shape())

        message = refusal(lambda: registry.register(shape(schema=False)), "data_shape_exists")

        assert message == "data shape registry conflict: schema already registered"
        assert registry.get(7, 3, "facts", "v1") == shape()

    def test_slashes_in_names_do_not_collide(self, registry: DataShapeRegistry) -> None:
        registry.register(shape("a/b", "c"))
        registry.register(shape("a", "b/c"))

        assert registry.get(7, 3, "a/b", "c") == shape("a/b", "c")
        assert registry.get(7, 3, "a", "b/c") == shape("a", "b/c")

    def test_size_is_measured_on_canonical_bytes(self, registry: DataShapeRegistry) -> None:
        registry.register(shape(schema=[1.0] * 499))

        message = refusal(lambda: registry.register(shape(version="v2", schema=[1] * 501)), "data_shape_invalid")

        assert message == ("data shape registry invalid data: schema exceeds size limit: 1003 bytes (max 1000)")
        assert registry.get(7, 3, "facts", "v2") is None

    def test_a_namespace_takes_so_many_entries_and_no_more(self, registry: DataShapeRegistry) -> None:
        for n in range(MAX_ENTRIES):
            registry.register(shape(version=f"v{n}"))

        message = refusal(lambda: registry.register(shape("another")), "data_shapes_full")
        registry.register(attrs.evolve(shape("another"), namespace_id=4))
        registry.register(attrs.evolve(shape("another"), tenant_id=8))

        assert message == ("data shape registry invalid data: schema registry entry limit exceeded: 8 entries (max 8)")
        assert registry.get(7, 3, "another", "v1") is None

    def test_size_is_checked_before_entries_and_entries_before_conflict(self, registry: DataShapeRegistry) -> None:
        for n in range(MAX_ENTRIES):
            registry.register(shape(version=f"v{n}"))

        too_large = refusal(lambda: registry.register(shape(schema="x" * 1_000)), "data_shape_invalid")
        repeated = refusal(lambda: registry.register(shape(version="v1")), "data_shapes_full")

        assert "size limit" in too_large
        assert "entry limit" in repeated

    def test_pages_are_in_order_of_id_bytes_then_version_bytes(self, registry: DataShapeRegistry) -> None:
        names = [("a", "v1"), ("a", "v10"), ("a", "v2"), ("a/b", ""), ("b", "v1"), ("\uffee", "1"), ("🚦", "1")]
        for name in reversed(names):
            registry.register(shape(*name))
        registry.register(attrs.evolve(shape("foreign"), tenant_id=8))
        registry.register(attrs.evolve(shape("foreign"), namespace_id=4))

        pages = []
        token: str | None = None
        while (page := registry.shapes(7, 3, token, 3)).items:
            pages.append([(item.schema_id, item.version) for item in page.items])
            token = page.next_token

        assert pages == [names[:3], names[3:6], names[6:]]
        assert page.next_token is None

    def test_the_token_is_the_last_item_even_on_the_last_page(self, registry: DataShapeRegistry) -> None:
        registry.register(shape("größe", "v1"))

        page = registry.shapes(7, 3, None, 10)

        assert page.next_token == '{"schema_id":"größe","version":"v1"}'  # noqa: S105 - a token of a page

    def test_a_token_is_a_position_and_need_not_name_an_entry(self, registry: DataShapeRegistry) -> None:
        for version in ("v1", "v2", "v3"):
            registry.register(shape(version=version))

        page = registry.shapes(7, 3, '{"more":[],"version":"v15","schema_id":"facts"}', 10)

        assert [item.version for item in page.items] == ["v2", "v3"]

    @pytest.mark.parametrize(
        "token", ["", "{}", "null", "[]", '"v1"', '{"schema_id":"a"}', '{"schema_id":1,"version":"v1"}', "{"]
    )
    def test_a_token_that_is_none_is_refused(self, registry: DataShapeRegistry, token: str) -> None:
        message = refusal(lambda: registry.shapes(7, 3, token, 10), "data_shape_invalid")

        assert message == "data shape registry invalid data: invalid cursor"

    def test_a_page_of_nothing_is_refused(self, registry: DataShapeRegistry) -> None:
        message = refusal(lambda: registry.shapes(7, 3, None, 0), "data_shape_invalid")

        assert message == "data shape registry invalid data: schema list limit must be greater than zero"

    def test_riders_are_written_with_a_record_or_not_at_all(self, bench: DataShapeBench) -> None:
        bench.store.register(shape(), [note("registered")])

        with pytest.raises(RiderRefusedError):
            bench.store.register(shape(version="v2"), [note("second"), refused_note()])
        refusal(lambda: bench.store.register(shape(), [note("again")]), "data_shape_exists")
        stranger = Rider(kind="unheard-of", key="key", body=b"")
        refusal(lambda: bench.store.register(shape(version="v2"), [stranger]), "rider_kind")

        assert bench.store.rider_kinds == frozenset({NOTE})
        assert bench.store.get(7, 3, "facts", "v2") is None
        assert list(bench.notes()) == [note("registered")]

    def test_racing_registrations_never_pass_the_entry_limit(self, registry: DataShapeRegistry) -> None:
        outcomes = race([partial(registry.register, shape(version=f"v{n}")) for n in range(12)])

        assert outcomes.count(None) == MAX_ENTRIES
        assert len(registry.shapes(7, 3, None, 100).items) == MAX_ENTRIES


def refusal(call: Callable[[], object], code: str) -> str:
    """Return the message with which *call* is refused; its code must be *code*."""
    with pytest.raises(DecisionGateError) as refused:
        call()
    assert refused.value.code == code
    return str(refused.value)
