"""Field types that many records share."""

from typing import Annotated

import attrs

from decision_gate.core.integers import NonzeroU64
from decision_gate.core.json import JsonValue


@attrs.frozen
class FreeForm:
    """Mark a field that holds any JSON value as it is."""


TenantId = NonzeroU64
NamespaceId = NonzeroU64
Json = Annotated[JsonValue, FreeForm()]

OMIT_WHEN_NONE = {"omit": True}
"""Field metadata: a none is left out of the wire form instead of written as null (contract §3, rule of thumb)."""
