"""The registry of data shapes: immutable versions of schemas (contract §9.2)."""

from collections.abc import Sequence
from typing import Protocol

from decision_gate.core.errors import CallerError, StoreError
from decision_gate.core.model import DataShapePage, DataShapeRecord, NamespaceId, TenantId
from decision_gate.core.ports.runs import Rider


class DataShapeInvalidError(CallerError):
    """A schema, a limit or a cursor is refused."""

    code = "data_shape_invalid"

    def __init__(self, reason: str) -> None:
        super().__init__(f"data shape registry invalid data: {reason}")
        self.reason = reason


class DataShapesFullError(DataShapeInvalidError):
    """The namespace holds as many versions as it may."""

    code = "data_shapes_full"

    def __init__(self, count: int, limit: int) -> None:
        super().__init__(f"schema registry entry limit exceeded: {count} entries (max {limit})")


class DataShapeExistsError(CallerError):
    """This version is registered already; versions never change."""

    code = "data_shape_exists"

    def __init__(self) -> None:
        super().__init__("data shape registry conflict: schema already registered")


class DataShapeStoreError(StoreError):
    """The registry's store failed."""

    code = "data_shape_store"


class DataShapeRegistry(Protocol):
    """Durable data shapes, kept in canonical form."""

    @property
    def rider_kinds(self) -> frozenset[str]:
        """Kinds of riders this store was opened with."""
        ...

    def register(self, record: DataShapeRecord, riders: Sequence[Rider] = ()) -> None:
        """Store one version.

        Order of checks: size of the canonical schema, entries of the namespace, conflict.

        Raises:
            DataShapeInvalidError: ``schema exceeds size limit: N bytes (max M)``.
            DataShapesFullError: The namespace is full.
            DataShapeExistsError: The version is registered already.
            RiderRefusedError: A rider table refused; nothing is written.
        """
        ...

    def get(
        self, tenant_id: TenantId, namespace_id: NamespaceId, schema_id: str, version: str
    ) -> DataShapeRecord | None:
        """Return one version, none when it is not registered."""
        ...

    def shapes(self, tenant_id: TenantId, namespace_id: NamespaceId, cursor: str | None, limit: int) -> DataShapePage:
        """List versions in order of schema id bytes, then version bytes, strictly after *cursor*.

        The token of a page is the JSON text ``{"schema_id":…,"version":…}`` of its last item and is given
        whenever the page is not empty (contract §9.2).

        Raises:
            DataShapeInvalidError: ``schema list limit must be greater than zero`` or ``invalid cursor``.
        """
        ...

    def ready(self) -> None:
        """Return when the registry can commit.

        Raises:
            StoreUnavailableError: It cannot.
        """
        ...
