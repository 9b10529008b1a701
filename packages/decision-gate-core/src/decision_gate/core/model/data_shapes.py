"""Data shapes: versioned schemas of a tenant's namespace (contract §3.10)."""

import attrs

from decision_gate.core.model.primitives import OMIT_WHEN_NONE, Json, NamespaceId, TenantId
from decision_gate.core.timestamps import Timestamp


@attrs.frozen(kw_only=True)
class DataShapeRef:
    """Name of one version of a data shape."""

    schema_id: str
    version: str


@attrs.frozen(kw_only=True)
class DataShapeSignature:
    """Who vouches for a data shape."""

    key_id: str
    signature: str
    algorithm: str | None = attrs.field(default=None, metadata=OMIT_WHEN_NONE)


@attrs.frozen(kw_only=True)
class DataShapeRecord:
    """One immutable version of a schema."""

    tenant_id: TenantId
    namespace_id: NamespaceId
    schema_id: str
    version: str
    schema: Json
    description: str | None = None
    created_at: Timestamp
    signing: DataShapeSignature | None = attrs.field(default=None, metadata=OMIT_WHEN_NONE)


@attrs.frozen(kw_only=True)
class DataShapePage:
    """One page of data shapes; the token of the last item is given whenever the page is not empty."""

    items: tuple[DataShapeRecord, ...]
    next_token: str | None = None
